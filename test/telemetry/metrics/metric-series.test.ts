import { expect, test } from 'vitest';
import { MetricSeries } from '../../../src/telemetry/metrics/metric-series.ts';
import type { OtlpPoint } from '../../../src/telemetry/metrics/otlp-point.ts';

function point(parts: Partial<OtlpPoint>): OtlpPoint {
  return {
    ...{ resource: { service: 'orders', pid: 1, identity: 'orders 1' }, scope: 'app@' },
    ...{ name: 'jobs', unit: '1', kind: 'sum', temporality: 'cumulative', monotonic: true, attributes: {} },
    ...{ from: 100, to: 101, value: 0, count: 0 },
    ...parts,
  };
}

function intervals(...points: readonly Partial<OtlpPoint>[]) {
  const series = new MetricSeries(new Set(['jobs']));
  for (const each of points) series.point(point(each));
  return series.points().map(({ from, to, value, count }) => ({ from, to, value, ...(count && { count }) }));
}

test('a process that began anew counts from zero again', () => {
  expect(intervals({ to: 101, value: 5 }, { to: 102, value: 9 }, { from: 102.5, to: 103, value: 2 })).toEqual(
    [
      { from: 100, to: 101, value: 5 },
      { from: 101, to: 102, value: 4 },
      { from: 102.5, to: 103, value: 2 },
    ],
  );
});

test('a sum that falls without saying so began anew as well', () => {
  expect(intervals({ to: 101, value: 5 }, { to: 102, value: 3 })).toEqual([
    { from: 100, to: 101, value: 5 },
    { from: 101, to: 102, value: 3 },
  ]);
  const histogram = { kind: 'histogram' } as const;
  expect(
    intervals({ ...histogram, to: 101, value: 5, count: 4 }, { ...histogram, to: 102, value: 9, count: 2 }),
  ).toEqual([
    { from: 100, to: 101, value: 5, count: 4 },
    { from: 101, to: 102, value: 9, count: 2 },
  ]);
});

test('of a sum that began before the round only what it grew by in the round is known', () => {
  const series = new MetricSeries(new Set(['jobs']), 150);
  for (const each of [
    { to: 160, value: 9000 },
    { to: 170, value: 9030 },
    { from: 155, to: 165, value: 4 },
  ])
    series.point(point(each));
  expect(series.points().map(({ from, to, value }) => ({ from, to, value }))).toEqual([
    { from: 160, to: 160, value: 0 },
    { from: 160, to: 170, value: 30 },
    { from: 155, to: 165, value: 4 },
  ]);
});

test('two workers of one service are told apart by when they began', () => {
  expect(
    intervals(
      { from: 100, to: 102, value: 50 },
      { from: 101, to: 102, value: 3 },
      { from: 100, to: 103, value: 60 },
      { from: 101, to: 103, value: 4 },
    ).map(({ value }) => value),
  ).toEqual([50, 10, 3, 1]);
});

test('a first sum since nobody knows when is no increase', () => {
  expect(intervals({ from: 0, to: 101, value: 1000 }, { from: 0, to: 102, value: 1003 })).toEqual([
    { from: 101, to: 102, value: 3 },
  ]);
});

test('points come in any order', () => {
  expect(intervals({ to: 103, value: 9 }, { to: 101, value: 5 }).map(({ value }) => value)).toEqual([5, 4]);
});

test('an up-down counter that is sent as differences is read as where it stands', () => {
  const part = { temporality: 'delta', monotonic: false } as const;
  expect(
    intervals({ ...part, to: 101, value: 5 }, { ...part, from: 101, to: 102, value: -2 }).map(
      ({ value }) => value,
    ),
  ).toEqual([5, 3]);
});

test('points beyond the limit are counted, and not kept', () => {
  const series = new MetricSeries(new Set(['jobs']));
  for (let at = 0; at < 300_010; at += 1) series.point(point({ to: at }));
  expect(series.dropped).toBe(10);
});

test('metrics of one name in two instrumentation scopes are two series', () => {
  const delta = { temporality: 'delta', to: 101 } as const;
  expect(
    intervals({ ...delta, scope: 'a@1', value: 5 }, { ...delta, scope: 'b@1', value: 5 }).map(
      ({ value }) => value,
    ),
  ).toEqual([5, 5]);
});

test('a point that was sent twice counts once, and another value of the same time is another point', () => {
  const delta = { temporality: 'delta', to: 101 } as const;
  expect(
    intervals({ ...delta, value: 5 }, { ...delta, value: 5 }, { ...delta, value: 7 }).map(
      ({ value }) => value,
    ),
  ).toEqual([5, 7]);
});
