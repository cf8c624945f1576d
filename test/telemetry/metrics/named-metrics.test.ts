import { expect, test } from 'vitest';
import type { MetricDefinition } from '../../../src/config.ts';
import type { MetricPoint } from '../../../src/telemetry/metric-point.ts';
import { namedMetrics } from '../../../src/telemetry/metrics/named-metrics.ts';

const LIMIT = { level: 'fail', warn: 0.05, fail: 0.1, atLeast: 0 } as const;

function point(parts: Partial<MetricPoint>): MetricPoint {
  return {
    ...{
      service: 'orders',
      pid: 1,
      threadId: 0,
      name: 'm',
      unit: '1',
      kind: 'sum',
      value: 0,
      from: 100,
      to: 101,
    },
    ...parts,
  };
}

function figureOf(
  points: readonly Partial<MetricPoint>[],
  parts: Partial<MetricDefinition> = {},
  dropped = 0,
) {
  const definition = {
    ...({ name: 'it', metric: 'm', service: null, attributes: {}, value: 'auto', limit: LIMIT } as const),
    ...parts,
  };
  const services = new Set(points.map(({ service = 'orders' }) => service));
  const options = { window: { from: 100, to: 110 }, requests: 50, services, dropped };
  return namedMetrics(points.map(point), [definition], options).it;
}

test('a counter is what it grew by, a request', () => {
  expect(figureOf([{ value: 20 }, { from: 101, to: 102, value: 30 }])).toEqual({
    value: 1,
    unit: '1',
    count: 2,
    figure: 'per-request',
  });
  expect(figureOf([{ value: 20 }], { value: 'per-second' })?.value).toBe(2);
});

test('of an interval that is partly in the stretch the part counts', () => {
  expect(figureOf([{ from: 99, to: 101, value: 20 }])?.value).toBe(10 / 50);
  expect(figureOf([{ from: 98, to: 99, value: 20 }])?.value).toBe(0);
});

test('a gauge is the mean of what it read; the largest, or a quantile', () => {
  const readings = [1, 2, 9].map(
    (value, at) => ({ kind: 'gauge', value, from: 101 + at, to: 101 + at }) as const,
  );
  const outside = { kind: 'gauge', value: 99, from: 111, to: 111 } as const;
  expect(figureOf([...readings, outside])).toEqual({ value: 4, unit: '1', count: 3, figure: 'mean' });
  expect(figureOf([...readings, outside], { value: 'max' })?.value).toBe(9);
  expect(figureOf(readings, { value: 'p50' })?.value).toBe(2);
});

test('a histogram is the mean of what it recorded, its largest, a quantile, or how often it recorded', () => {
  const buckets = { kind: 'explicit', bounds: [1, 2, 4], counts: [0, 50, 50, 0] } as const;
  const histogram = { kind: 'histogram', value: 200, count: 100, max: 3.5, buckets } as const;
  expect(figureOf([histogram])).toEqual({ value: 2, unit: '1', count: 100, figure: 'mean' });
  expect(figureOf([histogram], { value: 'max' })?.value).toBe(3.5);
  expect(figureOf([histogram], { value: 'p50' })?.value).toBe(2);
  expect(figureOf([histogram], { value: 'per-request' })?.value).toBe(2);
});

test('only data points of the service and with the attributes count', () => {
  const points = [
    { value: 10, attributes: { queue: 'mail', host: 'a' } },
    { value: 20, attributes: { queue: 'sms' } },
    { value: 40, service: 'shop', attributes: { queue: 'mail' } },
  ];
  expect(figureOf(points, { attributes: { queue: 'mail' } })?.value).toBe(1);
  expect(figureOf(points, { attributes: { queue: 'mail' }, service: 'orders' })?.value).toBe(0.2);
});

