/** One command that measures: its processes, its folder for logs and recordings, its progress. All of it ends here. */
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Config, Scenario } from '../config.ts';
import type { NotMeasured } from '../each-scenario.ts';
import { EXIT, UserError } from '../errors.ts';
import type { GateWorld, MeasuringPurpose } from '../gate.ts';
import type { TogetherWorld } from '../gate-together.ts';
import { createProgress, type Progress } from '../report/progress.ts';
import { ancestryOf } from '../runner/ancestry.ts';
import { readCommit } from '../runner/commit.ts';
import { measure } from '../runner/measure.ts';
import { createProcessRegistry, type ProcessRegistry } from '../runner/process-registry.ts';
import type { SpanTaker } from '../runner/round-options.ts';
import { openTogether } from '../runner/together/open-together.ts';
import { TOOL } from '../tool.ts';
import type { World } from '../world.ts';
import { FinishedRounds } from './finished-rounds.ts';
import { announced, planText, withoutRounds } from './together-plan.ts';

export interface SessionOptions {
  readonly config: Config;
  readonly seed: number;
  /** Gets the spans of every round that counts for a verdict or a baseline. */
  readonly onSpans?: SpanTaker | undefined;
}

/** Sentences about what a session leaves behind, for the user. */
export interface LeftBehind {
  /** Empty where no round was finished. */
  readonly rounds: readonly string[];
  /** Empty where they were not to be kept, or nothing was written to them. */
  readonly logs: readonly string[];
}

export interface Session {
  readonly gateWorld: GateWorld;
  readonly togetherWorld: TogetherWorld;
  readonly progress: Progress;
  readonly registry: ProcessRegistry;
  /** Logs of services and dependencies; removed when the session ends without `keepLogs`. */
  readonly directory: string;
  /** A folder in `directory`, made if it is not there. */
  folder(name: string): Promise<string>;
  keepLogs(): void;
  /** Nothing that the session has started runs when it settles. */
  end(): Promise<LeftBehind>;
}

const PURPOSES: Readonly<Record<MeasuringPurpose, string>> = {
  candidate: 'measuring',
  baseline: 'measuring the baseline',
  confirmation: 'confirming what looked worse',
  look: 'a first look',
};

/** @throws UserError `no-temporary-folder` */
export async function openSession(world: World, options: SessionOptions): Promise<Session> {
  const directory = await temporaryFolder();
  const registry = createProcessRegistry({
    runId: `${options.seed.toString(16)}${world.now().getTime().toString(36)}`,
    signal: world.signal,
  });
  const forgetExit = world.onExit(() => registry.killAll());
  const progress = createProgress({
    stream: world.stderr,
    isTTY: world.stderr.isTTY === true,
    env: world.env,
    now: () => performance.now(),
  });
  let runs = 0;
  let isKept = false;
  const projectFolder = options.config.file === null ? world.cwd : dirname(options.config.file);
  const finished = new FinishedRounds(join(projectFolder, '.spangate', 'last-run'));
  const measureScenario: GateWorld['measure'] = async (scenario, { setUp, purpose }) => {
    runs += 1;
    const runDirectory = join(directory, `run-${runs}`);
    await mkdir(runDirectory);
    progress.scenario(scenario.name);
    progress.step(`${scenario.name}: ${PURPOSES[purpose]}, ${describe(scenario)}`);
    const measurement = await measure({
      scenario,
      seed: options.seed + runs,
      inherited: world.env,
      registry,
      directory: runDirectory,
      setUp,
      progress,
      now: world.now,
      commit: await readCommit(projectFolder),
      tool: TOOL,
      onSpans: purpose === 'look' ? undefined : options.onSpans,
      onRound: async (soFar) => {
        if (purpose === 'look') return;
        const problem = finished.keep(soFar, { isConfirmation: purpose === 'confirmation' });
        if (problem !== null) progress.warn(problem);
      },
    });
    isKept ||= measurement.warnings.some((warning) => EXPLAINED_BY_LOGS.has(warning.code));
    return measurement;
  };
  const openScenario: TogetherWorld['openTogether'] = async (each) => {
    runs += 1;
    const runDirectory = join(directory, `run-${runs}`);
    await mkdir(runDirectory);
    progress.scenario(each.scenario.name);
    const run = await openTogether({
      ...each.arms,
      ...(each.env && { env: each.env }),
      seed: options.seed + runs,
      inherited: world.env,
      registry,
      directory: runDirectory,
      progress: withoutRounds(progress),
      now: world.now,
      tool: TOOL,
      onSpans: options.onSpans,
      onRound: async (stage, soFar) => {
        for (const measurement of [soFar.base, soFar.head]) {
          isKept ||= measurement.warnings.some((warning) => EXPLAINED_BY_LOGS.has(warning.code));
          const problem = finished.keep(measurement, { isConfirmation: stage === 'confirm' });
          if (problem !== null) progress.warn(problem);
        }
      },
    });
    progress.step(planText(each, run));
    // Before minutes are spent: what this run will not be able to see.
    for (const { message } of run.warnings) progress.warn(message);
    return announced(run, progress, each);
  };
  const notMeasured: NotMeasured = (scenario, { message, detail }) => {
    isKept = true;
    progress.warn([`${scenario}: ${message}`, ...detail].join('\n'));
  };
  return {
    gateWorld: {
      measure: measureScenario,
      notMeasured,
      ancestryOf: (name) =>
        ancestryOf({ directory: projectFolder, inherited: world.env, signal: world.signal }, name),
      now: world.now,
      seed: options.seed,
      tool: TOOL,
    },
    togetherWorld: {
      openTogether: openScenario,
      tell: ({ message }) => progress.warn(message),
      notMeasured,
      now: world.now,
      seed: options.seed,
      tool: TOOL,
    },
    progress,
    registry,
    directory,
    async folder(name) {
      const path = join(directory, name);
      await mkdir(path, { recursive: true });
      return path;
    },
    keepLogs() {
      isKept = true;
    },
    async end() {
      progress.done();
      await registry[Symbol.asyncDispose]();
      forgetExit();
      const rounds = finished.sentences((file) => relative(world.cwd, file));
      if (isKept && !world.signal.aborted && (await hasLogs(directory))) {
        return { rounds, logs: [`logs of the services are in ${directory}`] };
      }
      await rm(directory, { recursive: true, force: true });
      return { rounds, logs: [] };
    },
  };
}

/** Warnings of a finished measurement whose reason is in the log of a service. */
const EXPLAINED_BY_LOGS: ReadonlySet<string> = new Set([
  'service-hung-at-stop',
  'dependency-hung-at-stop',
  'unexpected-answers',
]);

async function temporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), 'spangate-'));
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new UserError({
      code: 'no-temporary-folder',
      what: `No folder for logs and recordings can be made in ${tmpdir()} (${code}).`,
      hint: 'Make room there, or name another folder by the variable TMPDIR.',
      exitCode: EXIT.couldNotMeasure,
      cause,
    });
  }
}

/** Takes away what is no log, and says whether any of the rest has text. */
async function hasLogs(directory: string): Promise<boolean> {
  let found = false;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory() && entry.name.startsWith('recordings-')) await rm(path, { recursive: true });
    else if (entry.name.endsWith('.log')) found ||= (await stat(path)).size > 0;
  }
  return found;
}

function describe({ rounds }: Scenario): string {
  const count = rounds.count === 1 ? '1 round' : `${rounds.count} rounds`;
  const instances = rounds.instances === 1 ? '1 instance' : `${rounds.instances} instances each`;
  return `${count} of ${rounds.durationSeconds} s with ${instances}`;
}
