/** `spangate compare`: compares two measurements that are there already. */
import { resolve } from 'node:path';
import { readMeasurementFile } from '../baseline/measurement-file.ts';
import { defaultPolicy } from '../config/defaults.ts';
import type { Scenario } from '../config.ts';
import type { ExitCode } from '../errors.ts';
import { compareMeasurements, exitCodeOf } from '../gate.ts';
import type { Measurement } from '../measurement.ts';
import { TOOL } from '../tool.ts';
import type { World } from '../world.ts';
import { chosenConfig } from './chosen-config.ts';
import { type PrintOptions, printResult } from './print-result.ts';

export interface CompareOptions extends PrintOptions {
  readonly baseline: string;
  readonly candidate: string;
  readonly config?: string;
}

export async function runCompare(world: World, options: CompareOptions): Promise<ExitCode> {
  const baseline = readMeasurementFile(resolve(world.cwd, options.baseline));
  const candidate = readMeasurementFile(resolve(world.cwd, options.candidate));
  const result = compareMeasurements(baseline, candidate, {
    scenario: await settingsFor(world, options, candidate),
    world: { now: world.now, seed: candidate.workload.seed, tool: TOOL },
  });
  printResult(world, result, options);
  return exitCodeOf(result);
}

/** Limits of the configuration where one is named, else the standard profile. */
async function settingsFor(
  world: World,
  options: CompareOptions,
  candidate: Measurement,
): Promise<Pick<Scenario, 'policy' | 'renames' | 'coverage'>> {
  const usual = { policy: defaultPolicy('standard') };
  if (options.config === undefined) return usual;
  const config = await chosenConfig(world, { config: options.config, scenario: [] });
  const scenario = config.scenarios.find((each) => each.name === candidate.scenario) ?? config.scenarios[0];
  return scenario ?? usual;
}
