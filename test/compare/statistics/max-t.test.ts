import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelingsOf, type RoundSize } from '../../../src/compare/statistics/labelings.ts';
import { type LabeledRow, maxT } from '../../../src/compare/statistics/max-t.ts';
import { seededRandom } from '../../../src/random.ts';
import { normal } from '../sketch.ts';
import { bruteForce } from './brute-force.ts';

function row(values: readonly number[], name = 'p50', inFamily = true): LabeledRow {
  return { values, class: name, inFamily };
}

function judged(rows: readonly LabeledRow[], rounds: readonly RoundSize[], seed = 1) {
  return maxT(rows, labelingsOf(rounds, seededRandom(seed)));
}

const TWO = { baseline: 2, candidate: 2 };
const FOUR = { baseline: 4, candidate: 4 };

describe('the permutation test over many rows', () => {
  // D. Nettleton, http://www.public.iastate.edu/~dnett/S401/randomizationtest.txt: A 7 and 5, B 3 and 1; two of six
  // assignments are as extreme on either side, so one of six on one.
  test('gives the p of a worked example for one row of 2 against 2', () => {
    const estimate = judged([row([3, 1, 7, 5])], [TWO]).estimates[0];
    expect(estimate?.pWorse).toBe(1 / 6);
    expect(estimate?.pBetter).toBe(1);
  });

  // scipy 1.17.1: permutation_test((b, a), lambda x, y: x.mean() - y.mean(), alternative="greater",
  //   n_resamples=inf) with a = [1.1, 2.3, 1.9, 3.2], b = [2.8, 3.6, 1.8, 3.9] -> 0.11428571428571428
  test('gives the p of SciPy for one row of 4 against 4', () => {
    const rows = [row([1.1, 2.3, 1.9, 3.2, 2.8, 3.6, 1.8, 3.9])];
    expect(judged(rows, [FOUR]).estimates[0]?.pWorse).toBeCloseTo(0.11428571428571428, 12);
  });

  test('agrees with brute force, for arms of any size and any number of rounds', () => {
    const size = fc.record({
      baseline: fc.integer({ min: 1, max: 3 }),
      candidate: fc.integer({ min: 2, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(size, { minLength: 1, maxLength: 2 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(),
        (rounds, count, seed) => {
          const random = seededRandom(seed);
          const columns = rounds.reduce((sum, each) => sum + each.baseline + each.candidate, 0);
          const rows = Array.from({ length: count }, (_, index) =>
            row(
              Array.from({ length: columns }, () => normal(random)),
              index % 2 === 0 ? 'p50' : 'p90',
            ),
          );
          const expected = bruteForce(rows, rounds);
          for (const [index, estimate] of judged(rows, rounds).estimates.entries()) {
            expect(estimate.difference).toBeCloseTo(expected[index]?.difference ?? Number.NaN, 10);
            expect(estimate.t).toBeCloseTo(expected[index]?.t ?? Number.NaN, 8);
            expect(estimate.pWorse).toBeCloseTo(expected[index]?.pWorse ?? Number.NaN, 10);
            expect(estimate.pBetter).toBeCloseTo(expected[index]?.pBetter ?? Number.NaN, 10);
          }
        },
      ),
      { seed: 1, numRuns: 60 },
    );
  });

  test('does not see what all instances of a round have in common', () => {
    const random = seededRandom(5);
    const values = Array.from({ length: 16 }, () => normal(random));
    const moved = values.map((value, index) => value + (index < 8 ? 3 : -7));
    const before = judged([row(values)], [FOUR, FOUR]).estimates[0];
    const after = judged([row(moved)], [FOUR, FOUR]).estimates[0];
    expect(after?.pWorse).toBe(before?.pWorse);
    expect(after?.t).toBeCloseTo(before?.t ?? Number.NaN, 9);
  });

  test('finds the slower row among sixty, and no other', () => {
    const random = seededRandom(6);
    const rows = Array.from({ length: 60 }, (_, index) =>
      row(
        Array.from(
          { length: 40 },
          (_, column) => 0.01 * normal(random) + (index === 17 && column % 8 >= 4 ? 0.05 : 0),
        ),
      ),
    );
    const { estimates } = judged(rows, [FOUR, FOUR, FOUR, FOUR, FOUR]);
    const found = estimates.flatMap((estimate, index) => ((estimate.pWorse ?? 1) <= 0.01 ? [index] : []));
    expect(found).toEqual([17]);
    expect(estimates[17]?.difference).toBeCloseTo(0.05, 1);
  });

  test('spends nothing on rows outside the family', () => {
    const random = seededRandom(7);
    const draw = (): number[] => Array.from({ length: 16 }, () => normal(random));
    const values = draw();
    const alone = judged([row(values)], [FOUR, FOUR]).estimates[0];
    const beside = judged([row(values), row(draw(), 'other', false)], [FOUR, FOUR]).estimates;
    expect(beside[0]?.pWorse).toBe(alone?.pWorse);
    expect(beside[1]?.pWorse).toBeNull();
    expect(beside[1]?.error).toBeGreaterThan(0);
  });

  test('names the T that alpha asks for', () => {
    const random = seededRandom(8);
    const rows = Array.from({ length: 10 }, () => row(Array.from({ length: 16 }, () => normal(random))));
    const { critical, estimates } = judged(rows, [FOUR, FOUR]);
    for (const alpha of [0.01, 0.05, 0.3, 0.9]) {
      for (const estimate of estimates) {
        expect((estimate.pWorse ?? 1) <= alpha).toBe(estimate.t >= critical(alpha) - 1e-9);
      }
    }
  });

  test('says that 36 labelings can never reach one in a hundred', () => {
    const random = seededRandom(9);
    const { critical } = judged([row(Array.from({ length: 8 }, () => normal(random)))], [TWO, TWO]);
    expect(critical(0.01)).toBe(Number.POSITIVE_INFINITY);
    expect(critical(0.03)).toBeLessThan(Number.POSITIVE_INFINITY);
  });

  test('bears rows in which every instance shows the same', () => {
    const { estimates } = judged([row(new Array(16).fill(2)), row(new Array(16).fill(3))], [FOUR, FOUR]);
    expect(estimates.map((estimate) => [estimate.t, estimate.pWorse])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  test('refuses a design without a replicate', () => {
    expect(() => judged([row([1, 2])], [{ baseline: 1, candidate: 1 }])).toThrow(RangeError);
  });

  test('is never zero', () => {
    const values = Array.from({ length: 24 }, (_, column) => (column % 8 >= 4 ? 100 : 0) + column / 1000);
    expect(judged([row(values)], [FOUR, FOUR, FOUR]).estimates[0]?.pWorse).toBeGreaterThan(0);
  });
});
