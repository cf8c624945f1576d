/** `spangate baseline list`: what is stored, of which machine and commit, and what of it counts. */
import { dirname } from 'node:path';
import { listRuns } from '../baseline/run-list.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { runListText } from '../report/run-list.ts';
import { ancestryOf } from '../runner/ancestry.ts';
import type { World } from '../world.ts';
import { type ConfigOptions, chosenConfig } from './chosen-config.ts';
import { openSharedBaselines } from './shared-baselines.ts';

export async function runBaselineList(world: World, options: ConfigOptions): Promise<ExitCode> {
  await using shared = await openSharedBaselines(world, await chosenConfig(world, options));
  const { config } = shared;
  const directory = config.file === null ? world.cwd : dirname(config.file);
  const head = await ancestryOf({ directory, inherited: world.env, signal: world.signal }, 'HEAD');
  const texts: string[] = [];
  for (const { name, baseline } of config.scenarios) {
    texts.push(runListText(name, await listRuns(baseline, head)));
  }
  world.stdout.write(texts.join('\n'));
  return EXIT.pass;
}
