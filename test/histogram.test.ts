import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bucketIndex,
  bucketUpperBoundary,
  EMPTY_HISTOGRAM,
  type Histogram,
  histogramOf,
  histogramQuantile,
  limitBuckets,
  mergeHistograms,
} from '../src/histogram.ts';
import { quantileSorted } from '../src/quantile.ts';

const seconds = fc.double({ min: 1e-6, max: 1000, noNaN: true });

describe('a histogram', () => {
  test('puts every value in the bucket whose boundaries enclose it, the upper one included', () => {
    fc.assert(
      fc.property(seconds, (value) => {
        const index = bucketIndex(value);
        expect(value).toBeGreaterThan(bucketUpperBoundary(index - 1));
        expect(value).toBeLessThanOrEqual(bucketUpperBoundary(index));
      }),
      { seed: 1 },
    );
  });

  // The mapping of the specification: a power of two 2^n has index (n << scale) - 1.
  test.each([-20, -1, 0, 1, 10])('puts 2^%i at the top of the bucket below it', (exponent) => {
    expect(bucketIndex(2 ** exponent)).toBe(exponent * 128 - 1);
  });

  test('keeps quantiles within 0.27 % of the bucket that holds them', () => {
    fc.assert(
      fc.property(
        fc.array(seconds, { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const sorted = Float64Array.from(values).sort();
          const rank = q * (sorted.length - 1);
          const lower = sorted[Math.floor(rank)] ?? 0;
          const upper = sorted[Math.ceil(rank)] ?? 0;
          const estimate = histogramQuantile(histogramOf(values), q);
          // A bucket is 0.54 % wide; the estimate lies in the bucket of one of the two neighbours.
          expect(estimate).toBeGreaterThanOrEqual(lower * (1 - 0.0055));
          expect(estimate).toBeLessThanOrEqual(upper * (1 + 0.0055));
        },
      ),
      { seed: 2 },
    );
  });

  test('agrees with the exact median of many values to half a percent', () => {
    const values = Float64Array.from({ length: 10_001 }, (_, i) => 0.001 * 1.0003 ** i);
    const exact = quantileSorted(values, 0.5);
    expect(Math.abs(histogramQuantile(histogramOf(values), 0.5) / exact - 1)).toBeLessThan(0.005);
  });

  test('merges like counting everything at once', () => {
    fc.assert(
      fc.property(fc.array(seconds), fc.array(seconds), (left, right) => {
        const merged = mergeHistograms(histogramOf(left), histogramOf(right));
        const whole = histogramOf([...left, ...right]);
        expect(merged.positive).toEqual(whole.positive);
        expect(merged.count).toBe(whole.count);
        expect(merged.sum).toBeCloseTo(whole.sum, 6);
        expect([merged.min, merged.max]).toEqual([whole.min, whole.max]);
      }),
      { seed: 3 },
    );
  });

  test('merges with a coarser histogram at the coarser scale', () => {
    const coarse: Histogram = {
      scale: 0,
      count: 2,
      sum: 3.5,
      min: 1.5,
      max: 2,
      zeroCount: 0,
      positive: { offset: 0, bucketCounts: [2] },
    };
    const merged = mergeHistograms(histogramOf([3, 5]), coarse);
    expect(merged.scale).toBe(0);
    expect(merged.positive).toEqual({ offset: 0, bucketCounts: [2, 1, 1] });
  });

  test('counts zero and values below it apart, and leaves out what is not a number', () => {
    const histogram = histogramOf([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1]);
    expect(histogram).toMatchObject({ count: 3, zeroCount: 2, min: -1, max: 1, sum: 0 });
    expect(histogramQuantile(histogram, 0)).toBe(0);
  });

  test('has no quantile when it is empty', () => {
    expect(() => histogramQuantile(EMPTY_HISTOGRAM, 0.5)).toThrow('an empty histogram has no quantile');
  });

  test('with fewer buckets counts the same values, at the finest scale that fits', () => {
    fc.assert(
      fc.property(fc.array(seconds, { minLength: 1 }), fc.integer({ min: 2, max: 600 }), (values, most) => {
        const fine = histogramOf(values);
        const limited = limitBuckets(fine, most);
        const buckets = (histogram: Histogram) => histogram.positive.bucketCounts;
        expect(buckets(limited).length).toBeLessThanOrEqual(most);
        expect(buckets(limited).reduce((sum, count) => sum + count, 0)).toBe(values.length);
        if (limited.scale < fine.scale) {
          expect(buckets(limitBuckets(fine, 2 * most)).length).toBeGreaterThan(most);
          // Merging with nothing at the coarse scale must move the same values into the same buckets.
          const coarse = { ...EMPTY_HISTOGRAM, scale: limited.scale, count: 1, zeroCount: 1 };
          expect(mergeHistograms(fine, coarse).positive).toEqual(limited.positive);
        }
      }),
    );
    expect(() => limitBuckets(histogramOf([1, 1.01]), 1)).toThrow(RangeError);
  });
});
