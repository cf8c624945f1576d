/** One command that measures: its processes, its folder for logs and recordings, its progress. All of it ends here. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeMeasurementFile } from './baseline/measurement-file.ts';
import type { Config, Scenario } from './config.ts';
import type { GateWorld } from './gate.ts';
import type { Measurement } from './measurement.ts';
import { createProgress, type Progress } from './report/progress.ts';
import { readCommit } from './runner/commit.ts';
import { measure } from './runner/measure.ts';
import { createProcessRegistry, type ProcessRegistry } from './runner/process-registry.ts';
import { TOOL } from './tool.ts';
import type { World } from './world.ts';

export interface SessionOptions {
  readonly config: Config;
  readonly seed: number;
}

export interface Session extends AsyncDisposable {
  readonly gateWorld: GateWorld;
  readonly progress: Progress;
  readonly registry: ProcessRegistry;
  /** Logs of services and dependencies; removed when the session ends without `keepLogs`. */
  readonly directory: string;
  keepLogs(): void;
}

export async function openSession(world: World, options: SessionOptions): Promise<Session> {
  const directory = await mkdtemp(join(tmpdir(), 'spangate-'));
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
  const measureScenario: GateWorld['measure'] = async (scenario, { setUp, purpose }) => {
    runs += 1;
    const runDirectory = join(directory, `run-${runs}`);
    await mkdir(runDirectory);
    progress.scenario(scenario.name);
    progress.step(`${scenario.name}: ${purpose}, ${describe(scenario)}`);
    const last = join(projectFolder, '.spangate', 'last-run');
    return await measure({
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
      onRound: (soFar) => keepRound(last, soFar),
    });
  };
  return {
    gateWorld: { measure: measureScenario, now: world.now, seed: options.seed, tool: TOOL },
    progress,
    registry,
    directory,
    keepLogs() {
      isKept = true;
    },
    async [Symbol.asyncDispose]() {
      progress.done();
      await registry[Symbol.asyncDispose]();
      forgetExit();
      if (!isKept) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Finished rounds outlive whatever happens to the next one. The folder ignores itself, so nobody commits it. */
async function keepRound(folder: string, soFar: Measurement): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.gitignore'), '*\n');
  writeMeasurementFile(join(folder, `${soFar.scenario}.json.gz`), soFar);
}

function describe({ rounds }: Scenario): string {
  const instances = rounds.instances === 1 ? '1 instance' : `${rounds.instances} instances`;
  return `${rounds.count} rounds of ${rounds.durationSeconds} s with ${instances} each`;
}
