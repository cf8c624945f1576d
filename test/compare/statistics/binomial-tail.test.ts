import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { binomialUpperTail, higherRateP } from '../../../src/compare/statistics/binomial-tail.ts';

describe('the upper tail of the binomial', () => {
  // scipy 1.17.1: scipy.stats.binom.sf(k - 1, n, p)
  test.each([
    [8, 10, 0.5, 0.0546875],
    [12, 20, 0.3, 0.0051381615351214025],
    [60, 1000, 0.04, 0.0015153048353646844],
    [10, 10, 0.5, 0.0009765625],
    [1, 100, 0.001, 0.09520785288629095],
    [520, 1000, 0.5, 0.10872414660207075],
  ])('of %d in %d at %d agrees with SciPy', (successes, trials, probability, expected) => {
    expect(Math.abs(binomialUpperTail(successes, trials, probability) / expected - 1)).toBeLessThan(1e-9);
  });

  test('is the sum of its terms', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 30 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (trials, successes, probability) => {
          let sum = 0;
          for (let x = successes; x <= trials; x += 1) sum += term(x, trials, probability);
          expect(binomialUpperTail(successes, trials, probability)).toBeCloseTo(sum, 9);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('the exact test of two rates', () => {
  // scipy 1.17.1: binomtest(9, 10, 400 / 1200, alternative="greater").pvalue
  test('agrees with SciPy', () => {
    const p = higherRateP({ events: 1, trials: 800 }, { events: 9, trials: 400 });
    expect(p).toBeCloseTo(0.00035563684397703593, 12);
  });

  test('says nothing where a side has no trials', () => {
    expect(higherRateP({ events: 0, trials: 0 }, { events: 9, trials: 10 })).toBe(1);
  });

  test('is 1 where there is no error at all', () => {
    expect(higherRateP({ events: 0, trials: 100 }, { events: 0, trials: 100 })).toBe(1);
  });
});

function term(x: number, n: number, p: number): number {
  let combinations = 1;
  for (let i = 1; i <= x; i += 1) combinations = (combinations * (n - i + 1)) / i;
  return combinations * p ** x * (1 - p) ** (n - x);
}
