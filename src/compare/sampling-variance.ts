/**
 * How much an instance's quantile varies because it is taken from so many durations and no more. What a row varies
 * beyond that is between processes, and longer rounds do not reduce it.
 */
import { mean } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import { histogramQuantile } from '../histogram.ts';
import type { Distribution } from '../measurement.ts';
import type { PlacedInstance, Source } from './series.ts';

const LEVELS: Readonly<Partial<Record<Quantity, number>>> = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 };

/**
 * Variance of the log of a quantile, mean over instances, as if durations were independent: half the distance
 * between the quantiles one binomial standard error away, squared (David and Nagaraja, Order Statistics, 7.1).
 *
 * @returns null for what is no quantile, and where no instance has a histogram
 */
export function samplingVariance(instances: readonly PlacedInstance[], source: Source): number | null {
  const level = LEVELS[source.quantity];
  if (level === undefined) return null;
  const variances = instances.flatMap((placed) => {
    const distribution = distributionOf(placed, source);
    return distribution ? (varianceOf(distribution, level) ?? []) : [];
  });
  return variances.length === 0 ? null : mean(variances);
}

function distributionOf(
  { instance }: PlacedInstance,
  { operation, spanId }: Source,
): Distribution | undefined {
  const record = operation === null ? undefined : instance.operations[operation];
  return spanId === null ? record?.latency : record?.spans[spanId]?.duration;
}

function varianceOf({ histogram, count }: Distribution, level: number): number | null {
  if (!histogram || histogram.count === 0) return null;
  const step = Math.sqrt((level * (1 - level)) / count);
  const upper = histogramQuantile(histogram, Math.min(1, level + step));
  const lower = histogramQuantile(histogram, Math.max(0, level - step));
  return lower > 0 ? (Math.log(upper / lower) / 2) ** 2 : null;
}
