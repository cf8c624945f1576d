import { describe, expect, test } from 'vitest';
import type { MetricPoint } from '../../../src/telemetry/metric-point.ts';
import { cellQuantile, cellsOf } from '../../../src/telemetry/metrics/metric-buckets.ts';
import { decodeJsonMetrics } from '../../../src/telemetry/otlp/decode-json-metrics.ts';
import { decodeMetrics } from '../../../src/telemetry/otlp/decode-metrics.ts';
import { MalformedJson } from '../../../src/telemetry/otlp/json-request.ts';
import { MalformedMessage } from '../../../src/telemetry/otlp/wire-reader.ts';
import { jsonMetrics, protobufMetrics, sdkMetrics, seriesOf } from './sdk-metrics.ts';

const NAMES = ['jobs.done', 'jobs.open', 'heap', 'job.duration'];

/** Two collections of a counter, an up-down counter, a gauge and a histogram, as the sender would send them. */
async function twoCollections(
  temporality: 'delta' | 'cumulative',
  encoding: 'protobuf' | 'json',
  histograms: 'explicit' | 'exponential' = 'explicit',
) {
  const { meter, collect } = sdkMetrics('orders', temporality, histograms);
  const done = meter.createCounter('jobs.done', { unit: '{job}' });
  const open = meter.createUpDownCounter('jobs.open');
  const heap = meter.createGauge('heap', { unit: 'By' });
  const duration = meter.createHistogram('job.duration', { unit: 'ms' });
  meter.createCounter('nobody.asks').add(1);
  const series = seriesOf(...NAMES);
  for (const round of [1, 2]) {
    done.add(10 * round, { queue: 'mail' });
    open.add(round === 1 ? 5 : -2);
    heap.record(1000 * round);
    for (const value of [1.5, 3, 3, 7]) duration.record(value * round);
    const collected = await collect();
    if (encoding === 'protobuf') decodeMetrics(protobufMetrics(collected), series);
    else decodeJsonMetrics(jsonMetrics(collected), series);
  }
  return series;
}

function valuesOf(points: readonly MetricPoint[], name: string) {
  return points.filter((point) => point.name === name).map(({ kind, value }) => [kind, value]);
}

describe.each(['protobuf', 'json'] as const)('metrics of the SDK as %s', (encoding) => {
  test.each(['delta', 'cumulative'] as const)('%s: what happened in each interval', async (temporality) => {
    const points = (await twoCollections(temporality, encoding)).points();
    expect(valuesOf(points, 'jobs.done')).toEqual([
      ['sum', 10],
      ['sum', 20],
    ]);
    expect(valuesOf(points, 'jobs.open')).toEqual([
      ['gauge', 5],
      ['gauge', 3],
    ]);
    expect(valuesOf(points, 'heap')).toEqual([
      ['gauge', 1000],
      ['gauge', 2000],
    ]);
    expect(valuesOf(points, 'job.duration')).toEqual([
      ['histogram', 14.5],
      ['histogram', 29],
    ]);
    const [first, second] = points.filter(({ name }) => name === 'job.duration');
    expect(first).toMatchObject({ service: 'orders', pid: 4711, unit: 'ms', count: 4 });
    expect(first?.buckets).toEqual({ kind: 'explicit', bounds: [1, 2, 4, 8], counts: [0, 1, 2, 1, 0] });
    expect(second?.buckets).toEqual({ kind: 'explicit', bounds: [1, 2, 4, 8], counts: [0, 0, 1, 2, 1] });
    expect(points.find(({ name }) => name === 'jobs.done')?.attributes).toEqual({ queue: 'mail' });
    expect(second?.from).toBeCloseTo(first?.to ?? 0, 1);
  });

  test.each(['delta', 'cumulative'] as const)(
    '%s exponential histograms give quantiles',
    async (temporality) => {
      const points = (await twoCollections(temporality, encoding, 'exponential')).points();
      const [first, second] = points.filter(({ name }) => name === 'job.duration');
      const medianOf = (point: MetricPoint | undefined) =>
        cellQuantile(cellsOf(point?.buckets ?? { kind: 'explicit', bounds: [], counts: [] }), 0.5) ?? 0;
      expect(Math.abs(medianOf(first) / 3 - 1)).toBeLessThan(0.05);
      expect(Math.abs(medianOf(second) / 6 - 1)).toBeLessThan(0.05);
    },
  );

  test('metrics that nobody asks for are jumped over, and tell that their sender is alive', async () => {
    const series = seriesOf('not.there');
    const { meter, collect } = sdkMetrics('orders', 'delta');
    meter.createCounter('nobody.asks').add(1);
    const collected = await collect();
    if (encoding === 'protobuf') decodeMetrics(protobufMetrics(collected), series);
    else decodeJsonMetrics(jsonMetrics(collected), series);
    expect(series.points()).toEqual([]);
    expect([...series.services]).toEqual(['orders']);
  });
});

test('a batch that is sent again counts once', async () => {
  const { meter, collect } = sdkMetrics('orders', 'delta');
  meter.createCounter('jobs.done').add(3);
  const body = protobufMetrics(await collect());
  const series = seriesOf('jobs.done');
  for (let time = 0; time < 3; time += 1) decodeMetrics(body, series);
  expect(valuesOf(series.points(), 'jobs.done')).toEqual([['sum', 3]]);
});

