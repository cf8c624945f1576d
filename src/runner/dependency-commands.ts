/** The commands of one dependency, run for one target: migrate, seed, reset, state. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Dependency } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import type { Arm } from '../measurement.ts';
import { childEnvironment } from './child-environment.ts';
import { type CommandOutcome, runCommand } from './command.ts';
import { type DependencyPort, placeholdersOf, type Target, variablesOf } from './instance-target.ts';
import { ofArm } from './of-arm.ts';
import { fillAll, fillPlaceholders } from './placeholders.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { binFolders } from './service-process.ts';
import { exitText } from './start-failure.ts';

export type Step = 'migrate' | 'seed' | 'reset' | 'state';

export interface DependencyContext {
  readonly dependency: Dependency;
  /** Whose commands they are; null where one build is measured alone. */
  readonly arm: Arm | null;
  /** Of all dependencies. */
  readonly ports: readonly DependencyPort[];
  readonly registry: ProcessRegistry;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly logDirectory: string;
}

/** Longer than any seed that belongs in a gate of minutes: it only stops a command that hangs. */
const COMMAND_TIMEOUT_SECONDS = 600;

/**
 * @returns what the command printed, for `state`; '' for the others, and where the dependency has no such command
 * @throws UserError `dependency-migrate-failed` and so on, with the end of what it printed; `folder-not-found`
 */
export async function runStep(context: DependencyContext, step: Step, target: Target): Promise<string> {
  const { dependency, registry } = context;
  const template = dependency[step];
  if (template === null) return '';
  if (!existsSync(dependency.directory)) throw ofArm(folderNotFound(context), context.arm);
  const { command, env } = prepare(context, template, step, target);
  const logPath = logPathOf(context, step);
  const outcome = await runCommand({
    command,
    directory: dependency.directory,
    env,
    logPath,
    registry,
    timeoutSeconds: COMMAND_TIMEOUT_SECONDS,
    capture: step === 'state',
  });
  if (outcome.exit?.code === 0) return outcome.output.trim();
  throw ofArm(stepFailed({ context, step, target, command, logPath, outcome }), context.arm);
}

/** @param step null for the log of the server */
export function logPathOf(context: DependencyContext, step: Step | null): string {
  const parts = [context.dependency.name, step, context.arm].filter((part) => part !== null);
  return join(context.logDirectory, `${parts.join('-')}.log`);
}

/** Command and environment, with placeholders filled in; also that of `start`. */
export function prepare(
  context: Pick<DependencyContext, 'dependency' | 'ports' | 'inherited'>,
  template: string,
  key: Step | 'start',
  target: Target,
): { command: string; env: Readonly<Record<string, string>>; withheld: readonly string[] } {
  const { dependency, ports, inherited } = context;
  const port = ports.find(({ name }) => name === dependency.name)?.port ?? null;
  const own = port === null ? {} : { port: String(port) };
  const placeholders = { ...placeholdersOf(target, ports), ...own };
  const where = `dependencies.${dependency.name}`;
  const { env, withheld } = childEnvironment({
    inherited,
    ours: { ...variablesOf(target, ports), ...(port === null ? {} : { PORT: String(port) }) },
    configured: fillAll(dependency.env, placeholders, `${where}.env`),
    path: binFolders(dependency.directory),
  });
  return { command: fillPlaceholders(template, placeholders, `${where}.${key}`), env, withheld };
}

function folderNotFound({ dependency: { name, directory }, arm }: DependencyContext): UserError {
  return new UserError({
    code: 'folder-not-found',
    what: `The folder of dependency ${name} does not exist: ${directory}`,
    where: `dependencies.${name}.directory`,
    hint:
      arm === null
        ? 'Folders are relative to the configuration file.'
        : 'Each build runs the commands in its own files: name a folder that both have.',
    exitCode: EXIT.couldNotMeasure,
  });
}

function stepFailed(failed: {
  readonly context: DependencyContext;
  readonly step: Step;
  readonly target: Target;
  readonly command: string;
  readonly logPath: string;
  readonly outcome: CommandOutcome;
}): UserError {
  const { context, step, target, command, logPath, outcome } = failed;
  const { name, directory } = context.dependency;
  const lines = [...outcome.lastLines, ...lastLinesOf(outcome.output)];
  const variables = Object.entries(variablesOf(target, []))
    .map(([variable, value]) => `${variable}=${value}`)
    .join(' ');
  const how =
    outcome.exit === null
      ? `did not end within ${COMMAND_TIMEOUT_SECONDS} s`
      : `failed (${exitText(outcome.exit)})`;
  return new UserError({
    code: outcome.exit === null ? `dependency-${step}-timed-out` : `dependency-${step}-failed`,
    what: `The ${step} command of dependency ${name} ${how} for database ${target.database}: ${command}`,
    where: `dependencies.${name}.${step}`,
    hint: `Run it by hand in ${directory} with ${variables} and the port of the dependency in PORT.${templateHint(failed)}`,
    detail: [`${logPath} ends with:`, ...(lines.length === 0 ? ['(it wrote nothing)'] : lines)],
    exitCode: EXIT.couldNotMeasure,
  });
}

/** Commands that were written for one build may name the template by the name that it has there. */
function templateHint({
  context,
  step,
}: {
  readonly context: DependencyContext;
  readonly step: Step;
}): string {
  const { arm, dependency } = context;
  if (arm === null || step !== 'reset' || dependency.scope !== 'per-instance') return '';
  return ' Each build has a template of its own: its name is in SPANGATE_TEMPLATE, and "spangate_template" is none of them.';
}

function lastLinesOf(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-5);
}
