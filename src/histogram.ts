/**
 * Base-2 exponential histogram with the field names of OpenTelemetry's metrics data model.
 *
 * Bucket `index` holds values in (base^index, base^(index+1)], base = 2^(2^-scale); upper boundaries are inclusive.
 * The scale is fixed at 7, so a quantile is off by at most 0.27 % (OTel's default of 160 buckets reaches 4 %,
 * too coarse to see a change of 5 %).
 * Source: https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
 */

/** Reason for 7: relative error (base-1)/(base+1) = 0.27 %, a twentieth of the smallest default tolerance. */
export const HISTOGRAM_SCALE = 7;

const BUCKETS_PER_DOUBLING = 2 ** HISTOGRAM_SCALE;

/** The stored form. `bucketCounts[i]` counts values of bucket `offset + i`. Values are seconds. */
export interface Histogram {
  readonly scale: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly zeroCount: number;
  readonly positive: { readonly offset: number; readonly bucketCounts: readonly number[] };
}

export const EMPTY_HISTOGRAM: Histogram = {
  scale: HISTOGRAM_SCALE,
  count: 0,
  sum: 0,
  min: 0,
  max: 0,
  zeroCount: 0,
  positive: { offset: 0, bucketCounts: [] },
};

/** Index of the bucket that holds `value` (> 0). Exact powers of two belong to the bucket below them. */
export function bucketIndex(value: number): number {
  const index = Math.ceil(Math.log2(value) * BUCKETS_PER_DOUBLING) - 1;
  // log2 can be off by one unit in the last place next to a boundary; the boundary itself decides.
  if (value > bucketUpperBoundary(index)) return index + 1;
  if (value <= bucketUpperBoundary(index - 1)) return index - 1;
  return index;
}

/** Inclusive upper boundary of bucket `index`. */
export function bucketUpperBoundary(index: number): number {
  return 2 ** ((index + 1) / BUCKETS_PER_DOUBLING);
}

/**
 * Counts `values` (seconds, any order). Values at or below 0 go to the zero bucket: a clock that steps back can
 * produce them. NaN and infinities are left out, as the specification asks.
 */
export function histogramOf(values: Iterable<number>): Histogram {
  const counts = new Map<number, number>();
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let zeroCount = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    count += 1;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value <= 0) {
      zeroCount += 1;
      continue;
    }
    const index = bucketIndex(value);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  if (count === 0) return EMPTY_HISTOGRAM;
  return { scale: HISTOGRAM_SCALE, count, sum, min, max, zeroCount, positive: densify(counts) };
}

/** Sum of two histograms, at the coarser of the two scales (perfect subsetting: `index >> n`). */
export function mergeHistograms(left: Histogram, right: Histogram): Histogram {
  if (left.count === 0) return right;
  if (right.count === 0) return left;
  const scale = Math.min(left.scale, right.scale);
  const counts = new Map<number, number>();
  for (const histogram of [left, right]) addCounts(counts, histogram, scale);
  return {
    scale,
    count: left.count + right.count,
    sum: left.sum + right.sum,
    min: Math.min(left.min, right.min),
    max: Math.max(left.max, right.max),
    zeroCount: left.zeroCount + right.zeroCount,
    positive: densify(counts),
  };
}

/**
 * The histogram at the finest scale with at most `maxBuckets` buckets: each step of scale makes one bucket of two.
 * OpenTelemetry's SDKs limit the size of theirs in the same way.
 *
 * @throws RangeError when `maxBuckets` is below 2: two neighbouring buckets need not ever become one
 */
export function limitBuckets(histogram: Histogram, maxBuckets: number): Histogram {
  if (maxBuckets < 2) throw new RangeError('a histogram needs at least two buckets');
  let limited = histogram;
  while (limited.positive.bucketCounts.length > maxBuckets) {
    const counts = new Map<number, number>();
    addCounts(counts, limited, limited.scale - 1);
    limited = { ...limited, scale: limited.scale - 1, positive: densify(counts) };
  }
  return limited;
}

/**
 * Quantile `q` (0 to 1) of a histogram, in seconds, by logarithmic interpolation inside the bucket and clamped to
 * [min, max]. The rank is `q * (count - 1)`, as in quantile type 7.
 *
 * @throws RangeError when the histogram is empty: an empty histogram has no quantile, and 0 would be a lie.
 */
export function histogramQuantile(histogram: Histogram, q: number): number {
  if (histogram.count === 0) throw new RangeError('an empty histogram has no quantile');
  if (!(q >= 0 && q <= 1)) throw new RangeError(`a quantile is between 0 and 1, not ${q}`);
  const rank = q * (histogram.count - 1);
  if (rank < histogram.zeroCount) return Math.max(0, histogram.min);
  let below = histogram.zeroCount;
  const perDoubling = 2 ** histogram.scale;
  for (const [position, bucketCount] of histogram.positive.bucketCounts.entries()) {
    if (bucketCount > 0 && rank < below + bucketCount) {
      const within = (rank - below + 0.5) / bucketCount;
      const exponent = (histogram.positive.offset + position + Math.min(1, within)) / perDoubling;
      return Math.min(histogram.max, Math.max(histogram.min, 2 ** exponent));
    }
    below += bucketCount;
  }
  return histogram.max;
}

/** Perfect subsetting: `index >> n` is the index n scales further down. */
function addCounts(counts: Map<number, number>, { scale, positive }: Histogram, target: number): void {
  positive.bucketCounts.forEach((bucketCount, position) => {
    if (bucketCount === 0) return;
    const index = (positive.offset + position) >> (scale - target);
    counts.set(index, (counts.get(index) ?? 0) + bucketCount);
  });
}

function densify(counts: ReadonlyMap<number, number>): Histogram['positive'] {
  if (counts.size === 0) return { offset: 0, bucketCounts: [] };
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (const index of counts.keys()) {
    if (index < lowest) lowest = index;
    if (index > highest) highest = index;
  }
  const bucketCounts = new Array<number>(highest - lowest + 1).fill(0);
  for (const [index, bucketCount] of counts) bucketCounts[index - lowest] = bucketCount;
  return { offset: lowest, bucketCounts };
}
