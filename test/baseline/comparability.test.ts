import { describe, expect, test } from 'vitest';
import { comparability } from '../../src/baseline/comparability.ts';
import type { Environment, Measurement, WorkloadSummary } from '../../src/measurement.ts';
import { fullMeasurement } from './full-measurement.ts';

const BASELINE = fullMeasurement({ rounds: 1, instances: 1, operations: 1, spans: 1, requests: 5 });
/** A day after the baseline. */
const NOW = new Date('2026-11-02T08:00:00.000Z');
const DAY = 86_400;

function judge(baseline: Measurement, candidate: Measurement = BASELINE, now = NOW) {
  const { time, warnings } = comparability(baseline, candidate, { now, maxAgeSeconds: 30 * DAY });
  return {
    time,
    codes: warnings.map(({ code }) => code),
    text: warnings.map(({ message }) => message).join(' '),
  };
}

const withEnvironment = (changes: Partial<Environment>): Measurement => ({
  ...BASELINE,
  environment: { ...BASELINE.environment, ...changes },
});

const withWorkload = (changes: Partial<WorkloadSummary>): Measurement => ({
  ...BASELINE,
  workload: { ...BASELINE.workload, hash: 'b'.repeat(64), ...changes },
});

test('the same machine, versions and workload are like, without a word', () => {
  expect(judge(BASELINE)).toEqual({ time: 'like', codes: [], text: '' });
});

describe('nothing is compared', () => {
  test('with another scenario', () => {
    const verdict = judge({ ...BASELINE, scenario: 'checkout' });
    expect(verdict).toMatchObject({ time: 'none', codes: ['other-scenario'] });
    expect(verdict.text).toContain('baseline is of scenario checkout, this measurement of default');
  });

  test('with services that are split otherwise', () => {
    const split = (...splitBy: readonly string[]) => ({ ...BASELINE, splitBy });
    const verdict = judge(BASELINE, split('cloud.region'));
    expect(verdict).toMatchObject({ time: 'none', codes: ['other-split'] });
    expect(verdict.text).toContain('are split by nothing, those of this measurement by cloud.region');
    expect(judge(split('cloud.region'), split('host.name')).codes).toEqual(['other-split']);
    expect(judge(split('cloud.region'), split('cloud.region')).time).toBe('like');
    expect(judge(BASELINE, split()).time).toBe('like');
  });

  test.each<[string, Partial<WorkloadSummary>, string]>([
    ['other connections', { connections: 8 }, 'connections 8 there, 2 here'],
    ['another duration', { durationSeconds: 20 }, 'duration 20 s there, 8 s here'],
    ['another seed', { seed: 7 }, 'seed 7 there, 42 here'],
    [
      'other requests',
      { requests: [{ name: 'create order', weight: 3, writes: true }] },
      'requests create order ×3 (writes) there',
    ],
    ['other content of the same requests', {}, 'the content of the requests differs'],
  ])('with %s', (_, changes, expected) => {
    const verdict = judge(withWorkload(changes));
    expect(verdict).toMatchObject({ time: 'none', codes: ['other-workload'] });
    expect(verdict.text).toContain(expected);
  });
});

describe('times are advisory', () => {
  test.each<[string, Partial<Environment>, string]>([
    ['another CPU', { cpuModel: 'Intel Xeon 8370C' }, 'CPU Intel Xeon 8370C there, AMD EPYC 7763'],
    ['other cores', { cores: 2 }, 'cores 2 there, 4 here'],
    ['another quota', { cpuQuota: 1.5 }, 'CPU quota 1.5 there, none here'],
    ['another architecture', { architecture: 'arm64' }, 'architecture arm64 there, x64 here'],
    ['another major of Node', { serviceRuntime: 'v22.15.0' }, 'Node 22 there, 20 here'],
    ['another minor of OpenTelemetry', { openTelemetry: '2.11.0' }, 'OpenTelemetry 2.11 there, 2.12 here'],
    ['a CPU that is not known', { cpuModel: '' }, 'CPU unknown there'],
    ['a runtime that is not known', { serviceRuntime: null }, 'Node unknown there, 20 here'],
    ['an SDK that is not known', { openTelemetry: null }, 'OpenTelemetry unknown there, 2.12 here'],
  ])('with %s', (_, changes, expected) => {
    const verdict = judge(withEnvironment(changes));
    expect(verdict.time).toBe('unlike');
    expect(verdict.codes[0]).toBe('unlike-machine');
    expect(verdict.text).toContain(expected);
  });

  test('with a field that is known on neither side', () => {
    const neither = withEnvironment({ openTelemetry: null });
    expect(judge(neither, neither)).toMatchObject({ time: 'unlike', codes: ['unlike-machine'] });
    expect(judge(neither, neither).text).toContain('OpenTelemetry unknown there, unknown here');
  });
});

describe('times are like, with a note', () => {
  test.each<[string, Partial<Environment>, string]>([
    ['another kernel', { kernel: '6.8.0' }, 'kernel 6.8.0 there, 6.11.0-1018-azure here'],
    ['another image', { image: null }, 'image none there, ubuntu24 20261025.1 here'],
    ['other memory', { memoryBytes: 8 * 2 ** 30 }, 'memory 8.0 GiB there, 15.6 GiB here'],
    ['another patch of Node', { serviceRuntime: 'v20.19.0' }, 'Node v20.19.0 there, v20.20.2 here'],
    [
      'another patch of OpenTelemetry',
      { openTelemetry: '2.12.1' },
      'OpenTelemetry 2.12.1 there, 2.12.0 here',
    ],
  ])('with %s', (_, changes, expected) => {
    const verdict = judge(withEnvironment(changes));
    expect(verdict).toMatchObject({ time: 'like', codes: ['environment-differs'] });
    expect(verdict.text).toContain(expected);
  });

  test('without one for the few kilobytes of memory that a kernel takes', () => {
    const { memoryBytes } = BASELINE.environment;
    expect(judge(withEnvironment({ memoryBytes: memoryBytes - 100_000 })).codes).toEqual([]);
  });

  test.each<[string, Partial<Measurement>, string, string]>([
    [
      'another version of spangate',
      { tool: 'spangate 0.0.9' },
      'other-tool-version',
      'recorded by spangate 0.0.9',
    ],
    [
      'changes that were not committed',
      { commit: { sha: 'abcdef0123456789', branch: null, dirty: true } },
      'dirty-baseline',
      'abcdef0123',
    ],
    ['a run that was degraded', { status: 'degraded' }, 'degraded-baseline', 'its run was degraded'],
  ])('with %s', (_, changes, code, expected) => {
    const verdict = judge({ ...BASELINE, ...changes });
    expect(verdict).toMatchObject({ time: 'like', codes: [code] });
    expect(verdict.text).toContain(expected);
  });

  test('once it is older than it may be', () => {
    const daysLater = (days: number) => new Date(Date.parse(BASELINE.createdAt) + days * DAY * 1000);
    expect(judge(BASELINE, BASELINE, daysLater(30)).codes).toEqual([]);
    const verdict = judge(BASELINE, BASELINE, daysLater(31));
    expect(verdict).toMatchObject({ time: 'like', codes: ['old-baseline'] });
    expect(verdict.text).toContain('31 days old (2026-11-01)');
  });
});

test('an unlike machine does not hide the other notes', () => {
  const other = { ...withEnvironment({ cores: 2, kernel: '6.8.0' }), status: 'degraded' as const };
  expect(judge(other).codes).toEqual(['unlike-machine', 'environment-differs', 'degraded-baseline']);
});
