/** `spangate merge`: the results of several jobs as one verdict. */
import { resolve } from 'node:path';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { exitCodeOf } from '../gate.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { filesOf, type PrintOptions, printResult } from './print-result.ts';
import { mergedResults, readResults } from './read-results.ts';

export interface MergeOptions extends PrintOptions {
  readonly paths: readonly string[];
  /** Fewer results are no verdict. */
  readonly expected?: number;
}

export async function runMerge(world: World, options: MergeOptions): Promise<ExitCode> {
  for (const { file } of filesOf(world, options)) assertWritable(file);
  const results = readResults(options.paths.map((path) => resolve(world.cwd, path)));
  assertComplete(results.length, options.expected ?? null);
  const result = mergedResults(results);
  printResult(world, result, options);
  return exitCodeOf(result);
}

/**
 * A job that was cancelled, or never came to its end, is no pass.
 *
 * @throws UserError `results-missing`
 */
export function assertComplete(found: number, expected: number | null): void {
  if (expected === null || found >= expected) return;
  throw new UserError({
    code: 'results-missing',
    what: `${found} of ${expected} results are there, so there is no verdict.`,
    where: 'expected',
    hint: 'See which job did not end, and whether its upload step runs also where the gate failed (if: always()).',
    exitCode: EXIT.couldNotMeasure,
  });
}
