/** `spangate baseline record`: measures, and stores the result as the baseline. */
import { relative } from 'node:path';
import { historyFolder } from '../baseline/run-history.ts';
import type { BaselineStore } from '../config.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { recordBaselines } from '../gate.ts';
import { formatMeasurement } from '../report/measurement-report.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { chosenConfig } from './chosen-config.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { page } from './page.ts';

export interface RecordOptions extends MeasuringOptions {
  readonly force?: boolean;
}

export async function runBaselineRecord(world: World, options: RecordOptions): Promise<ExitCode> {
  const config = await chosenConfig(world, options);
  for (const { baseline } of config.scenarios) assertWritable(baseline.path);
  const measurements = await measuring(world, { ...options, loaded: config }, (session) =>
    recordBaselines(config, session.gateWorld, { force: options.force === true }),
  );
  for (const measurement of measurements) {
    world.stdout.write(formatMeasurement(measurement, 'terminal', page(world)));
  }
  for (const { name, baseline } of config.scenarios) {
    world.stderr.write(
      `spangate: the baseline of ${name} is stored in ${relative(world.cwd, baseline.path)}${commitText(world, baseline)}\n`,
    );
  }
  return EXIT.pass;
}

function commitText({ cwd }: World, baseline: BaselineStore): string {
  if (baseline.history === 0) return '; commit that file';
  return ` and ${relative(cwd, historyFolder(baseline))}/; commit both`;
}
