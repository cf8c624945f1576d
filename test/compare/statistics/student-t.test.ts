import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { studentTQuantile, studentTUpperTail } from '../../../src/compare/statistics/student-t.ts';

describe("Student's t", () => {
  // scipy 1.17.1: scipy.stats.t.sf(t, df)
  test.each([
    [0, 5, 0.5],
    [2.015048372669157, 5, 0.050000000042352645],
    [-1.5, 3, 0.8847080673775886],
    [12.706204736432095, 1, 0.02499999999949565],
    [5, 18, 4.642071278688405e-5],
    [20, 30, 3.3745418328856447e-19],
    [1.96, 1e6, 0.024998033792634926],
    [0.01, 2.5, 0.49638199717895415],
  ])('has the upper tail of SciPy at t = %d, df = %d', (t, df, expected) => {
    expect(Math.abs(studentTUpperTail(t, df) / expected - 1)).toBeLessThan(1e-9);
  });

  // scipy 1.17.1: scipy.stats.t.ppf(p, df)
  test.each([
    [0.95, 5, 2.0150483733330233],
    [0.975, 1, 12.706204736174694],
    [0.9, 18, 1.3303909435699093],
    [0.999, 6, 5.207626238725373],
    [0.05, 12, -1.7822875556493194],
    [0.999999, 24, 6.2176623069132395],
    [0.95, 5.5, 1.9752797040389098],
    [0.98, 1e5, 2.053775701534888],
  ])('has the quantile of SciPy at %d, df = %d', (probability, df, expected) => {
    expect(Math.abs(studentTQuantile(probability, df) / expected - 1)).toBeLessThan(1e-9);
  });

  // NIST/SEMATECH e-Handbook, table 1.3.6.7.2, https://www.itl.nist.gov/div898/handbook/eda/section3/eda3672.htm
  test.each([
    [10, 1.372, 1.812, 2.764],
    [20, 1.325, 1.725, 2.528],
    [30, 1.31, 1.697, 2.457],
  ])('has the critical values that NIST prints for df = %d', (df, q90, q95, q99) => {
    expect(studentTQuantile(0.9, df)).toBeCloseTo(q90, 3);
    expect(studentTQuantile(0.95, df)).toBeCloseTo(q95, 3);
    expect(studentTQuantile(0.99, df)).toBeCloseTo(q99, 3);
  });

  test('quantile and tail undo each other', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
        fc.double({ min: 1, max: 200, noNaN: true }),
        (probability, df) => {
          expect(1 - studentTUpperTail(studentTQuantile(probability, df), df)).toBeCloseTo(probability, 9);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  test('there is no quantile of 0 or 1, and no distribution without degrees of freedom', () => {
    expect(() => studentTQuantile(1, 5)).toThrow(RangeError);
    expect(() => studentTUpperTail(1, 0)).toThrow(RangeError);
  });
});
