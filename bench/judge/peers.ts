/**
 * The decision rules of other tools, for one row: base, head, and the history of earlier runs. Written from what their
 * sources and docs say (named at each), at their defaults; what they do around the rule, such as alerts for groups, is
 * left out. All are asked the same: is this row worse?
 */
import { interquartileRange, mean, median, quantileSorted, sampleStandardDeviation } from 'simple-statistics';
import { rankSumP } from '../../src/compare/statistics/rank-sum.ts';
import { studentTQuantile, studentTUpperTail } from '../../src/compare/statistics/student-t.ts';

/** One side of a row. */
export interface PeerSample {
  /** A value an instance, in seconds. */
  readonly values: readonly number[];
  /** Of all requests of all instances, as load generators sum them up. */
  readonly requests: { readonly count: number; readonly mean: number; readonly deviation: number };
}

export interface PeerRow {
  readonly base: PeerSample;
  readonly head: PeerSample;
  /** A value for each earlier run of base, oldest first. */
  readonly history: readonly number[];
}

export type PeerRule = (row: PeerRow) => boolean;

/** By the name in the table. */
export const PEERS: Readonly<Record<string, PeerRule>> = {
  'fixed 10 %': ({ base, head }) => ratio(base, head) > 1.1,
  // github-action-benchmark, src/write.ts: one number against the last one, alert-threshold 200 %.
  'github-action-benchmark, 200 %': ({ base, head }) => ratio(base, head) > 2,
  'autocannon-compare, Welch t, n = requests': autocannonCompare,
  'Bencher, t-test 0.99 on history': ({ head, history }) =>
    median([...head.values]) > tBoundary(history, 0.99),
  'Bencher, z-score 0.99 on history': ({ head, history }) =>
    median([...head.values]) > zBoundary(history, 0.99),
  'Bencher, IQR x 3 on history': ({ head, history }) => median([...head.values]) > iqrBoundary(history, 3),
  'benchstat, Mann-Whitney 0.05': benchstat,
  "Kayenta's classifier": kayenta,
  'rustc-perf, significance factor': rustcPerf,
};

function ratio(base: PeerSample, head: PeerSample): number {
  return median([...head.values]) / median([...base.values]);
}

/** autocannon-compare, compare.js: Welch's t of mean, deviation and number of requests; different where p < 0.05. */
function autocannonCompare({ base, head }: PeerRow): boolean {
  const a = base.requests.deviation ** 2 / base.requests.count;
  const b = head.requests.deviation ** 2 / head.requests.count;
  const t = (head.requests.mean - base.requests.mean) / Math.sqrt(a + b);
  const df = (a + b) ** 2 / (a ** 2 / (base.requests.count - 1) + b ** 2 / (head.requests.count - 1));
  return t > 0 && 2 * studentTUpperTail(t, df) < 0.05;
}

/** Bencher, thresholds: the upper end of Student's prediction interval for one more run. */
export function tBoundary(history: readonly number[], boundary: number): number {
  const n = history.length;
  if (n < 2) return Number.POSITIVE_INFINITY;
  const spread = sampleStandardDeviation([...history]) * Math.sqrt(1 + 1 / n);
  return mean([...history]) + studentTQuantile(boundary, n - 1) * spread;
}

/** Bencher, thresholds: mean and normal quantile times the standard deviation. */
export function zBoundary(history: readonly number[], boundary: number): number {
  if (history.length < 2) return Number.POSITIVE_INFINITY;
  // So many degrees of freedom are a normal distribution.
  return mean([...history]) + studentTQuantile(boundary, 1e7) * sampleStandardDeviation([...history]);
}

/** Bencher, thresholds: median and a multiple of the interquartile range. */
export function iqrBoundary(history: readonly number[], multiple: number): number {
  if (history.length < 2) return Number.POSITIVE_INFINITY;
  return median([...history]) + multiple * interquartileRange([...history]);
}

/** benchstat: two-sided Mann-Whitney, alpha 0.05, exact; worse where the median is larger. */
function benchstat({ base, head }: PeerRow): boolean {
  return ratio(base, head) > 1 && Math.min(1, 2 * rankSumP(head.values, base.values)) < 0.05;
}

/**
 * Kayenta, MannWhitneyClassifier.scala: the 98 % interval of the shift lies above a quarter of the estimated shift
 * (Hodges and Lehmann); no limit to the effect by default.
 */
function kayenta({ base, head }: PeerRow): boolean {
  const { lower, estimate } = shiftInterval(base.values, head.values, 0.98);
  return lower > 0.25 * Math.abs(estimate);
}

/** Interval of the shift by the ordered differences, with the normal approximation that R uses for large samples. */
export function shiftInterval(
  base: readonly number[],
  head: readonly number[],
  level: number,
): { readonly lower: number; readonly estimate: number; readonly upper: number } {
  const differences = head.flatMap((value) => base.map((other) => value - other)).sort((a, b) => a - b);
  const [m, n] = [base.length, head.length];
  const z = studentTQuantile((1 + level) / 2, 1e7);
  const rank = Math.floor((m * n) / 2 - z * Math.sqrt((m * n * (m + n + 1)) / 12));
  const index = Math.max(0, rank);
  return {
    lower: rank < 0 ? Number.NEGATIVE_INFINITY : (differences[index] as number),
    estimate: quantileSorted(differences, 0.5),
    upper: rank < 0 ? Number.POSITIVE_INFINITY : (differences[differences.length - 1 - index] as number),
  };
}

/**
 * rustc-perf, comparison-analysis.md: the relative change over the threshold Q3 + 3 IQR of the changes from one run of
 * the history to the next (0.2 % where there are too few) is at least 1.
 */
function rustcPerf({ base, head, history }: PeerRow): boolean {
  return (ratio(base, head) - 1) / significanceThreshold(history) >= 1;
}

export function significanceThreshold(history: readonly number[]): number {
  const recent = history.slice(-31);
  const changes = recent.slice(1).map((value, index) => Math.abs(value / (recent[index] as number) - 1));
  if (changes.length < 4) return 0.002;
  changes.sort((a, b) => a - b);
  const q3 = quantileSorted(changes, 0.75);
  return Math.max(1e-9, q3 + 3 * (q3 - quantileSorted(changes, 0.25)));
}
