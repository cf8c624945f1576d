import { describe, expect, test } from 'vitest';
import { quantileSorted } from '../src/quantile.ts';

describe('a quantile of type 7', () => {
  // R 4.3: quantile(c(1, 2, 4, 8, 16), c(0, .1, .25, .5, .9, .95, 1), type = 7)
  test.each([
    [0, 1],
    [0.1, 1.4],
    [0.25, 2],
    [0.5, 4],
    [0.9, 12.8],
    [0.95, 14.4],
    [1, 16],
  ])('at %f agrees with R', (q, expected) => {
    expect(quantileSorted([1, 2, 4, 8, 16], q)).toBeCloseTo(expected, 12);
  });

  test('of nothing is an error, not zero', () => {
    expect(() => quantileSorted([], 0.5)).toThrow('no values, no quantile');
  });

  test('is refused outside 0 to 1', () => {
    expect(() => quantileSorted([1], 1.1)).toThrow('between 0 and 1');
  });
});
