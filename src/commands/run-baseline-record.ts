/** `spangate baseline record`: measures, and stores the result as the baseline. */
import { relative } from 'node:path';
import { historyFolder } from '../baseline/run-history.ts';
import type { BaselineStore } from '../config.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { recordBaselines } from '../gate.ts';
import type { Measurement } from '../measurement.ts';
import { formatMeasurement } from '../report/measurement-report.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { chosenConfig } from './chosen-config.ts';
import { type HandingOnOptions, openHandingOn } from './handing-on.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { page } from './page.ts';
import { openSharedBaselines } from './shared-baselines.ts';

export interface RecordOptions extends MeasuringOptions, HandingOnOptions {
  readonly force?: boolean;
}

export interface Recorded {
  readonly measurements: readonly Measurement[];
  /** Where each is stored: a sentence a scenario. */
  readonly sentences: readonly string[];
  /** Of baselines that are files: these and their folders, absolute. */
  readonly files: readonly string[];
}

export async function runBaselineRecord(world: World, options: RecordOptions): Promise<ExitCode> {
  const { measurements, sentences } = await recorded(world, options);
  for (const measurement of measurements) {
    world.stdout.write(formatMeasurement(measurement, 'terminal', page(world)));
  }
  for (const sentence of sentences) world.stderr.write(`spangate: ${sentence}\n`);
  return EXIT.pass;
}

/** The record without its report. */
export async function recorded(world: World, options: RecordOptions): Promise<Recorded> {
  const config = await chosenConfig(world, options);
  const files = config.scenarios.filter(({ baseline }) => baseline.kind === 'file');
  for (const { baseline } of files) assertWritable(baseline.path);
  await using handing = await openHandingOn(world, options);
  const { onSpans } = handing;
  await using shared = await openSharedBaselines(world, config);
  const measurements = await measuring(world, { ...options, onSpans, loaded: config }, (session) =>
    recordBaselines(shared.config, session.gateWorld, { force: options.force === true }),
  );
  const published = await shared.publish(recordMessage(measurements));
  const handedOn: Measurement[] = [];
  // What is stored is stored by now: that a tool was not there is no property of a baseline.
  for (const measurement of measurements) handedOn.push(await handing.handOnExamples(measurement));
  return {
    measurements: handedOn,
    files: files.flatMap(({ baseline }) => [baseline.path, historyFolder(baseline)]),
    sentences: [...files.map(({ name, baseline }) => fileSentence(world, name, baseline)), ...published],
  };
}

function recordMessage(measurements: readonly Measurement[]): string {
  const sha = measurements[0]?.commit?.sha.slice(0, 10) ?? 'no commit';
  return `Record ${measurements.map(({ scenario }) => scenario).join(', ')} of ${sha}`;
}

function fileSentence({ cwd }: World, name: string, baseline: BaselineStore): string {
  const file = `the baseline of ${name} is stored in ${relative(cwd, baseline.path)}`;
  if (baseline.history === 0) return `${file}; commit that file`;
  return `${file} and ${relative(cwd, historyFolder(baseline))}/; commit both`;
}
