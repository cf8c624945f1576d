/** `spangate selftest`: changes the service by a known amount, and shows that the gate catches it. */
import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '../errors.ts';
import type { MeasurementFormat } from '../report/measurement-report.ts';
import { formatSelfTest } from '../report/selftest-report.ts';
import { assertRequests } from '../runner/load-command/assert-requests.ts';
import { selfTestAll } from '../selftest.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { chosenConfig } from './chosen-config.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { page } from './page.ts';
import { writeReport } from './result-file.ts';
import { openSameBuild } from './same-build.ts';

export interface SelfTestCommandOptions extends MeasuringOptions {
  readonly span?: string;
  readonly output?: string;
  readonly format: MeasurementFormat;
}

/** @throws UserError as `chosenConfig`, `setUpSides` and `selfTestAll` */
export async function runSelfTest(world: World, options: SelfTestCommandOptions): Promise<ExitCode> {
  const config = await chosenConfig(world, options);
  for (const scenario of config.scenarios) assertRequests(scenario, 'selftest');
  const output = options.output === undefined ? null : resolve(world.cwd, options.output);
  if (output !== null) assertWritable(output);
  const result = await measuring(world, { ...options, loaded: config }, async (session) => {
    const cases = (await openSameBuild(world, session, config)).map((each) => ({
      ...each,
      names: { baseline: 'as it is', candidate: 'changed' },
    }));
    const selfTestWorld = { ...session.togetherWorld, measure: session.gateWorld.measure };
    return await selfTestAll(cases, selfTestWorld, options.span === undefined ? {} : { span: options.span });
  });
  if (output !== null) writeReport(output, formatSelfTest(result, 'json'));
  world.stdout.write(formatSelfTest(result, options.format, page(world)));
  if (result.tests.some(({ verdict }) => verdict === 'error')) return EXIT.couldNotMeasure;
  return result.passed ? EXIT.pass : EXIT.regression;
}
