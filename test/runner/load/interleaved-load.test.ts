import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { runInterleavedLoad, usualInFlight } from '../../../src/runner/load/interleaved-load.ts';
import { blockOf } from '../../../src/telemetry/block-durations.ts';
import { serialOf } from '../../../src/telemetry/trace-id.ts';
import { phaseOf } from './driver-cases.ts';
import { exampleLoad, exampleOptions, exampleRequest } from './example-load.ts';
import { listen } from './listening-server.ts';

const RUN_TAG = exampleOptions(exampleLoad({}), []).runTag;

describe('runInterleavedLoad', () => {
  it.each([
    ['as many as it is told', 3],
    ['one less than there are cores', undefined],
  ])('keeps requests in flight over all instances: %s', async (_what, inFlight) => {
    const expected = inFlight ?? usualInFlight(availableParallelism());
    let now = 0;
    const counts: number[] = [];
    const answer = () =>
      listen((request, response) => {
        now += 1;
        if (phaseOf(request)?.phase === 'measured') counts.push(now);
        setTimeout(() => {
          now -= 1;
          response.end();
        }, 5);
      });
    await using one = await answer();
    await using two = await answer();
    const options = exampleOptions(exampleLoad({}), [one.url, two.url]);
    const flights = { warmUpInFlight: expected, ...(inFlight && { inFlight }) };
    const result = await runInterleavedLoad({ ...options, seed: 1, ...flights });
    expect(Math.max(...counts)).toBe(expected);
    expect(result.driver).toBe('interleaved');
    expect(result.punctuality).toBeUndefined();
    const sent = result.instances.map((instance) => instance.sent ?? 0);
    expect(sent).toEqual([counts.length / 2, counts.length / 2]);
  });

  it('has more of them in flight while it warms up, and no new ones of those when it measures', async () => {
    let now = 0;
    const counts: { readonly phase: string | undefined; readonly now: number }[] = [];
    await using server = await listen((request, response) => {
      now += 1;
      counts.push({ phase: phaseOf(request)?.phase, now });
      setTimeout(() => {
        now -= 1;
        response.end();
      }, 5);
    });
    const options = exampleOptions(exampleLoad({}), [server.url]);
    await runInterleavedLoad({ ...options, seed: 1, inFlight: 1, warmUpInFlight: 6 });
    const most = (phase: string, from = 0) =>
      Math.max(
        ...counts
          .filter((count) => count.phase === phase)
          .slice(from)
          .map((count) => count.now),
      );
    expect(most('warm-up')).toBe(6);
    // Those of the warm-up that were still on their way land beside the first ones that are measured.
    expect(most('measured', 6)).toBe(1);
  });

  it('loads a slow instance no less than a fast one, and keeps their latencies apart', async () => {
    const listenFor = (milliseconds: number) =>
      listen((_request, response) => void setTimeout(() => response.end(), milliseconds));
    await using fast = await listenFor(2);
    await using slow = await listenFor(40);
    const options = exampleOptions(exampleLoad({}), [fast.url, slow.url], { durationSeconds: 1 });
    const result = await runInterleavedLoad({ ...options, seed: 1, inFlight: 2 });
    const [quick, tardy] = result.instances.map(({ operations }) => operations[0]?.latencies ?? []);
    expect(quick?.length).toBe(tardy?.length);
    expect(Math.min(...(tardy ?? []))).toBeGreaterThan(0.039);
    expect([...(quick ?? [])].sort((a, b) => a - b)[(quick?.length ?? 0) >> 1]).toBeLessThan(0.03);
  });

  it('says which block each latency and each trace is of', async () => {
    const serials: number[] = [];
    const answer = () =>
      listen((request, response) => {
        const last = Number.parseInt(String(request.headers.traceparent).slice(27, 35), 16);
        if (phaseOf(request)?.phase === 'measured') serials.push(serialOf(RUN_TAG, last));
        response.end();
      });
    await using one = await answer();
    await using two = await answer();
    const options = exampleOptions(exampleLoad({}), [one.url, two.url]);
    const result = await runInterleavedLoad({ ...options, seed: 1 });
    const blocks = result.blocks ?? { firstSerial: -1, size: 0 };
    expect(blocks).toEqual({ firstSerial: Math.min(...serials), size: 2 });
    const [left, right] = result.instances.map(({ operations }) =>
      operations.flatMap((operation) => [...(operation.blocks ?? [])]).sort((a, b) => a - b),
    );
    expect(left).toEqual(Array.from({ length: serials.length / 2 }, (_, block) => block));
    expect(right).toEqual(left);
    const ofTraces = serials.map((serial) => blockOf(serial, blocks)).sort((a, b) => a - b);
    expect(ofTraces).toEqual(left?.flatMap((block) => [block, block]));
  });

  it('goes from warm-up to measuring without a pause or a new connection', async () => {
    const phases: string[] = [];
    let connections = 0;
    await using server = await listen((request, response) => {
      phases.push(phaseOf(request)?.phase ?? 'none');
      response.end();
    });
    server.server.on('connection', () => {
      connections += 1;
    });
    const result = await runInterleavedLoad({
      ...exampleOptions(exampleLoad({}), [server.url]),
      ...{ seed: 1, inFlight: 2, warmUpInFlight: 2 },
    });
    const first = phases.indexOf('measured');
    expect(phases.slice(first)).toHaveLength(result.instances[0]?.sent ?? 0);
    expect(new Set(phases.slice(0, first))).toEqual(new Set(['warm-up']));
    expect(new Set(phases.slice(first))).toEqual(new Set(['measured']));
    expect(connections).toBe(2);
    expect((result.measuredTo - result.measuredFrom) / 1000).toBeCloseTo(result.measuredSeconds, 1);
    expect(result.measuredSeconds).toBeGreaterThanOrEqual(0.4);
    expect(result.warm).toBe(true);
  });

  it('does not ask a service that refuses in a busy loop', async () => {
    await using well = await listen((_request, response) => response.end());
    let asked = 0;
    well.server.on('request', () => {
      asked += 1;
    });
    const gone = await listen(() => {});
    await gone[Symbol.asyncDispose]();
    const options = exampleOptions(exampleLoad({}), [well.url, gone.url], { durationSeconds: 60 });
    await expect(
      runInterleavedLoad({ ...options, seed: 1, inFlight: 1, warmUpInFlight: 1 }),
    ).rejects.toMatchObject({
      code: 'service-died',
      message: expect.stringContaining(gone.url),
    });
    // A pause of 50 ms a block for three seconds.
    expect(asked).toBeLessThan(70);
    expect(asked).toBeGreaterThan(10);
  });

  it.each([0, 1.5, Number.NaN])('wants a whole number in flight, not %s', async (inFlight) => {
    const options = exampleOptions(exampleLoad({}), ['http://127.0.0.1:9']);
    await expect(runInterleavedLoad({ ...options, seed: 1, inFlight })).rejects.toThrow(RangeError);
  });

  it('counts requests that time out, and takes the turns of others for nobody’s silence', async () => {
    // An instance that has lost a request waits for the other one, which is as slow to be lost, for longer than a
    // service may be silent.
    const timeoutSeconds = 3.2;
    const hanging = () => listen((request, response) => void (request.url === '/hang' || response.end()));
    await using one = await hanging();
    await using two = await hanging();
    const requests = [exampleRequest({ weight: 3 }), exampleRequest({ name: 'hang', path: '/hang' })];
    const load = exampleLoad({ timeoutSeconds, requests });
    const options = exampleOptions(load, [one.url, two.url], { warmUp: { kind: 'fixed', seconds: 0 } });
    const result = await runInterleavedLoad({ ...options, seed: 1, inFlight: 1 });
    for (const { operations } of result.instances) {
      expect(operations[0]?.errors).toEqual({});
      expect(operations[1]?.errors).toEqual({ timeout: operations[1]?.requests });
      expect(operations[1]?.requests).toBeGreaterThan(0);
    }
  }, 30_000);
});
