/** `spangate calibrate`: the same build in both arms, to see what a gate can find here. */
import { resolve } from 'node:path';
import { calibrateAll } from '../calibrate.ts';
import { defaultPolicy, PROFILES, type ProfileName } from '../config/defaults.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { formatCalibration } from '../report/calibration-report.ts';
import type { MeasurementFormat } from '../report/measurement-report.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { chosenConfig } from './chosen-config.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { page } from './page.ts';
import { writeReport } from './result-file.ts';
import { openSameBuild } from './same-build.ts';

export interface CalibrateCommandOptions extends MeasuringOptions {
  readonly rounds: number;
  readonly output?: string;
  readonly format: MeasurementFormat;
}

/** @throws UserError as `chosenConfig`, `setUpSides` and `calibrateAll` */
export async function runCalibrate(world: World, options: CalibrateCommandOptions): Promise<ExitCode> {
  const config = await chosenConfig(world, options);
  const output = options.output === undefined ? null : resolve(world.cwd, options.output);
  if (output !== null) assertWritable(output);
  const names = Object.keys(PROFILES) as ProfileName[];
  const result = await measuring(world, { ...options, loaded: config }, async (session) => {
    const cases = (await openSameBuild(world, session, config)).map((each) => ({
      ...each,
      names: { baseline: 'the service', candidate: 'itself' },
    }));
    return await calibrateAll(cases, session.togetherWorld, {
      rounds: options.rounds,
      profiles: names.map(defaultPolicy),
    });
  });
  if (output !== null) writeReport(output, formatCalibration(result, 'json'));
  world.stdout.write(formatCalibration(result, options.format, page(world)));
  return EXIT.pass;
}
