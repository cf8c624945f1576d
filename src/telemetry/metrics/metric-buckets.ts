/**
 * Buckets of histograms as OpenTelemetry sends them: with boundaries of their own (explicit), or by powers of a base
 * (exponential, https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram).
 */

export interface ExplicitBuckets {
  readonly kind: 'explicit';
  /** Inclusive upper boundaries; there is one count more than these. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

export interface ExponentialBuckets {
  readonly kind: 'exponential';
  readonly scale: number;
  /** Of zero, and of what is below it. */
  readonly zeroCount: number;
  readonly offset: number;
  readonly counts: readonly number[];
}

export type MetricBuckets = ExplicitBuckets | ExponentialBuckets;

/** Values above `lower` up to `upper`. */
export interface Cell {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
}

/**
 * What was counted between two readings of a histogram that only grows.
 *
 * @returns null where it did not only grow: somebody began anew
 */
export function bucketsSince(before: MetricBuckets, now: MetricBuckets): MetricBuckets | null {
  if (before.kind === 'explicit' && now.kind === 'explicit') return explicitSince(before, now);
  if (before.kind === 'exponential' && now.kind === 'exponential') return exponentialSince(before, now);
  return null;
}

function explicitSince(before: ExplicitBuckets, now: ExplicitBuckets): ExplicitBuckets | null {
  const alike =
    before.bounds.length === now.bounds.length &&
    before.bounds.every((bound, at) => bound === now.bounds[at]);
  if (!alike) return null;
  const counts = now.counts.map((count, at) => count - (before.counts[at] ?? 0));
  return counts.some((count) => count < 0) ? null : { ...now, counts };
}

/** The scale falls while a histogram grows; buckets of the finer one lie in those of the coarser (`index >> n`). */
function exponentialSince(before: ExponentialBuckets, now: ExponentialBuckets): ExponentialBuckets | null {
  const steps = before.scale - now.scale;
  const zeroCount = now.zeroCount - before.zeroCount;
  if (steps < 0 || zeroCount < 0) return null;
  const counts = [...now.counts];
  for (const [at, count] of before.counts.entries()) {
    if (count === 0) continue;
    const index = Math.floor((before.offset + at) / 2 ** steps) - now.offset;
    const left = (counts[index] ?? -1) - count;
    if (left < 0) return null;
    counts[index] = left;
  }
  return { ...now, zeroCount, counts };
}

/** The buckets that are not empty; `range` is what is known of the values beyond the outermost boundaries. */
export function cellsOf(
  buckets: MetricBuckets,
  range: { readonly min?: number | undefined; readonly max?: number | undefined } = {},
): readonly Cell[] {
  const cells = buckets.kind === 'explicit' ? explicitCells(buckets, range) : exponentialCells(buckets);
  return cells.filter(({ count, upper }) => count > 0 && Number.isFinite(upper));
}

function explicitCells(
  { bounds, counts }: ExplicitBuckets,
  { min, max }: { readonly min?: number | undefined; readonly max?: number | undefined },
): readonly Cell[] {
  const first = bounds[0] ?? 0;
  const last = bounds.at(-1) ?? 0;
  return counts.map((count, at) => ({
    count,
    lower: bounds[at - 1] ?? Math.min(first, min ?? Math.min(0, first)),
    upper: bounds[at] ?? Math.max(last, max ?? last),
  }));
}

function exponentialCells({ scale, zeroCount, offset, counts }: ExponentialBuckets): readonly Cell[] {
  const exponent = (index: number) => 2 ** (index / 2 ** scale);
  const positive = counts.map((count, at) => ({
    count,
    lower: exponent(offset + at),
    upper: exponent(offset + at + 1),
  }));
  return [{ lower: 0, upper: 0, count: zeroCount }, ...positive];
}

/**
 * Quantile `q` (0 to 1) of the values in the cells: where in its cell a value lies is taken to be even, on the scale
 * of logarithms where the cell has one. As far off as the cells are wide.
 *
 * @returns null where the cells are empty
 */
export function cellQuantile(cells: readonly Cell[], q: number): number | null {
  const sorted = cells.toSorted((left, right) => left.upper - right.upper);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  if (total <= 0) return null;
  let left = q * total;
  for (const { lower, upper, count } of sorted) {
    if (left <= count) return within(lower, upper, count === 0 ? 0 : left / count);
    left -= count;
  }
  return sorted.at(-1)?.upper ?? null;
}

function within(lower: number, upper: number, share: number): number {
  return lower > 0 ? lower * (upper / lower) ** share : lower + (upper - lower) * share;
}
