/** The rules of other tools, against examples small enough to be computed by hand. */
import { describe, expect, test } from 'vitest';
import { wilson } from '../../bench/judge/intervals.ts';
import {
  iqrBoundary,
  PEERS,
  type PeerRow,
  shiftInterval,
  significanceThreshold,
  tBoundary,
  zBoundary,
} from '../../bench/judge/peers.ts';

function row(base: readonly number[], head: readonly number[], history: readonly number[] = base): PeerRow {
  const side = (values: readonly number[]) => ({
    values,
    requests: {
      count: 1000,
      mean: values.reduce((sum, value) => sum + value, 0) / values.length,
      deviation: 1,
    },
  });
  return { base: side(base), head: side(head), history };
}

const says = (name: string, asked: PeerRow): boolean | undefined => PEERS[name]?.(asked);

describe('the rules of other tools', () => {
  test('fixed ratios look at one number alone', () => {
    expect(says('fixed 10 %', row([10, 10, 10], [11.1, 11.1, 11.1]))).toBe(true);
    expect(says('fixed 10 %', row([10, 10, 10], [10.9, 10.9, 10.9]))).toBe(false);
    expect(says('github-action-benchmark, 200 %', row([10], [19.9]))).toBe(false);
    expect(says('github-action-benchmark, 200 %', row([10], [20.1]))).toBe(true);
  });

  // (10.1 - 10) / sqrt(1/1000 + 1/1000) = 2.236, 1,998 degrees of freedom: p = 0.0255. And 10.08: t = 1.789, p = 0.074.
  test("Welch's t with all requests calls one percent significant", () => {
    const name = 'autocannon-compare, Welch t, n = requests';
    expect(says(name, row([10], [10.1]))).toBe(true);
    expect(says(name, row([10], [10.08]))).toBe(false);
    expect(says(name, row([10.1], [10]))).toBe(false);
  });

  // Of 1 to 5: mean 3, deviation 1.5811; t(0.99, 4) = 3.7469 (R: qt(0.99, 4)); 3 + 3.7469 * 1.5811 * sqrt(1.2).
  test('a boundary by t is that of the prediction interval', () => {
    expect(tBoundary([1, 2, 3, 4, 5], 0.99)).toBeCloseTo(9.4898, 3);
    expect(tBoundary([1], 0.99)).toBe(Number.POSITIVE_INFINITY);
  });

  // 3 + 2.3263 * 1.5811
  test('a boundary by z takes the deviation of the history for that of the world', () => {
    expect(zBoundary([1, 2, 3, 4, 5], 0.99)).toBeCloseTo(6.6783, 3);
  });

  // simple-statistics: quartiles 2 and 4 of 1 to 5, so 3 + 3 * 2.
  test('a boundary by the interquartile range stands on the median', () => {
    expect(iqrBoundary([1, 2, 3, 4, 5], 3)).toBeCloseTo(9, 12);
  });

  // 4 against 4 all in order: 2 / 70 = 0.029; 3 against 3: 2 / 20 = 0.1.
  test('Mann-Whitney needs four against four to say anything at 0.05', () => {
    const name = 'benchstat, Mann-Whitney 0.05';
    expect(says(name, row([1, 2, 3, 4], [5, 6, 7, 8]))).toBe(true);
    expect(says(name, row([1, 2, 3], [5, 6, 7]))).toBe(false);
    expect(says(name, row([5, 6, 7, 8], [1, 2, 3, 4]))).toBe(false);
  });

  // 8 against 8: 64 differences; 32 - 2.3263 * sqrt(64 * 17 / 12) = 9.85, so the tenth smallest.
  test('an interval of the shift is read off the ordered differences', () => {
    const base = [1, 2, 3, 4, 5, 6, 7, 8];
    const head = base.map((value) => value + 100);
    const { lower, estimate, upper } = shiftInterval(base, head, 0.98);
    expect(estimate).toBe(100);
    // Differences -7 to 7 occur 1, 2, 3, 4, … times: the tenth smallest is the last of -4.
    expect(lower).toBe(96);
    expect(upper).toBe(104);
  });

  test("Kayenta's classifier asks for a lower end above a quarter of the shift", () => {
    const base = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(
      says(
        "Kayenta's classifier",
        row(
          base,
          base.map((value) => value + 100),
        ),
      ),
    ).toBe(true);
    expect(
      says(
        "Kayenta's classifier",
        row(
          base,
          base.map((value) => value + 5),
        ),
      ),
    ).toBe(false);
    expect(says("Kayenta's classifier", row([1, 2, 3], [101, 102, 103]))).toBe(false);
  });

  // Changes 1 %, 2 %, 3 %, 4 %: quartiles 1.75 % and 3.25 %; 3.25 + 3 * 1.5 = 7.75 %.
  test("rustc-perf's threshold is that of outliers among the changes of the history", () => {
    const history = [100, 101, 98.98, 101.9494, 97.871424];
    expect(significanceThreshold(history)).toBeCloseTo(0.0775, 4);
    expect(says('rustc-perf, significance factor', row([100], [108], history))).toBe(true);
    expect(says('rustc-perf, significance factor', row([100], [107], history))).toBe(false);
    expect(significanceThreshold([100, 101])).toBe(0.002);
  });
});

// R: prop.test(0, 120, correct = FALSE) gives 0 to 0.0310; prop.test(5, 50, correct = FALSE) 0.0434 to 0.2136.
test("Wilson's interval of a share", () => {
  expect(wilson(0, 120).upper).toBeCloseTo(0.031, 3);
  expect(wilson(5, 50).lower).toBeCloseTo(0.0435, 3);
  expect(wilson(5, 50).upper).toBeCloseTo(0.2136, 3);
});
