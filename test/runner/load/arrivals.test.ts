import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/random.ts';
import { arrivalGaps, exactGaps } from '../../../src/runner/load/arrivals.ts';

function take(gaps: Iterator<number, never>, count: number): number[] {
  return Array.from({ length: count }, () => gaps.next().value);
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((all, value) => all + value, 0);
}

describe('arrivals', () => {
  it('are evenly spaced when they are uniform', () => {
    expect(take(arrivalGaps('uniform', 50, seededRandom(1)), 5)).toEqual([0.02, 0.02, 0.02, 0.02, 0.02]);
  });

  it('have exponential gaps when they are Poisson', () => {
    const gaps = take(arrivalGaps('poisson', 200, seededRandom(1)), 20_000).sort((a, b) => a - b);
    expect(sum(gaps) / gaps.length).toBeCloseTo(1 / 200, 4);
    // Kolmogorov and Smirnov: the greatest distance to 1 - exp(-200 t) is below 1.63 / sqrt(n) in 99 of 100 samples.
    const distances = gaps.map((gap, index) => Math.abs(1 - Math.exp(-200 * gap) - index / gaps.length));
    expect(Math.max(...distances)).toBeLessThan(1.63 / Math.sqrt(gaps.length));
  });

  it('come in the number and time that they are planned for, whatever the seed', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('uniform' as const, 'poisson' as const),
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0.1, max: 5000, noNaN: true }),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (process, count, rate, seed) => {
          const gaps = exactGaps(process, { rate, count }, seededRandom(seed));
          expect(gaps).toHaveLength(count);
          expect(sum(gaps) / (count / rate)).toBeCloseTo(1, 9);
          expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
        },
      ),
      { seed: 3, numRuns: 100 },
    );
  });

  it('are uniformly distributed over that time when they are Poisson', () => {
    const count = 10_000;
    const gaps = exactGaps('poisson', { rate: 100, count }, seededRandom(4));
    let at = 0;
    const distances = [...gaps].map((gap, index) => {
      at += gap;
      return Math.abs(at / (count / 100) - (index + 1) / count);
    });
    expect(Math.max(...distances)).toBeLessThan(1.63 / Math.sqrt(count));
    // Not merely evenly spaced: the gaps vary as much as their mean.
    const mean = 1 / 100;
    const variance = sum(gaps.map((gap) => (gap - mean) ** 2)) / count;
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.95);
    expect(Math.sqrt(variance) / mean).toBeLessThan(1.05);
  });

  it.each([0, -3, Number.NaN, Number.POSITIVE_INFINITY])('need a rate, not %s', (rate) => {
    expect(() => arrivalGaps('uniform', rate, seededRandom(1)).next()).toThrow(RangeError);
    expect(() => exactGaps('poisson', { rate, count: 3 }, seededRandom(1))).toThrow(RangeError);
  });
});
