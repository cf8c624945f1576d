import { expect, test } from 'vitest';
import { type MetricPoint, parseMetricLines } from '../../src/telemetry/metric-point.ts';
import { metricRecords } from '../../src/telemetry/metric-records.ts';

const POINT: MetricPoint = {
  ...{ service: 'shop', pid: 1, threadId: 0, from: 10, to: 11 },
  ...{ name: 'requests', unit: '{request}', kind: 'sum', value: 4 },
};
const WINDOW = { from: 10, to: 12 };

test('adds increases over processes, and counts an interval by its part in the window', () => {
  const points = [POINT, { ...POINT, pid: 2, value: 6 }, { ...POINT, from: 11.5, to: 12.5, value: 10 }];
  expect(metricRecords(points, WINDOW)).toEqual([
    { service: 'shop', name: 'requests', unit: '{request}', kind: 'sum', value: 15 },
  ]);
});

test('takes the mean and the largest of readings', () => {
  const gauge = { ...POINT, kind: 'gauge', attributes: { pool: 'a' } } as const;
  expect(metricRecords([gauge, { ...gauge, value: 8 }], WINDOW)).toEqual([
    {
      service: 'shop',
      name: 'requests',
      unit: '{request}',
      kind: 'gauge',
      attributes: { pool: 'a' },
      value: 6,
      max: 8,
    },
  ]);
});

test('takes the mean of what histograms recorded', () => {
  const histogram = { ...POINT, kind: 'histogram', value: 3, count: 2, max: 2 } as const;
  expect(metricRecords([histogram, { ...histogram, value: 9, count: 1, max: 9 }], WINDOW)).toMatchObject([
    { kind: 'histogram', value: 4, count: 3, max: 9 },
  ]);
  expect(metricRecords([{ ...histogram, value: 0, count: 0 }], WINDOW)).toEqual([]);
});

test('keeps services, attributes and kinds apart and leaves out what lies outside the window', () => {
  const records = metricRecords(
    [
      POINT,
      { ...POINT, service: 'web' },
      { ...POINT, attributes: { a: 'b' } },
      { ...POINT, from: 12, to: 13 },
    ],
    WINDOW,
  );
  expect(records.map(({ service, attributes }) => [service, attributes?.a])).toEqual([
    ['shop', undefined],
    ['web', undefined],
    ['shop', 'b'],
  ]);
});

test('reads whole lines and leaves out those that are torn or of another shape', () => {
  const line = { from: 1, to: 2, points: [{ name: 'a', unit: 's', kind: 'sum', value: 1 }] };
  const text = [JSON.stringify(line), '{"from":1,"to":', 'null', '{"from":1,"to":2,"points":[{}]}', ''].join(
    '\n',
  );
  expect(parseMetricLines(text)).toEqual([line]);
});
