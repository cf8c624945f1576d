import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mergedResults, readResults } from '../../src/commands/read-results.ts';
import type { GateResult } from '../../src/compare/comparison.ts';
import { EXIT } from '../../src/errors.ts';
import { formatResult } from '../../src/report/format.ts';
import { CASES } from '../report/cases.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spangate-results-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function written(path: string, change: Partial<GateResult> = {}): string {
  const { pass } = CASES;
  if (!pass) throw new Error('no case');
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, formatResult({ ...pass, ...change }, 'json'));
  return file;
}

test.each([
  ['files of one folder', ['a.json', 'b.json'], ['a', 'b']],
  [
    'files of several folders',
    ['x/node-20/spangate.json', 'x/node-22/spangate.json'],
    ['node-20', 'node-22'],
  ],
  ['files that are called alike', ['node-20/result.json', 'node-22/result.json'], ['node-20', 'node-22']],
  ['one in the folder of others', ['spangate.json', 'web/old.json'], ['spangate', 'web/old']],
])('%s that are named one by one are told apart by their paths', (_, paths, names) => {
  const results = readResults(paths.map((path) => written(path)));
  expect(results.map(({ name }) => name)).toEqual(names);
  const scenarios = mergedResults(results).comparisons.map(({ scenario }) => scenario);
  expect(scenarios).toEqual(names.map((name) => expect.stringMatching(new RegExp(`\\(${name}\\)$`))));
});

test('a file that is named twice is one result', () => {
  const file = written('a.json');
  expect(readResults([file, folder, `${folder}/../${folder.split('/').at(-1)}/a.json`])).toHaveLength(1);
});

test('a result without any scenario is no pass', () => {
  const file = written('a.json', { comparisons: [] });
  expect(() => readResults([file])).toThrow(
    expect.objectContaining({ code: 'result-empty', exitCode: EXIT.couldNotMeasure }),
  );
});
