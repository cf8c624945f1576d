/** `spangate gate`: measures, compares with the stored baseline or with a commit, reports. */
import type { ExitCode } from '../errors.ts';
import { exitCodeOf, gate } from '../gate.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { chosenConfig, withPolicy } from './chosen-config.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { filesOf, type PrintOptions, printResult } from './print-result.ts';
import { runGateAgainst } from './run-gate-against.ts';

export interface GateOptions extends MeasuringOptions, PrintOptions {
  readonly strict?: boolean;
  readonly requireBaseline?: boolean;
  /** Names base for git: then it is measured side by side with the work tree. */
  readonly against?: string;
}

export async function runGate(world: World, options: GateOptions): Promise<ExitCode> {
  if (options.against !== undefined) return await runGateAgainst(world, options, options.against);
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
