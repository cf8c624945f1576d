import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { takeLock } from '../../../src/runner/checkout/checkout-lock.ts';

const CONTENDER = join(import.meta.dirname, 'fixtures', 'take-locks.mjs');

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spangate-test-'));
  path = join(folder, 'a.lock');
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** Takes the lock, and makes it that of another owner. */
function leave(change: Readonly<Record<string, unknown>>, at = path): void {
  takeLock(at);
  writeFileSync(at, JSON.stringify({ ...JSON.parse(readFileSync(at, 'utf8')), ...change }));
}

async function endedProcess(): Promise<number> {
  const child = spawn('/bin/true');
  await once(child, 'exit');
  return child.pid ?? -1;
}

test('a lock is had by one, until it is given back', () => {
  const first = takeLock(path);
  expect(first).not.toBeNull();
  expect(takeLock(path)).toBeNull();
  first?.[Symbol.dispose]();
  expect(readdirSync(folder)).toEqual([]);
  expect(takeLock(path)).not.toBeNull();
});

test('that of a process that ended is taken over', async () => {
  leave({ pid: await endedProcess() });
  expect(takeLock(path)).not.toBeNull();
  expect(takeLock(path)).toBeNull();
  expect(readdirSync(folder)).toEqual(['a.lock']);
});

test('that of a process whose id another one has by now is taken over', () => {
  leave({ startTime: 1 });
  expect(takeLock(path)).not.toBeNull();
});

test('that of before the last boot is taken over', () => {
  leave({ boot: 'earlier' });
  expect(takeLock(path)).not.toBeNull();
});

test('that of another machine or container is left alone until it was not touched for half an hour', () => {
  for (const other of [{ host: 'elsewhere' }, { namespace: 'pid:[1]' }]) {
    leave(other);
    expect(takeLock(path)).toBeNull();
    setAge(29);
    expect(takeLock(path)).toBeNull();
    setAge(31);
    const taken = takeLock(path);
    expect(taken).not.toBeNull();
    taken?.[Symbol.dispose]();
  }
});

test('a lock is touched as long as it is had', () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const lock = takeLock(path);
  setAge(31);
  vi.advanceTimersByTime(60_000);
  expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
  lock?.[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
});

function setAge(minutes: number): void {
  const then = new Date(Date.now() - minutes * 60_000);
  utimesSync(path, then, then);
}

test('one that is empty, as a power cut leaves it, is taken over', () => {
  writeFileSync(path, '');
  expect(takeLock(path)).not.toBeNull();
});

test('the former owner does not take away the lock of the next', async () => {
  const former = takeLock(path);
  writeFileSync(
    path,
    JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), pid: await endedProcess() }),
  );
  takeLock(path);
  former?.[Symbol.dispose]();
  expect(takeLock(path)).toBeNull();
});

test('of several that try to take over at once, one has it', async () => {
  const count = 60;
  const pid = await endedProcess();
  for (let number = 0; number < count; number += 1) leave({ pid }, join(folder, `${number}.lock`));
  const contenders = Array.from({ length: 4 }, () =>
    spawn(process.execPath, [CONTENDER, folder, String(count)]),
  );
  const outputs = contenders.map(linesOf);
  await Promise.all(outputs.map((lines) => lines.next()));
  writeFileSync(join(folder, 'go'), '');
  const taken: number[] = [];
  for (const lines of outputs) taken.push(...JSON.parse(String((await lines.next()).value)));
  await Promise.all(
    contenders.map((contender) => {
      contender.stdin.end();
      return once(contender, 'exit');
    }),
  );
  expect(taken.sort((left, right) => left - right)).toEqual(
    Array.from({ length: count }, (_, number) => number),
  );
});

function linesOf(child: ChildProcessWithoutNullStreams): AsyncIterator<string> {
  return createInterface({ input: child.stdout })[Symbol.asyncIterator]();
}
