import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { descendantsOf, listeningPorts, livingProcesses, parseStat } from '../../src/runner/process-table.ts';

const TAIL = '0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000000 500';

test.each([
  ['1234 (node) S 1 1200 1200', { pid: 1234, parent: 1, group: 1200, startTime: 987_654 }],
  ['1234 (a (b) c) d) R 99 1234 1234', { pid: 1234, parent: 99, group: 1234, startTime: 987_654 }],
  ['1234 (defunct) Z 1 1200 1200', null],
  ['1234 (gone) X 1 1200 1200', null],
])('reads %s', (head, expected) => {
  expect(parseStat(`${head} ${TAIL}`)).toEqual(expected);
});

test('a line that was cut off is no process', () => {
  expect(parseStat('1234 (node) S 1 1200')).toBeNull();
});

test('descendants are found in whatever order the table has them', () => {
  const entry = (pid: number, parent: number) => ({ pid, parent, group: pid, startTime: 0 });
  const table = [entry(5, 4), entry(4, 2), entry(2, 1), entry(3, 1), entry(9, 8)];
  expect(
    descendantsOf(table, new Set([2]))
      .map(({ pid }) => pid)
      .sort(),
  ).toEqual([4, 5]);
});

test.runIf(process.platform === 'linux')('this process lives, with its parent', () => {
  const own = livingProcesses()?.find(({ pid }) => pid === process.pid);
  expect(own?.parent).toBe(process.ppid);
});

test.runIf(process.platform === 'linux')('the ports a process listens on are found', async () => {
  const before = listeningPorts([process.pid]);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  expect(before).not.toContain(port);
  expect(listeningPorts([process.pid])).toContain(port);
  expect(listeningPorts([process.pid])).toEqual(listeningPorts([process.pid]).toSorted((a, b) => a - b));
  server.close();
});

test('a system without a process table has none', () => {
  expect(livingProcesses('/no/such/proc')).toBeNull();
});
