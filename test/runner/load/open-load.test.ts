import { describe, expect, it } from 'vitest';
import { type OpenLoadOptions, runOpenLoad } from '../../../src/runner/load/open-load.ts';
import { phaseOf } from './driver-cases.ts';
import { exampleLoad, exampleOptions } from './example-load.ts';
import { listen } from './listening-server.ts';

function openOptions(urls: readonly string[], overrides: Partial<OpenLoadOptions> = {}): OpenLoadOptions {
  return { ...exampleOptions(exampleLoad({}), urls), seed: 1, rate: 100, arrivals: 'uniform', ...overrides };
}

const slowServer = (milliseconds: number) =>
  listen((_request, response) => void setTimeout(() => response.end(), milliseconds));

describe('runOpenLoad', () => {
  it.each(['uniform', 'poisson'] as const)('sends at the rate that it is told: %s', async (arrivals) => {
    const starts: number[] = [];
    const answer = () =>
      listen((request, response) => {
        if (phaseOf(request)?.phase === 'measured') starts.push(performance.now());
        response.end();
      });
    await using one = await answer();
    await using two = await answer();
    const result = await runOpenLoad(openOptions([one.url, two.url], { arrivals, durationSeconds: 1 }));
    expect(result.driver).toBe('open');
    expect(result.instances.map(({ sent, dropped }) => [sent, dropped])).toEqual([
      [50, 0],
      [50, 0],
    ]);
    expect(result.punctuality).toMatchObject({ rate: 100, due: 100, dropped: 0 });
    expect(result.punctuality?.achievedRate).toBeGreaterThan(90);
    expect(result.punctuality?.achievedRate).toBeLessThanOrEqual(100);
    expect(starts).toHaveLength(100);
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    expect(gaps.reduce((sum, gap) => sum + gap, 0)).toBeGreaterThan(850);
    // The gaps of a Poisson process vary as much as their mean. Of uniform ones a busy machine may make anything.
    if (arrivals === 'poisson') expect(gaps.filter((gap) => gap < 3).length).toBeGreaterThan(12);
  });

  it('goes on starting while answers take longer than the gaps', async () => {
    await using server = await slowServer(300);
    const result = await runOpenLoad(openOptions([server.url], { durationSeconds: 0.6 }));
    const { latencies = [], errors } = result.instances[0]?.operations[0] ?? {};
    expect(errors).toEqual({});
    expect(latencies).toHaveLength(60);
    expect(Math.min(...latencies)).toBeGreaterThan(0.29);
    expect([...latencies].sort((a, b) => a - b)[30]).toBeLessThan(0.35);
    // In less than two seconds, although the answers one after the other take eighteen.
    expect(result.measuredSeconds).toBeLessThan(2);
  });

  it('drops and counts starts that had to wait too long for others to be answered', async () => {
    await using one = await slowServer(200);
    await using two = await slowServer(200);
    const result = await runOpenLoad(
      openOptions([one.url, two.url], { durationSeconds: 1, maxInFlight: 4, latestStartSeconds: 0.05 }),
    );
    const sum = (key: 'sent' | 'dropped') =>
      result.instances.reduce((all, each) => all + (each[key] ?? 0), 0);
    const { due, dropped, lateShare, achievedRate, lateness } = result.punctuality ?? {};
    expect(due).toBe(100);
    expect(sum('sent') + sum('dropped')).toBe(100);
    expect(sum('dropped')).toBe(dropped);
    // Four at a time, 200 ms each: some 20 a second of the 100 that were due.
    expect(sum('sent')).toBeGreaterThan(12);
    expect(sum('sent')).toBeLessThan(32);
    expect(lateShare).toBeGreaterThanOrEqual((dropped ?? 0) / 100);
    expect(achievedRate).toBeLessThan(35);
    expect(lateness?.p99).toBeLessThan(0.15);
    expect(result.instances.map(({ operations }) => operations[0]?.errors)).toEqual([{}, {}]);
    expect(result.instances.map(({ operations }) => operations[0]?.requests)).toEqual(
      result.instances.map(({ sent }) => sent),
    );
    expect(result.warnings).toEqual([
      expect.objectContaining({
        code: 'starts-dropped',
        message: expect.stringContaining(`${dropped} of 100`),
      }),
    ]);
  });

  it('counts the wait for a late start as latency, and warns of it', async () => {
    await using server = await slowServer(20);
    const result = await runOpenLoad(openOptions([server.url], { maxInFlight: 1, latestStartSeconds: 60 }));
    const { latencies = [] } = result.instances[0]?.operations[0] ?? {};
    expect(latencies).toHaveLength(40);
    // The fortieth was due after 0.4 s, and started when 39 answers of 20 ms had come, besides those of the warm-up.
    expect(Math.max(...latencies)).toBeGreaterThan(0.39);
    expect(result.punctuality?.dropped).toBe(0);
    expect(result.punctuality?.lateness.p99).toBeGreaterThan(0.3);
    expect(result.punctuality?.lateShare).toBeGreaterThan(0.9);
    expect(result.punctuality?.achievedRate).toBeLessThan(60);
    expect(result.warnings.map(({ code }) => code)).toEqual(['starts-late', 'rate-missed']);
  });

  it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('wants a rate, not %s', async (rate) => {
    await expect(runOpenLoad(openOptions(['http://127.0.0.1:9'], { rate }))).rejects.toThrow(RangeError);
  });
});
