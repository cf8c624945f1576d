/** A service that stands still: what each model of load makes of it. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runInterleavedLoad } from '../../../src/runner/load/interleaved-load.ts';
import type { LoadResult } from '../../../src/runner/load/load-result.ts';
import { runOpenLoad } from '../../../src/runner/load/open-load.ts';
import { exampleLoad, exampleOptions } from './example-load.ts';

const FREEZE_SECONDS = 0.4;

const SERVER = fileURLToPath(new URL('fixtures/freezing-server.mjs', import.meta.url));

async function startServer(nth: number): Promise<AsyncDisposable & { readonly url: string }> {
  const child = fork(SERVER, [String(nth), String(FREEZE_SECONDS * 1000)], { execArgv: [] });
  const [port] = await once(child, 'message');
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
}

function slowest(result: LoadResult, instance: number): number[] {
  return [...(result.instances[instance]?.operations[0]?.latencies ?? [])]
    .filter((latency) => latency > FREEZE_SECONDS / 4)
    .sort((a, b) => b - a);
}

describe('a service that stands still for a while', () => {
  it('is charged with every request that was due in that while by the open load', async () => {
    await using frozen = await startServer(20);
    await using well = await startServer(0);
    const options = exampleOptions(exampleLoad({}), [frozen.url, well.url], { durationSeconds: 1.5 });
    const result = await runOpenLoad({ ...options, seed: 1, rate: 200, arrivals: 'uniform' });
    // 100 requests a second of its own: 40 were due, 30 of them had to wait a quarter of the time or longer.
    const slow = slowest(result, 0);
    expect(slow.length).toBeGreaterThanOrEqual(25);
    expect(slow.length).toBeLessThanOrEqual(40);
    expect(slow[0]).toBeGreaterThan(FREEZE_SECONDS * 0.95);
    // Each waited until the end of the standstill, so the waits are spread evenly between all of it and a quarter.
    expect(slow[slow.length >> 1]).toBeGreaterThan(FREEZE_SECONDS * 0.5);
    expect(slow[slow.length >> 1]).toBeLessThan(FREEZE_SECONDS * 0.8);
    expect(slowest(result, 1).length).toBeLessThan(5);
    expect(result.punctuality?.dropped).toBe(0);
    expect(result.instances.map(({ sent }) => sent)).toEqual([150, 150]);
  });

  it('is charged only with what was in flight by the closed load, which waits with it', async () => {
    await using frozen = await startServer(20);
    await using well = await startServer(0);
    const options = exampleOptions(exampleLoad({}), [frozen.url, well.url], { durationSeconds: 1.5 });
    const result = await runInterleavedLoad({ ...options, seed: 1, inFlight: 2 });
    expect(slowest(result, 0).length).toBeGreaterThanOrEqual(1);
    expect(slowest(result, 0).length).toBeLessThan(5);
    expect(result.instances[0]?.sent).toBeGreaterThan(150);
  });
});
