import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { watchCpu } from '../../src/runner/cpu-use.ts';

const children: ChildProcess[] = [];
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(
    children.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'close');
    }),
  );
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A leader of its own group that runs a script; returns its id once the script has printed something. */
async function leader(script: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? -1;
}

const COMPUTES = 'const until = Date.now() + 20000; while (Date.now() < until);';

test('a thread that computes all the time is busy all the time, whoever shares its core', async () => {
  const busy = await leader(`console.log(1); setTimeout(() => { ${COMPUTES} }, 5);`);
  const idle = await leader('console.log(1); setInterval(() => {}, 1000);');
  await vi.waitFor(
    () => {
      const watch = watchCpu([busy, idle]);
      spin(200);
      const [first, second] = watch();
      expect(first?.busiestThread).toBeGreaterThan(0.9);
      // At least a tenth of a core, however many others want it.
      expect(first?.cpu).toBeGreaterThan(0.1);
      expect(second?.busiestThread).toBeLessThan(0.3);
      expect(second?.cpu).toBeLessThan(0.3);
    },
    { timeout: 10_000 },
  );
});

test('a child that left the group of its parent counts with it', async () => {
  const parent = await leader(
    `const { spawn } = require('node:child_process');
     const child = spawn(process.execPath, ['-e', ${JSON.stringify(COMPUTES)}], { detached: true, stdio: 'ignore' });
     process.on('SIGTERM', () => { child.kill('SIGKILL'); process.exit(); });
     console.log(1); setInterval(() => {}, 1000);`,
  );
  try {
    await vi.waitFor(
      () => {
        const watch = watchCpu([parent]);
        spin(200);
        expect(watch()[0]?.busiestThread).toBeGreaterThan(0.9);
      },
      { timeout: 10_000 },
    );
  } finally {
    process.kill(parent, 'SIGTERM');
    await vi.waitFor(() => expect(() => process.kill(parent, 0)).toThrow(), { timeout: 5000 });
  }
});

test('what cannot be read is not known', () => {
  const empty = mkdtempSync(join(tmpdir(), 'spangate-proc-'));
  folders.push(empty);
  expect(watchCpu([1], () => 0, empty)()).toEqual([{ cpu: null, demand: null, busiestThread: null }]);
  expect(watchCpu([])()).toEqual([]);
});

test('ticks of processes and of children that have ended make cores, ticks of a thread its share', () => {
  const proc = mkdtempSync(join(tmpdir(), 'spangate-proc-'));
  folders.push(proc);
  let milliseconds = 0;
  writeProcess(proc, { pid: 50, group: 50, own: 10, children: 5 });
  writeProcess(proc, { pid: 60, group: 60, parent: 50, own: 100 });
  const watch = watchCpu([50], () => milliseconds, proc);
  milliseconds = 2000;
  // 60 has ended after another 20 ticks, and 50 has waited for it.
  rmSync(join(proc, '60'), { recursive: true });
  writeProcess(proc, { pid: 50, group: 50, own: 60, children: 125 });
  expect(watch()).toEqual([
    { cpu: expect.closeTo((50 + 20) / 100 / 2), demand: null, busiestThread: 50 / 100 / 2 },
  ]);
});

test('the statistics of the scheduler are preferred: they know how long a thread waited for a CPU', () => {
  const proc = mkdtempSync(join(tmpdir(), 'spangate-proc-'));
  folders.push(proc);
  let milliseconds = 0;
  writeProcess(proc, { pid: 50, group: 50, own: 0, scheduled: '1000000000 2000000000 10' });
  const watch = watchCpu([50], () => milliseconds, proc);
  milliseconds = 1000;
  writeProcess(proc, { pid: 50, group: 50, own: 40, scheduled: '1400000000 2500000000 90' });
  expect(watch()).toEqual([{ cpu: 0.4, demand: expect.closeTo(0.9), busiestThread: expect.closeTo(0.9) }]);
});

interface MadeUpProcess {
  readonly pid: number;
  readonly group: number;
  readonly parent?: number;
  /** Ticks. */
  readonly own: number;
  readonly children?: number;
  readonly scheduled?: string;
}

function writeProcess(
  proc: string,
  { pid, group, parent = 1, own, children = 0, scheduled }: MadeUpProcess,
): void {
  const thread = join(proc, String(pid), 'task', String(pid));
  mkdirSync(thread, { recursive: true });
  const fields = ['S', parent, group, ...Array(8).fill(0), own, 0, children, 0, 20, 0, 1, 0, 777, 0];
  const line = `${pid} (a) strange) name) ${fields.join(' ')}\n`;
  writeFileSync(join(proc, String(pid), 'stat'), line);
  writeFileSync(join(thread, 'stat'), line);
  if (scheduled !== undefined) writeFileSync(join(thread, 'schedstat'), `${scheduled}\n`);
}

/** Lets wall time pass without a timer that somebody else's load could stretch. */
function spin(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
