import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { incompleteBeta } from '../../../src/compare/statistics/incomplete-beta.ts';

describe('the incomplete beta function', () => {
  // scipy 1.17.1: scipy.special.betainc(a, b, x)
  test.each([
    [0.5, 2, 3, 0.6875],
    [0.1, 0.5, 0.5, 0.20483276469913345],
    [0.9, 10, 2, 0.6973568802000002],
    [0.3, 200, 500, 0.7996208251731608],
    [0.01, 0.01, 5, 0.9746446808823579],
    [0.5001, 50_000, 50_000, 0.5252144517240505],
    [1e-8, 2, 3, 5.99999992e-16],
    [0.999, 3, 0.5, 0.9407468104840536],
  ])('at %d with a = %d and b = %d agrees with SciPy', (x, a, b, expected) => {
    expect(Math.abs(incompleteBeta(x, a, b) / expected - 1)).toBeLessThan(1e-9);
  });

  test('is symmetric: I_x(a, b) = 1 - I_(1-x)(b, a)', () => {
    const shape = fc.double({ min: 0.05, max: 500, noNaN: true });
    const share = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(share, shape, shape, (x, a, b) => {
        expect(incompleteBeta(x, a, b)).toBeCloseTo(1 - incompleteBeta(1 - x, b, a), 9);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('refuses what it is not defined for', () => {
    expect(() => incompleteBeta(1.1, 1, 1)).toThrow(RangeError);
    expect(() => incompleteBeta(0.5, 0, 1)).toThrow(RangeError);
    expect(() => incompleteBeta(Number.NaN, 1, 1)).toThrow(RangeError);
  });
});
