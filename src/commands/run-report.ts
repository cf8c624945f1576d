/** `spangate report`: prints a result that `spangate gate -o` wrote. */
import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '../errors.ts';
import { type Format, formatResult } from '../report/format.ts';
import type { World } from '../world.ts';
import { page } from './page.ts';
import { readResult } from './result-file.ts';

export interface ReportOptions {
  readonly file: string;
  readonly format: Format;
}

export async function runReport(world: World, options: ReportOptions): Promise<ExitCode> {
  const result = readResult(resolve(world.cwd, options.file));
  world.stdout.write(formatResult(result, options.format, page(world)));
  return EXIT.pass;
}