test('a metric that never arrived says nothing', () => {
  expect(figureOf([])).toEqual({ value: null, unit: '', count: 0, figure: null });
  expect(figureOf([{ name: 'other' }], { value: 'mean' })).toEqual({
    ...{ value: null, unit: '', count: 0, figure: 'mean' },
  });
});

test('where data points were lost, no metric has a value', () => {
  expect(figureOf([{ value: 20 }], {}, 1)).toMatchObject({ value: null, count: 0 });
  expect(figureOf([{ name: 'other' }], {}, 1)?.value).toBeNull();
});

test('a counter that sent nothing while its service sent other metrics did not count', () => {
  expect(figureOf([{ name: 'other' }], { value: 'per-request' })).toEqual({
    ...{ value: 0, unit: '', count: 0, figure: 'per-request' },
  });
  expect(figureOf([{ name: 'other' }])?.figure).toBeNull();
  expect(figureOf([{ name: 'other' }], { value: 'per-request', service: 'shop' })?.value).toBeNull();
});

test('what a metric cannot say is not made up', () => {
  expect(figureOf([{ value: 3 }], { value: 'p50' })?.value).toBeNull();
  expect(
    figureOf([{ kind: 'gauge', value: 3, from: 101, to: 101 }], { value: 'per-request' })?.value,
  ).toBeNull();
  expect(figureOf([{ kind: 'histogram', value: 3, count: 1 }], { value: 'p90' })?.value).toBeNull();
  expect(figureOf([{ kind: 'histogram', count: 3, isWithoutSum: true }])?.value).toBeNull();
});

test('a histogram names the traces of its largest values in the measured stretch, each trace once', () => {
  const traced = (value: number, digit: string, at = 105) => ({ value, traceId: digit.repeat(32), at });
  const histogram = { kind: 'histogram', value: 6, count: 3 } as const;
  const found = figureOf([
    { ...histogram, exemplars: [traced(1, 'a'), traced(3, 'b'), traced(2, 'b'), traced(99, 'c', 99)] },
    { ...histogram, from: 101, to: 102, exemplars: [traced(5, 'd'), traced(2, 'e'), traced(0, 'f')] },
  ]);
  expect(found?.exemplars).toEqual([
    { value: 5, traceId: 'd'.repeat(32) },
    { value: 3, traceId: 'b'.repeat(32) },
    { value: 2, traceId: 'e'.repeat(32) },
  ]);
});

function sharedFigure(
  points: readonly Partial<MetricPoint>[],
  isAlone: boolean,
  value: MetricDefinition['value'] = 'auto',
) {
  const definition = { name: 'it', metric: 'm', service: null, attributes: {}, value, limit: LIMIT } as const;
  const shared = points.map(point);
  const options = { window: { from: 100, to: 110 }, requests: 50, services: new Set<string>(), dropped: 0 };
  return namedMetrics(shared, [definition], { ...options, shared, isAlone }).it?.value;
}

test('what several instances share has no value, and one that is alone in its round has it', () => {
  const whole = [{ from: 98, to: 111, value: 130 }];
  expect(sharedFigure(whole, false)).toBeNull();
  expect(sharedFigure(whole, true)).toBe(100 / 50);
  const reading = [{ kind: 'gauge', value: 7, from: 105, to: 105 }] as const;
  expect(sharedFigure(reading, false)).toBeNull();
  expect(sharedFigure(reading, true)).toBe(7);
});

test('a rate of which the service sent a part of the stretch is not known', () => {
  expect(sharedFigure([{ from: 100, to: 109, value: 90 }], true)).toBeNull();
  expect(sharedFigure([{ from: 101, to: 111, value: 90 }], true)).toBeNull();
  expect(sharedFigure([{ from: 105, to: 105, value: 0 }], true, 'per-second')).toBeNull();
  expect(
    sharedFigure(
      [
        { from: 99, to: 104, value: 50 },
        { from: 104, to: 110, value: 60 },
      ],
      true,
    ),
  ).toBe(100 / 50);
});
