/** `spangate report`: prints a result that `spangate gate -o` wrote. */
import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '../errors.ts';
import type { World } from '../world.ts';
import { type HandingOnOptions, openHandingOn } from './handing-on.ts';
import { type PrintOptions, printResult } from './print-result.ts';
import { readResult } from './result-file.ts';

export interface ReportOptions extends PrintOptions, HandingOnOptions {
  readonly file: string;
}

export async function runReport(world: World, options: ReportOptions): Promise<ExitCode> {
  const result = readResult(resolve(world.cwd, options.file));
  await using handing = await openHandingOn(world, options);
  printResult(world, await handing.handOn(result), options);
  return EXIT.pass;
}
