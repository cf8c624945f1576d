import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bucketsSince,
  cellQuantile,
  cellsOf,
  type ExponentialBuckets,
} from '../../../src/telemetry/metrics/metric-buckets.ts';

const SCALE = 5;

/** Source: the data model of OpenTelemetry metrics, "ExponentialHistogram"; boundaries are inclusive above. */
function exponential(values: readonly number[], scale = SCALE): ExponentialBuckets {
  const indexes = values
    .filter((value) => value > 0)
    .map((value) => Math.ceil(Math.log2(value) * 2 ** scale) - 1);
  const offset = Math.min(0, ...indexes);
  const counts = new Array<number>(Math.max(0, ...indexes) - offset + 1).fill(0);
  for (const index of indexes) counts[index - offset] = (counts[index - offset] ?? 0) + 1;
  return { kind: 'exponential', scale, zeroCount: values.length - indexes.length, offset, counts };
}

const positive = fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 });

test('what was counted between two readings is what was recorded between them, also at a coarser scale', () => {
  fc.assert(
    fc.property(positive, positive, fc.integer({ min: 0, max: 3 }), (before, later, steps) => {
      const now = exponential([...before, ...later], SCALE - steps);
      const since = bucketsSince(exponential(before), now);
      const expected = exponential(later, SCALE - steps);
      expect(since && cellsOf(since)).toEqual(cellsOf(expected));
    }),
    { seed: 20_261_128, numRuns: 500 },
  );
});

test('a histogram that has fewer in a bucket began anew', () => {
  expect(bucketsSince(exponential([1, 2]), exponential([2]))).toBeNull();
  const explicit = { kind: 'explicit', bounds: [1] } as const;
  expect(bucketsSince({ ...explicit, counts: [2, 0] }, { ...explicit, counts: [1, 5] })).toBeNull();
  expect(
    bucketsSince({ ...explicit, counts: [2, 0] }, { ...explicit, bounds: [2], counts: [3, 5] }),
  ).toBeNull();
});

test('a quantile is in the bucket that it falls into', () => {
  fc.assert(
    fc.property(positive, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
      const found = cellQuantile(cellsOf(exponential(values)), q) ?? Number.NaN;
      const sorted = values.toSorted((left, right) => left - right);
      const rank = Math.max(0, Math.ceil(q * values.length - 1e-9) - 1);
      const width = 2 ** (1 / 2 ** SCALE);
      expect(found).toBeGreaterThanOrEqual((sorted[rank] ?? 0) / width / (1 + 1e-9));
      expect(found).toBeLessThanOrEqual((sorted[rank] ?? 0) * width * (1 + 1e-9));
    }),
    { seed: 20_261_128, numRuns: 500 },
  );
});

test('what is known of the outermost values takes the place of boundaries that are none', () => {
  const buckets = { kind: 'explicit', bounds: [10, 20], counts: [1, 0, 1] } as const;
  expect(cellsOf(buckets, { min: 4, max: 25 })).toEqual([
    { lower: 4, upper: 10, count: 1 },
    { lower: 20, upper: 25, count: 1 },
  ]);
  expect(cellsOf(buckets)).toEqual([
    { lower: 0, upper: 10, count: 1 },
    { lower: 20, upper: 20, count: 1 },
  ]);
});

test('nothing has no quantile', () => {
  expect(cellQuantile([], 0.5)).toBeNull();
});

test('buckets of scales and offsets that no sender has give no infinite quantile', () => {
  const wild = { kind: 'exponential', scale: -10, zeroCount: 0, offset: 2 ** 31 - 1, counts: [1] } as const;
  expect(cellsOf(wild)).toEqual([]);
});
