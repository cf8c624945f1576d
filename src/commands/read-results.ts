/**
 * Results of the gate from several files, as one. They may come from a run that a stranger controls: each is data of
 * limited size that the schema knows, and nothing in it is a path or a command.
 */
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { Comparison, GateResult } from '../compare/comparison.ts';
import { EXIT, UserError } from '../errors.ts';
import { gateResult } from '../gate.ts';
import { readResult } from './result-file.ts';

/** A result of ten scenarios with a hundred spans each is 2 MB. */
const MOST_BYTES = 32 * 1024 * 1024;

/** Of all together: they are held in memory. */
const MOST_BYTES_IN_ALL = 2 * MOST_BYTES;

/** More files are a mistake, or somebody who wants to keep us busy. */
const MOST_FILES = 200;

export interface NamedResult {
  /** Tells it from the others, such as the folder of its artifact. */
  readonly name: string;
  readonly result: GateResult;
}

/**
 * @param paths files, and folders in which all `*.json` are results; a file that is named twice is one result
 * @throws UserError `no-results`, `too-many-results`, `result-too-large`, `result-empty`, and as `readResult`
 */
export function readResults(paths: readonly string[]): readonly NamedResult[] {
  const files = withoutRepetition(paths.flatMap(filesIn));
  if (files.length === 0) throw noResults(paths);
  if (files.length > MOST_FILES) throw tooMany(files.length);
  let total = 0;
  const names = namesOf(files);
  return files.map((file, index) => {
    const { size } = statSync(file);
    total += size;
    if (size > MOST_BYTES || total > MOST_BYTES_IN_ALL) throw tooLarge(file, Math.max(size, total));
    const result = readResult(file);
    // Missing data is no pass.
    if (result.comparisons.length === 0) throw emptyResult(file);
    return { name: names[index] ?? '', result };
  });
}

/** One result with the scenarios of all; those of the same name get that of their file. */
export function mergedResults(results: readonly NamedResult[]): GateResult {
  const all = results.flatMap(({ name, result }) =>
    result.comparisons.map((comparison) => ({ name, comparison })),
  );
  const uses = new Map<string, number>();
  for (const { comparison } of all) uses.set(comparison.scenario, (uses.get(comparison.scenario) ?? 0) + 1);
  return gateResult(
    all.map(({ name, comparison }): Comparison => {
      const isShared = (uses.get(comparison.scenario) ?? 0) > 1;
      return isShared ? { ...comparison, scenario: `${comparison.scenario} (${name})` } : comparison;
    }),
  );
}

function filesIn(path: string): readonly string[] {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (status.isFile()) return [path];
  const entries = readdirSync(path, { recursive: true, withFileTypes: true });
  // A link could lead anywhere.
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function withoutRepetition(files: readonly string[]): readonly string[] {
  return [...new Map(files.map((file) => [realpathSync(file), file])).values()];
}

/** Paths below the folder that all are in; a file name that says nothing is left out. */
function namesOf(files: readonly string[]): readonly string[] {
  const folders = files.map((file) => dirname(file).split(sep));
  const [first = []] = folders;
  const differs = first.findIndex((part, index) => folders.some((folder) => folder[index] !== part));
  const common = differs < 0 ? first.length : differs;
  const isSame = new Set(files.map((file) => basename(file))).size === 1;
  return files.map((file, index) => {
    const folder = (folders[index] ?? []).slice(common).join('/');
    const name = basename(file, '.json');
    if (folder === '') return name;
    return isSame || name === 'spangate' ? folder : `${folder}/${name}`;
  });
}

function noResults(paths: readonly string[]): UserError {
  return new UserError({
    code: 'no-results',
    what: 'There is no result to read.',
    where: paths.join(', ') || 'no path was given',
    hint: 'Name files that `spangate gate -o` wrote, or a folder with them. In a workflow: is the artifact downloaded, and was it uploaded also where the gate failed (if: always())?',
    exitCode: EXIT.couldNotMeasure,
  });
}

function emptyResult(file: string): UserError {
  return new UserError({
    code: 'result-empty',
    what: 'The result has no scenario, so it says nothing.',
    where: { file },
    hint: 'Write it anew: spangate gate -o',
    exitCode: EXIT.couldNotMeasure,
  });
}

function tooMany(count: number): UserError {
  return new UserError({
    code: 'too-many-results',
    what: `There are ${count} files, and at most ${MOST_FILES} are read.`,
    hint: 'Name the files, or a folder with results alone.',
    exitCode: EXIT.usage,
  });
}

function tooLarge(file: string, size: number): UserError {
  return new UserError({
    code: 'result-too-large',
    what: `Results of ${Math.round(size / 1e6)} MB are not read.`,
    where: { file },
    hint: `One has at most ${Math.round(MOST_BYTES / 1e6)} MB, all together twice as much.`,
    exitCode: EXIT.usage,
  });
}
