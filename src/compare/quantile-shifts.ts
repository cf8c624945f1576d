/** Two distributions beside one another: by how much each quantile shifted, and how sure that is. For reports to draw. */
import { mean, sampleVariance } from 'simple-statistics';
import { type Histogram, histogramQuantile, mergeHistograms } from '../histogram.ts';
import type { Measurement, SpanKey, SpanKeyId } from '../measurement.ts';
import { spanKeyId } from '../measurement.ts';
import type { QuantileShifts } from './explanation.ts';
import type { PlacedInstance } from './series.ts';
import { studentTQuantile } from './statistics/student-t.ts';
import type { BothSides } from './time-split.ts';

/** Closer together where a tail begins. */
const AT = [
  0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85,
  0.9, 0.925, 0.95, 0.975, 0.99,
];
const LEVEL = 0.9;
/** A pixel is wider. */
const DIGITS = 4;

/** What both builds were measured as: every measurement of a side, and its instances. */
export interface Distributions {
  readonly baseline: readonly Measurement[];
  readonly candidate: readonly Measurement[];
  readonly instances: BothSides;
}

/** @returns null where a side has no value */
export function quantileShifts(
  operation: string,
  span: SpanKey | null,
  given: Distributions,
): QuantileShifts | null {
  const id = span && spanKeyId(span);
  const [before, after] = [merged(operation, id, given.baseline), merged(operation, id, given.candidate)];
  if (before === null || after === null) return null;
  const interval = intervalOf(
    histogramsOf(operation, id, given.instances.baseline),
    histogramsOf(operation, id, given.instances.candidate),
  );
  return {
    span,
    at: AT,
    baseline: AT.map((q) => short(histogramQuantile(before, q))),
    candidate: AT.map((q) => short(histogramQuantile(after, q))),
    ...(interval && { interval }),
  };
}

function merged(
  operation: string,
  id: SpanKeyId | null,
  measurements: readonly Measurement[],
): Histogram | null {
  let all: Histogram | null = null;
  for (const measurement of measurements) {
    const each = measurement.merged[operation];
    const histogram = id === null ? each?.latency : each?.spans[id]?.duration;
    if (histogram && histogram.count > 0) all = all === null ? histogram : mergeHistograms(all, histogram);
  }
  return all;
}

function histogramsOf(
  operation: string,
  id: SpanKeyId | null,
  instances: readonly PlacedInstance[],
): readonly Histogram[] {
  return instances.flatMap(({ instance }) => {
    const record = instance.operations[operation];
    const histogram = (id === null ? record?.latency : record?.spans[id]?.duration)?.histogram;
    return histogram && histogram.count > 0 ? [histogram] : [];
  });
}

/** Of the ratio, by the instances' quantiles on the log scale; null where a side has fewer than two of them. */
function intervalOf(
  before: readonly Histogram[],
  after: readonly Histogram[],
): QuantileShifts['interval'] | null {
  if (before.length < 2 || after.length < 2) return null;
  const t = studentTQuantile(1 - (1 - LEVEL) / 2, before.length + after.length - 2);
  const logs = (histograms: readonly Histogram[], q: number): readonly number[] =>
    histograms.map((histogram) => Math.log(Math.max(1e-9, histogramQuantile(histogram, q))));
  const bounds = AT.map((q) => {
    const [base, head] = [[...logs(before, q)], [...logs(after, q)]];
    const half = t * Math.sqrt(sampleVariance(base) / base.length + sampleVariance(head) / head.length);
    const middle = mean(head) - mean(base);
    return { lower: short(Math.exp(middle - half)), upper: short(Math.exp(middle + half)) };
  });
  return { lower: bounds.map(({ lower }) => lower), upper: bounds.map(({ upper }) => upper), level: LEVEL };
}

function short(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
