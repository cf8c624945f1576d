import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rankSumP } from '../../../src/compare/statistics/rank-sum.ts';

describe('the exact rank-sum test', () => {
  // scipy 1.17.1: mannwhitneyu(higher, lower, alternative="greater", method="exact").pvalue
  test.each([
    [[4, 5, 6], [1, 2, 3], 0.05],
    [[1.1, 2.3, 4.4, 5.2], [0.4, 1.7, 2.1, 3.3], 0.1714285714285714],
    [[5, 6, 7, 8, 9.5, 10, 11, 12], [1, 2, 3, 4, 4.5, 4.7, 9, 4.9], 0.0009324009324009324],
    [[1, 2, 3], [4, 5, 6, 7], 1],
  ])('of %j over %j agrees with SciPy', (higher, lower, expected) => {
    expect(rankSumP(higher, lower)).toBeCloseTo(expected, 12);
  });

  // The usual printed tables: P(U <= 2) = .057 for 4 against 4.
  test('agrees with the printed tables', () => {
    expect(rankSumP([2.5, 5, 6, 7], [1, 2, 3, 4])).toBeCloseTo(0.057, 3);
  });

  test('takes a tie for the wrong order', () => {
    expect(rankSumP([3, 4], [1, 3])).toBe(rankSumP([2.9, 4], [1, 3]));
  });

  test('is 1 where a side is empty', () => {
    expect(rankSumP([], [1, 2])).toBe(1);
  });

  test('of all orders gives each p as often as it says', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }), (a, b) => {
        const all = splits(a + b, a).map(([higher, lower]) => rankSumP(higher, lower));
        for (const p of all) {
          expect(all.filter((other) => other <= p + 1e-12).length / all.length).toBeCloseTo(p, 10);
        }
      }),
      { seed: 1, numRuns: 16 },
    );
  });
});

/** Every way to give `a` of the numbers 1 to `n` to the first side. */
function splits(n: number, a: number): [number[], number[]][] {
  const found: [number[], number[]][] = [];
  for (let mask = 0; mask < 2 ** n; mask += 1) {
    const chosen = Array.from({ length: n }, (_, index) => index + 1);
    const first = chosen.filter((_, index) => ((mask >> index) & 1) === 1);
    if (first.length === a) found.push([first, chosen.filter((value) => !first.includes(value))]);
  }
  return found;
}
