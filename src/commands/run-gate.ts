/** `spangate gate`: measures, compares with the stored baseline, reports. */
import type { ExitCode } from '../errors.ts';
import { exitCodeOf, gate } from '../gate.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { chosenConfig, withPolicy } from './chosen-config.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { filesOf, type PrintOptions, printResult } from './print-result.ts';

export interface GateOptions extends MeasuringOptions, PrintOptions {
  readonly strict?: boolean;
  readonly requireBaseline?: boolean;
}

export async function runGate(world: World, options: GateOptions): Promise<ExitCode> {
  const config = withPolicy(await chosenConfig(world, options), (policy) => ({
    ...policy,
    strict: policy.strict || options.strict === true,
    requireBaseline: policy.requireBaseline || options.requireBaseline === true,
  }));
  for (const { file } of filesOf(world, options)) assertWritable(file);
  const result = await measuring(world, { ...options, loaded: config }, (session) =>
    gate(config, session.gateWorld),
  );
  printResult(world, result, options);
  return exitCodeOf(result);
}
