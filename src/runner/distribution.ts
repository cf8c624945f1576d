/** Summaries of what one instance did: exact quantiles of the raw values, and the histogram that can be merged. */
import { histogramOf } from '../histogram.ts';
import type { Distribution } from '../measurement.ts';
import { quantileSorted } from '../quantile.ts';

/**
 * @param values seconds, any order; left as they are
 * @param matched see `Distribution`
 * @returns undefined where there is no value, so that nobody takes an absent latency for one of zero
 */
export function distributionOf(values: Float64Array, matched?: number): Distribution | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  let sum = 0;
  for (const value of sorted) sum += value;
  return {
    count: sorted.length,
    sum,
    min: quantileSorted(sorted, 0),
    max: quantileSorted(sorted, 1),
    p50: quantileSorted(sorted, 0.5),
    p90: quantileSorted(sorted, 0.9),
    p95: quantileSorted(sorted, 0.95),
    p99: quantileSorted(sorted, 0.99),
    ...(matched !== undefined && { matched }),
    histogram: histogramOf(sorted),
  };
}
