import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeErrorRates } from '../../src/compare/error-rates.ts';
import type { Pair } from '../../src/compare/judgement.ts';
import { pairOf, tallies } from './pairs.ts';

function rate(baseline: readonly number[], candidate: readonly number[], count = 1000): Pair {
  return pairOf('error-rate', { baseline: tallies(baseline, count), candidate: tallies(candidate, count) });
}

function judge(pair: Pair, again?: Pair) {
  return judgeErrorRates([pair], new Map(again ? [[pair.id, again]] : [])).get(pair.id);
}

const FEW = [1, 0, 1, 0];
const MANY = [9, 8, 7, 9];

describe('error rates', () => {
  test('fail at once where there were none and two instances of two rounds have ten', () => {
    expect(judge(rate([0, 0, 0, 0], [5, 0, 5, 0]))).toMatchObject({
      reason: 'errors-increased',
      outcome: 'fail',
    });
  });

  test('wait for a second measurement where all errors came in one round', () => {
    expect(judge(rate([0, 0, 0, 0], [6, 6, 0, 0]))).toMatchObject({ reason: 'screened', outcome: 'none' });
  });

  test('do not fail for one instance, however many errors it had', () => {
    expect(judge(rate([0, 0, 0, 0], [500, 0, 0, 0]))).toMatchObject({
      verdict: 'inconclusive',
      outcome: 'none',
    });
  });

  test('do not fail for four errors', () => {
    expect(judge(rate([0, 0, 0, 0], [1, 1, 1, 1], 100))?.outcome).toBe('none');
  });

  test('do not fail for a gain below a tenth of a point', () => {
    const found = judge(rate([1, 0, 1, 0], [9, 8, 7, 9], 100_000));
    expect(found).toMatchObject({ verdict: 'unchanged', reason: 'within-limit' });
  });

  test('that had some before wait for a second measurement, and do what it says', () => {
    expect(judge(rate(FEW, MANY))).toMatchObject({ reason: 'screened' });
    expect(judge(rate(FEW, MANY), rate(FEW, MANY))).toMatchObject({
      reason: 'errors-increased',
      outcome: 'fail',
    });
    expect(judge(rate(FEW, MANY), rate(FEW, FEW))).toMatchObject({
      reason: 'not-confirmed',
      outcome: 'none',
    });
  });

  test('that fall are an improvement', () => {
    expect(judge(rate(MANY, FEW))).toMatchObject({ verdict: 'improvement', reason: 'errors-decreased' });
  });

  test('are corrected for the number of rows', () => {
    // scipy 1.17.1: binomtest(15, 18, 0.5, alternative="greater").pvalue is 0.0038: below 0.01 alone, not times ten.
    const suspect = rate([1, 1, 1, 0], [4, 4, 4, 3]);
    expect(judge(suspect)?.reason).toBe('screened');
    const others = Array.from({ length: 9 }, (_, index) => ({
      ...rate([5, 5], [5, 5]),
      id: `other ${index}`,
    }));
    expect(judgeErrorRates([suspect, ...others], new Map()).get(suspect.id)?.outcome).toBe('none');
    expect(judgeErrorRates([suspect, ...others], new Map()).get(suspect.id)?.reason).toBe('noisy');
    const off = others.map((pair) => ({ ...pair, limit: { ...pair.limit, level: 'off' as const } }));
    expect(judgeErrorRates([suspect, ...off], new Map()).get(suspect.id)?.reason).toBe('screened');
  });

  test('never fail where the candidate has no more errors than the baseline', () => {
    const events = fc.array(fc.nat(50), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(events, fc.nat(10), (baseline, fewer) => {
        const candidate = baseline.map((each) => Math.max(0, each - fewer));
        const pair = rate(baseline, candidate);
        expect(judge(pair, pair)?.outcome).toBe('none');
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
