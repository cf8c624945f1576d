import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLines } from '../../../src/telemetry/logs/log-file-reader.ts';

const folder = mkdtempSync(join(tmpdir(), 'spangate-lines-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function linesOf(text: string, options: { readonly from?: number; readonly mostBytes?: number } = {}) {
  const path = join(folder, 'service.log');
  writeFileSync(path, text);
  const lines: string[] = [];
  const { dropped } = readLines({ path, from: 0, ...options }, (line) => lines.push(line));
  return { lines, dropped };
}

test('lines are read to the last one, which may have no end', () => {
  expect(linesOf('one\n\ntwo ☂\r\nthree')).toEqual({ lines: ['one', '', 'two ☂', 'three'], dropped: 0 });
});

test('what was in the file before the service began is not its own', () => {
  expect(linesOf('old\nnew\n', { from: 4 }).lines).toEqual(['new']);
});

test('characters and lines that lie across two chunks are whole', () => {
  const line = `${'☂'.repeat(1000)}!`;
  const { lines } = linesOf(`${line}\n`.repeat(1000));
  expect(lines.length).toBe(1000);
  expect(lines.every((each) => each === line)).toBe(true);
});

test('a line without end is cut, counted, and the next one is read', () => {
  const { lines, dropped } = linesOf(`${'x'.repeat(3_000_000)}\nnext\n`);
  expect(lines.map(({ length }) => length)).toEqual([64 * 1024, 4]);
  expect(dropped).toBe(1);
});

test('of a file beyond the limit the rest is counted as lost', () => {
  expect(linesOf('one\ntwo\nthree\n', { mostBytes: 8 })).toEqual({ lines: ['one', 'two'], dropped: 1 });
});
