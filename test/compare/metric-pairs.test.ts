import { expect, test } from 'vitest';
import type { Row } from '../../src/compare/comparison.ts';
import { judgeMissingMetrics, metricPairs } from '../../src/compare/metric-pairs.ts';
import { metricTracesOf } from '../../src/compare/metric-traces.ts';
import { placedInstances } from '../../src/compare/series.ts';
import type { NamedMetric } from '../../src/measurement.ts';
import { STANDARD } from './policies.ts';
import { measurementOf } from './sketch.ts';

const LIMIT = { level: 'fail', warn: 0.05, fail: 0.1, atLeast: 0 } as const;
const DEFINITION = {
  name: 'it',
  metric: 'm',
  service: null,
  attributes: {},
  value: 'auto',
  limit: LIMIT,
} as const;
const POLICY = { ...STANDARD, metrics: [DEFINITION] };

const NOTHING: NamedMetric = { value: 0, unit: '', count: 0, figure: null };
const HEAP: NamedMetric = { value: 5, unit: 'By', count: 9, figure: 'mean' };
const JOBS: NamedMetric = { value: 2, unit: '1', count: 9, figure: 'per-request' };

function side(...metrics: readonly NamedMetric[]) {
  const measurement = measurementOf({
    rounds: 1,
    instances: metrics.length,
    operations: { list: { latency: 1 } },
  });
  return placedInstances(measurement).map(({ round, instance }, at) => ({
    round,
    instance: { ...instance, namedMetrics: { it: metrics[at] as NamedMetric } },
  }));
}

function reasons(before: readonly NamedMetric[], after: readonly NamedMetric[]) {
  const judged = judgeMissingMetrics(metricPairs(side(...before), side(...after), POLICY), {
    isNamedBefore: () => true,
  });
  return [...judged.values()].map(({ reason }) => reason);
}

test('a gauge that stopped arriving is missing, and not 0', () => {
  expect(reasons([HEAP, HEAP], [NOTHING, NOTHING])).toEqual(['metric-missing']);
  expect(reasons([HEAP, HEAP], [HEAP, NOTHING])).toEqual(['metric-missing']);
  expect(reasons([NOTHING, HEAP], [HEAP, HEAP])).toEqual(['metric-missing']);
  expect(reasons([HEAP, HEAP], [HEAP, HEAP])).toEqual([]);
});

test('a counter is 0 where its build counted elsewhere, and missing where it counted nowhere', () => {
  expect(reasons([JOBS, JOBS], [JOBS, NOTHING])).toEqual([]);
  expect(reasons([JOBS, JOBS], [NOTHING, NOTHING])).toEqual(['metric-missing']);
});

test('the traces of the largest values of the candidate are known, of metrics with a row', () => {
  const traced = (value: number): NamedMetric => ({
    ...{ ...JOBS, exemplars: [{ value, traceId: `${value}`.repeat(32) }] },
  });
  const rows = [{ metric: { name: 'it', unit: '1' } }, { metric: { name: 'other', unit: '1' } }, {}];
  const found = metricTracesOf(
    rows as unknown as Row[],
    side(traced(1), JOBS, traced(4), traced(2), traced(3)),
  );
  expect(found).toEqual([
    { metric: 'it', traces: [4, 3, 2].map((value) => ({ value, traceId: `${value}`.repeat(32) })) },
  ]);
});
