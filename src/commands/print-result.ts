/** The result of a comparison, on stdout and in the files that were asked for. */
import { resolve } from 'node:path';
import type { GateResult } from '../compare/comparison.ts';
import { type Format, formatOfFile, formatResult } from '../report/format.ts';
import type { World } from '../world.ts';
import { page } from './page.ts';
import { writeReport } from './result-file.ts';

export interface ReportFile {
  readonly format: Format;
  readonly file: string;
}

export interface PrintOptions {
  /** On stdout. */
  readonly format: Format;
  /** File for the result as JSON, or as HTML where its name ends so. */
  readonly output?: string;
  /** Draws what changed, in a terminal. */
  readonly explain?: boolean;
  readonly report?: readonly ReportFile[];
}

/** The files that `printResult` writes, with absolute paths. */
export function filesOf(world: World, { output, report = [] }: PrintOptions): readonly ReportFile[] {
  const whole = output === undefined ? [] : [{ format: formatOfFile(output), file: output }];
  return [...whole, ...report].map(({ format, file }) => ({ format, file: resolve(world.cwd, file) }));
}

/** @throws UserError `report-not-written`, after it has printed what it could */
export function printResult(world: World, result: GateResult, options: PrintOptions): void {
  try {
    // Files first: a closed pipe on stdout must not cost them.
    for (const { format, file } of filesOf(world, options)) writeReport(file, formatResult(result, format));
  } finally {
    world.stdout.write(
      formatResult(result, options.format, { ...page(world), explain: options.explain === true }),
    );
  }
}
