/** `spangate run`: measures, and compares with nothing. */
import { resolve } from 'node:path';
import { writeMeasurementFile } from '../baseline/measurement-file.ts';
import type { Config } from '../config.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { formatMeasurement, type MeasurementFormat } from '../report/measurement-report.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { chosenConfig } from './chosen-config.ts';
import { type HandingOnOptions, openHandingOn } from './handing-on.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { page } from './page.ts';

export interface RunOptions extends MeasuringOptions, HandingOnOptions {
  readonly output?: string;
  readonly format: MeasurementFormat;
}

export async function runMeasure(world: World, options: RunOptions): Promise<ExitCode> {
  const config = await chosenConfig(world, options);
  if (options.output !== undefined && config.scenarios.length > 1) throw severalScenarios(config);
  const output = options.output === undefined ? null : resolve(world.cwd, options.output);
  if (output !== null) assertWritable(output);
  await using handing = await openHandingOn(world, options);
  const { onSpans } = handing;
  let code: ExitCode = EXIT.pass;
  for (const scenario of config.scenarios) {
    const measurement = await measuring(world, { ...options, onSpans, loaded: config }, (session) =>
      session.gateWorld.measure(scenario, { setUp: true, purpose: 'candidate' }),
    );
    if (output !== null) writeMeasurementFile(output, measurement);
    const handedOn = await handing.handOnExamples(measurement);
    world.stdout.write(formatMeasurement(handedOn, options.format, page(world)));
    if (measurement.status !== 'complete') code = EXIT.couldNotMeasure;
  }
  return code;
}

function severalScenarios({ scenarios }: Config): UserError {
  return new UserError({
    code: 'output-of-one-scenario',
    what: `A measurement is of one scenario, and the configuration has ${scenarios.length}.`,
    where: '--output',
    hint: `Choose one with --scenario: ${scenarios.map((scenario) => scenario.name).join(', ')}.`,
    exitCode: EXIT.usage,
  });
}
