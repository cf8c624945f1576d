/** The commands of one dependency, run for one target: migrate, seed, reset, state. */
import { join } from 'node:path';
import type { Dependency } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import { childEnvironment } from './child-environment.ts';
import { type CommandOutcome, runCommand } from './command.ts';
import { type DependencyPort, placeholdersOf, type Target, variablesOf } from './instance-target.ts';
import { fillAll, fillPlaceholders } from './placeholders.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { binFolders } from './service-process.ts';
import { exitText } from './start-failure.ts';

export type Step = 'migrate' | 'seed' | 'reset' | 'state';

export interface DependencyContext {
  readonly dependency: Dependency;
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
 * @throws UserError `dependency-migrate-failed` and so on, with the end of what it printed
 */
export async function runStep(context: DependencyContext, step: Step, target: Target): Promise<string> {
  const { dependency, registry, logDirectory } = context;
  const template = dependency[step];
  if (template === null) return '';
  const { command, env } = prepare(context, template, step, target);
  const logPath = join(logDirectory, `${dependency.name}-${step}.log`);
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
  throw stepFailed({ context, step, target, command, logPath, outcome });
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
  const how =
    outcome.exit === null
      ? `did not end within ${COMMAND_TIMEOUT_SECONDS} s`
      : `failed (${exitText(outcome.exit)})`;
  return new UserError({
    code: outcome.exit === null ? `dependency-${step}-timed-out` : `dependency-${step}-failed`,
    what: `The ${step} command of dependency ${name} ${how} for database ${target.database}: ${command}`,
    where: `dependencies.${name}.${step}`,
    hint: `Run it by hand in ${directory} with SPANGATE_DATABASE=${target.database} SPANGATE_INSTANCE=${target.instance} and the port of the dependency in PORT.`,
    detail: [`${logPath} ends with:`, ...(lines.length === 0 ? ['(it wrote nothing)'] : lines)],
    exitCode: EXIT.couldNotMeasure,
  });
}

function lastLinesOf(output: string): readonly string[] {
  return output
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-5);
}