test('the examples of the protocol are read, numbers as text and enums by name', () => {
  const point = { startTimeUnixNano: '1544712660300000000', timeUnixNano: '1544712661300000000' };
  const metrics = [
    {
      name: 'my.counter',
      unit: '1',
      sum: {
        aggregationTemporality: 'AGGREGATION_TEMPORALITY_DELTA',
        isMonotonic: true,
        dataPoints: [
          { ...point, asDouble: 5, attributes: [{ key: 'my.attr', value: { stringValue: 'some value' } }] },
        ],
      },
    },
    { name: 'my.gauge', gauge: { dataPoints: [{ ...point, asInt: '-10' }] } },
    {
      name: 'my.histogram',
      histogram: {
        aggregationTemporality: 1,
        dataPoints: [
          { ...point, count: '2', sum: 2, bucketCounts: ['1', '1'], explicitBounds: [1], min: 0, max: 2 },
        ],
      },
    },
    {
      name: 'my.exponential',
      exponentialHistogram: {
        aggregationTemporality: 1,
        dataPoints: [
          {
            ...point,
            count: '3',
            sum: 10,
            scale: 0,
            zeroCount: '1',
            positive: { offset: 1, bucketCounts: ['0', '2'] },
          },
        ],
      },
    },
  ];
  const series = seriesOf(...metrics.map(({ name }) => name));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'my.service' } }] };
  decodeJsonMetrics(JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }), series);
  const whole = { service: 'my.service', pid: 0, threadId: 0, from: 1_544_712_660.3, to: 1_544_712_661.3 };
  expect(series.points()).toMatchObject([
    {
      ...whole,
      name: 'my.counter',
      kind: 'sum',
      value: 5,
      unit: '1',
      attributes: { 'my.attr': 'some value' },
    },
    { ...whole, name: 'my.gauge', kind: 'gauge', value: -10, from: 1_544_712_661.3 },
    { ...whole, name: 'my.histogram', kind: 'histogram', value: 2, count: 2, min: 0, max: 2 },
    {
      ...{ ...whole, name: 'my.exponential', kind: 'histogram', value: 10, count: 3 },
      buckets: { kind: 'exponential', scale: 0, zeroCount: 1, offset: 1, counts: [0, 2] },
    },
  ]);
});

test('a request that is cut off anywhere is malformed, or a shorter request', async () => {
  const { meter, collect } = sdkMetrics('orders', 'cumulative', 'exponential');
  meter.createHistogram('job.duration').record(3);
  meter.createCounter('jobs.done').add(1, { queue: 'mail' });
  const body = protobufMetrics(await collect());
  for (let length = 1; length < body.length; length += 1) {
    const series = seriesOf(...NAMES);
    try {
      decodeMetrics(body.subarray(0, length), series);
      expect(series.points().length).toBeLessThan(2);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedMessage);
    }
  }
});

test.each([
  ['x'],
  ['{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"heap","gauge":{"dataPoints":1}}]}]}]}'],
])('%s is malformed', (text) => {
  expect(() => decodeJsonMetrics(text, seriesOf('heap'))).toThrow(MalformedJson);
});

test('a number that is none is no reading of 0, and a histogram without a sum has no mean', () => {
  const series = seriesOf('heap', 'job.duration');
  const gauges = [{ asDouble: null }, { asDouble: 'NaN' }, {}, { asDouble: 7 }];
  const heap = {
    name: 'heap',
    gauge: { dataPoints: gauges.map((each) => ({ ...each, timeUnixNano: '1' })) },
  };
  const dataPoints = [{ startTimeUnixNano: '1', timeUnixNano: '2', count: '3' }];
  const duration = { name: 'job.duration', histogram: { aggregationTemporality: 1, dataPoints } };
  const scopeMetrics = [{ metrics: [heap, duration] }];
  decodeJsonMetrics(JSON.stringify({ resourceMetrics: [{ scopeMetrics }] }), series);
  const points = series.points();
  expect(valuesOf(points, 'heap')).toEqual([['gauge', 7]]);
  expect(points.find(({ name }) => name === 'job.duration')).toMatchObject({ count: 3, isWithoutSum: true });
});

test.each(['protobuf', 'json'] as const)('%s says in which scope a metric was made', async (encoding) => {
  const { meter, collect } = sdkMetrics('orders', 'delta', 'explicit');
  meter.createCounter('jobs.done').add(1);
  const collected = await collect();
  const scopes: string[] = [];
  const visitor = {
    wants: () => true,
    point: ({ scope }: { readonly scope: string }) => scopes.push(scope),
    other: () => undefined,
  };
  if (encoding === 'protobuf') decodeMetrics(protobufMetrics(collected), visitor);
  else decodeJsonMetrics(jsonMetrics(collected), visitor);
  const [scope] = collected.scopeMetrics.map((each) => each.scope);
  expect(scopes).toEqual([`${scope?.name}@${scope?.version ?? ''}`]);
});
