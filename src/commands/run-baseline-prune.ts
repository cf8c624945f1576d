/** `spangate baseline prune`: removes stored runs that are too many or too old. */
import { dirname } from 'node:path';
import { anchorRun, isDate } from '../baseline/baseline-choice.ts';
import { pruneRuns } from '../baseline/prune.ts';
import { storedRuns } from '../baseline/run-history.ts';
import type { BaselineStore, Config } from '../config.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { ancestryOf } from '../runner/ancestry.ts';
import type { World } from '../world.ts';
import { type ConfigOptions, chosenConfig } from './chosen-config.ts';
import { openSharedBaselines } from './shared-baselines.ts';

export interface PruneCommandOptions extends ConfigOptions {
  /** Newest runs of each machine that stay; absent: `baseline.history`. */
  readonly keep?: number;
  readonly olderThanDays?: number;
}

const DAY_MS = 86_400_000;

export async function runBaselinePrune(world: World, options: PruneCommandOptions): Promise<ExitCode> {
  await using shared = await openSharedBaselines(world, await chosenConfig(world, options));
  const { olderThanDays } = options;
  const before =
    olderThanDays === undefined ? null : new Date(world.now().getTime() - olderThanDays * DAY_MS);
  for (const { name, baseline } of shared.config.scenarios) {
    const fixed = await anchorPaths(world, shared.config, baseline);
    const keep = Math.max(1, options.keep ?? baseline.history);
    const removed = pruneRuns(baseline, { keep, before, fixed });
    const left = storedRuns(baseline).length;
    world.stdout.write(`${name}: ${removed.length} removed, ${left} left\n`);
  }
  for (const sentence of await shared.publish('Remove old runs')) {
    world.stderr.write(`spangate: ${sentence}\n`);
  }
  return EXIT.pass;
}

/** Of every machine: the run of the anchor is never removed. */
async function anchorPaths(
  world: World,
  { file }: Config,
  baseline: BaselineStore,
): Promise<ReadonlySet<string>> {
  const { anchor } = baseline;
  if (anchor === undefined) return new Set();
  const directory = file === null ? world.cwd : dirname(file);
  const git = { directory, inherited: world.env, signal: world.signal };
  const ancestry = isDate(anchor) ? null : await ancestryOf(git, anchor);
  const runs = storedRuns(baseline);
  const machines = new Set(runs.map(({ fingerprint }) => fingerprint));
  return new Set(
    [...machines].flatMap((machine) => anchorRun(runs, machine, { name: anchor, ancestry })?.path ?? []),
  );
}
