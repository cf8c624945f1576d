import { describe, expect, test } from 'vitest';
import { summarize } from '../../src/baseline/summarize.ts';
import { histogramQuantile } from '../../src/histogram.ts';
import { validInstances } from '../../src/measurement.ts';
import { validate } from '../../src/schema.ts';
import { fullMeasurement } from './full-measurement.ts';

const FULL = fullMeasurement({ rounds: 2, instances: 2, operations: 2, spans: 6, requests: 400 });
const SUMMARY = summarize(FULL);

const spansOf = (measurement: typeof FULL) =>
  validInstances(measurement).flatMap((instance) =>
    Object.values(instance.operations).flatMap((operation) => Object.values(operation.spans)),
  );

describe('a summary', () => {
  test('is a measurement of its own kind, by the schema', () => {
    expect(SUMMARY.detail).toBe('summary');
    expect(validate('measurement', SUMMARY)).toEqual([]);
  });

  test('has no histogram of a single instance, and of self time only what its mean is made of', () => {
    expect(JSON.stringify(SUMMARY.rounds)).not.toContain('bucketCounts');
    expect(spansOf(SUMMARY).every(({ self }) => Object.keys(self ?? {}).join() === 'count,sum')).toBe(true);
  });

  test('keeps counts as they are, and quantiles to five digits', () => {
    const [before, after] = [spansOf(FULL)[0], spansOf(SUMMARY)[0]];
    expect(after?.calls).toBe(before?.calls);
    expect(after?.duration?.count).toBe(before?.duration?.count);
    for (const quantile of ['p50', 'p90', 'p95', 'p99', 'sum'] as const) {
      const exact = before?.duration?.[quantile] ?? Number.NaN;
      const kept = after?.duration?.[quantile] ?? Number.NaN;
      expect(kept).not.toBe(exact);
      expect(Math.abs(kept / exact - 1)).toBeLessThan(0.5e-4);
    }
  });

  test('keeps what a merged histogram says, to a relative error of 0.6 %', () => {
    for (const [name, operation] of Object.entries(FULL.merged)) {
      const kept = SUMMARY.merged[name]?.latency;
      if (!kept) throw new Error(`${name} is missing`);
      expect(kept.positive.bucketCounts.length).toBeLessThanOrEqual(512);
      expect(kept.count).toBe(operation.latency.count);
      for (const q of [0.1, 0.5, 0.9, 0.99]) {
        const ratio = histogramQuantile(kept, q) / histogramQuantile(operation.latency, q);
        expect(Math.abs(ratio - 1)).toBeLessThan(0.006);
      }
    }
  });

  test('leaves the measurement as it was, and of a summary is the same summary', () => {
    expect(FULL.detail).toBe('full');
    expect(JSON.stringify(FULL.rounds)).toContain('bucketCounts');
    expect(summarize(SUMMARY)).toStrictEqual(SUMMARY);
  });
});
