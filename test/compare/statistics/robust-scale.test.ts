import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { robustDf, robustScale } from '../../../src/compare/statistics/robust-scale.ts';
import { seededRandom } from '../../../src/random.ts';
import { normal } from '../sketch.ts';

/** Straight from the definition, by counting: the median is the value that half of the others are not above. */
function bruteMedian(values: readonly number[]): number {
  const ranked = values.toSorted((left, right) => left - right);
  const half = Math.floor(ranked.length / 2);
  const upper = ranked[half] ?? Number.NaN;
  return ranked.length % 2 === 1 ? upper : (upper + (ranked[half - 1] ?? Number.NaN)) / 2;
}

function bruteScale(values: readonly number[]): number {
  const centre = bruteMedian(values);
  const deviation = bruteMedian(values.map((value) => Math.abs(value - centre)));
  return (1.4826 * deviation * values.length) / (values.length - 0.8);
}

const samples = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 60 });

describe('the robust scale', () => {
  test('is the scaled median absolute deviation, worked by hand', () => {
    // Median 3, deviations 2 1 0 1 97, their median 1; 1.4826 × 5 / 4.2.
    expect(robustScale([1, 2, 3, 4, 100])).toBeCloseTo(1.765, 3);
  });

  test('is what the definition gives, for any values', () => {
    fc.assert(
      fc.property(samples, (values) => {
        expect(robustScale(values)).toBeCloseTo(bruteScale(values), 9);
      }),
      { seed: 1 },
    );
  });

  test('does not change with the order, nor when all values move, and grows with them', () => {
    fc.assert(
      fc.property(
        samples,
        fc.integer({ min: -100, max: 100 }),
        fc.integer({ min: 1, max: 9 }),
        (values, by, factor) => {
          const scale = robustScale(values);
          expect(robustScale(values.toReversed())).toBeCloseTo(scale, 9);
          expect(robustScale(values.map((value) => value + by))).toBeCloseTo(scale, 9);
          expect(robustScale(values.map((value) => value * factor))).toBeCloseTo(scale * factor, 7);
        },
      ),
      { seed: 2 },
    );
  });

  test('is about the standard deviation of normal samples, also of ten values', () => {
    const random = seededRandom(1);
    for (const count of [10, 20, 50]) {
      const scales = Array.from({ length: 4000 }, () =>
        robustScale(Array.from({ length: count }, () => normal(random))),
      );
      const average = scales.reduce((sum, scale) => sum + scale, 0) / scales.length;
      expect(Math.abs(average - 1)).toBeLessThan(0.03);
    }
  });

  test('of normal samples varies as that of so many degrees of freedom', () => {
    const random = seededRandom(2);
    const scales = Array.from({ length: 8000 }, () =>
      robustScale(Array.from({ length: 30 }, () => normal(random))),
    );
    const average = scales.reduce((sum, scale) => sum + scale, 0) / scales.length;
    const variance = scales.reduce((sum, scale) => sum + (scale - average) ** 2, 0) / scales.length;
    // The variance of a standard deviation of df degrees of freedom is 1 / (2 df).
    expect(1 / (2 * variance)).toBeGreaterThan(0.85 * robustDf(30));
    expect(1 / (2 * variance)).toBeLessThan(1.2 * robustDf(30));
  });

  test('is not made of one value', () => {
    expect(() => robustScale([1])).toThrow(RangeError);
  });
});
