import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLogFile } from '../../src/runner/log-file.ts';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spangate-test-'));
  path = join(directory, 'logs', 'api.log');
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('last lines are those written since the file was opened', () => {
  writeFileSync(join(directory, 'api.log'), 'of an earlier run\n');
  using log = openLogFile(join(directory, 'api.log'));
  expect(log.lastLines()).toEqual([]);
  appendFileSync(log.path, 'one\n\ntwo\r\nthree');
  expect(log.lastLines()).toEqual(['one', 'two', 'three']);
  expect(log.lastLines(2)).toEqual(['two', 'three']);
});

test('last lines can be read after the file was closed', () => {
  const log = openLogFile(path);
  appendFileSync(path, 'the end\n');
  log[Symbol.dispose]();
  expect(log.lastLines()).toEqual(['the end']);
});

test('colours and control characters do not reach the reader', () => {
  using log = openLogFile(path);
  appendFileSync(
    path,
    '\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007\u0007 a\tb\u0000\n',
  );
  expect(log.lastLines()).toEqual(['red link a\tb']);
});

test('a long line is cut, and a long file is read at its end only', () => {
  using log = openLogFile(path);
  appendFileSync(path, `${'x'.repeat(500)}\n${'a line\n'.repeat(50_000)}${'y'.repeat(500)}\n`);
  expect(log.lastLines(1)[0]).toHaveLength(300);
  expect(log.lastLines(1)[0]).toMatch(/^y+…$/);
  expect(log.lastLines(1_000_000).length).toBeLessThan(10_000);
});

test('new text is given out once', () => {
  using log = openLogFile(path);
  appendFileSync(path, 'one');
  expect(log.readNew()).toBe('one');
  expect(log.readNew()).toBe('');
  appendFileSync(path, ' two');
  expect(log.readNew()).toBe(' two');
});
