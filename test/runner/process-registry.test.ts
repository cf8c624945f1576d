import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FIXTURES, livingOf, openBench, ports } from './process-bench.ts';

const PHASES = ['starting', 'running', 'command', 'stopping'] as const;

/** A CI kills 10 s after it asked politely. */
const CLEAN_UP_MS = 7_000;

let logs: string;
let runs = 0;
const hosts: ChildProcess[] = [];

beforeEach(() => {
  logs = mkdtempSync(join(tmpdir(), 'spangate-test-'));
});

afterEach(() => {
  for (const host of hosts.splice(0)) host.kill('SIGKILL');
  rmSync(logs, { recursive: true });
});

interface Host {
  readonly runId: string;
  readonly process: ChildProcess;
  readonly exit: Promise<unknown[]>;
}

/** Starts a process that stands for spangate, and waits until it is in `phase`. */
async function hostIn(phase: string, fault = 'none'): Promise<Host> {
  runs += 1;
  const runId = `host${process.pid}n${runs}`;
  const port = String(await ports.take());
  const host = spawn('node', [join(FIXTURES, 'host.mjs'), runId, phase, logs, port, fault], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  hosts.push(host);
  const exit = once(host, 'exit');
  const [said] = await Promise.race([once(host.stdout, 'data'), exit]);
  expect(String(said).trim()).toBe(phase);
  return { runId, process: host, exit };
}

/** For an end without waiting: a killed process lives on for a moment, and the watchdog works after spangate. */
async function nothingLivesOf({ runId }: Host): Promise<void> {
  await expect.poll(() => livingOf(runId), { timeout: 5_000, interval: 20 }).toEqual([]);
}

describe.each(PHASES)('while a run is %s', (phase) => {
  test('and spangate is killed by SIGKILL, nothing survives', async () => {
    const host = await hostIn(phase);
    expect(livingOf(host.runId).length).toBeGreaterThan(1);
    host.process.kill('SIGKILL');
    await nothingLivesOf(host);
  });

  test('and SIGINT comes, everything is stopped in time', async () => {
    const host = await hostIn(phase);
    const began = performance.now();
    host.process.kill('SIGINT');
    expect(await host.exit).toEqual([130, null]);
    expect(performance.now() - began).toBeLessThan(CLEAN_UP_MS);
    expect(livingOf(host.runId)).toEqual([]);
  });

  test('and a second SIGINT comes, it ends at once', async () => {
    const host = await hostIn(phase);
    host.process.kill('SIGINT');
    const second = setInterval(() => host.process.kill('SIGINT'), 50);
    const began = performance.now();
    expect(await host.exit).toEqual([130, null]);
    clearInterval(second);
    // The first one alone takes two seconds: every phase has a process that is deaf to SIGTERM.
    expect(performance.now() - began).toBeLessThan(1_900);
    await nothingLivesOf(host);
  });

  test.each([
    ['throw', 'an exception that nobody catches'],
    ['reject', 'a rejection that nobody handles'],
  ])('and there is %s, nothing survives', async (fault) => {
    const host = await hostIn(phase, fault);
    expect(await host.exit).toEqual([1, null]);
    await nothingLivesOf(host);
  });
});

test('SIGTERM ends a run as SIGINT does', async () => {
  const host = await hostIn('running');
  host.process.kill('SIGTERM');
  expect(await host.exit).toEqual([143, null]);
  expect(livingOf(host.runId)).toEqual([]);
});

test('a terminal that is closed leaves nothing behind', async () => {
  const host = await hostIn('running');
  host.process.kill('SIGHUP');
  await nothingLivesOf(host);
});

test('nothing can be started once a run is aborted', async () => {
  await using bench = openBench();
  bench.abort.abort(new Error('interrupted'));
  expect(() =>
    bench.registry.spawn({ command: 'true', directory: '/', env: {}, stdout: 1, stderr: 2 }),
  ).toThrow('interrupted');
});

test('two groups of a run differ in nothing but equally long markers', async () => {
  await using bench = openBench();
  const environments = await Promise.all(
    [1, 2].map(async () => {
      const group = bench.registry.spawn({
        command: 'env',
        directory: '/',
        env: { PATH: process.env.PATH ?? '' },
        stdout: 'pipe',
        stderr: 2,
      });
      let text = '';
      for await (const part of group.child.stdout ?? []) text += part;
      return text;
    }),
  );
  const [first, second] = environments.map((text) => text.replace(/(?<=SPANGATE_PROCESS_GROUP=)\d{5}/, 'N'));
  expect(first).toBe(second);
  expect(environments[0]).not.toBe(environments[1]);
});
