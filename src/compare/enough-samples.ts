/** Which rows rest on too few spans or requests to be judged at all. */
import type { Quantity } from '../config.ts';
import type { Warning } from '../measurement.ts';
import type { Pair } from './judgement.ts';

/**
 * Observations of every instance that a row needs: ten beyond the quantile. With fewer, a quantile is one of the
 * largest few values and jumps by whole observations. Nothing more is asked here: how far an instance's value can be
 * trusted shows in the spread between instances, and a row that spreads too far reads `noisy`. p99 needs thirty: with
 * ten, instances of the same code differ by 10 % and more (docs/statistics.md).
 */
const MINIMUM: Readonly<Record<Quantity, number>> = {
  p50: 20,
  self: 20,
  p90: 100,
  p95: 200,
  p99: 3000,
  throughput: 20,
  'error-rate': 1,
  calls: 1,
  'error-logs': 1,
  'warn-logs': 1,
  // A counter that stood still has no data points, and its value is 0 all the same.
  metric: 0,
};

/** Observations that every instance of a row needs. */
export function leastSamples(quantity: Quantity): number {
  return MINIMUM[quantity];
}

export function hasEnoughSamples(pair: Pair): boolean {
  return hasSamples(pair, MINIMUM[pair.quantity]);
}

/**
 * Of a row that had enough to be a suspect, confirming rounds need a little less: with just as much, one instance of
 * many that is a few requests short would leave a suspect that nothing can confirm or clear.
 */
const CONFIRMING_SHARE = 0.75;

export function hasEnoughToConfirm(pair: Pair): boolean {
  return hasSamples(pair, CONFIRMING_SHARE * MINIMUM[pair.quantity]);
}

function hasSamples({ baseline, candidate }: Pair, least: number): boolean {
  return [baseline, candidate].every(
    (series) => series.length > 0 && series.every((observation) => observation.count >= least),
  );
}

/** Says how many rows that could have failed the gate were not judged. */
export function tooFewSamples(pairs: readonly Pair[]): Warning[] {
  const left = pairs.filter((pair) => pair.limit.level === 'fail' && !hasEnoughSamples(pair));
  if (left.length === 0) return [];
  const rows = left.length === 1 ? 'One time row rests' : `${left.length} time rows rest`;
  return [
    {
      code: 'too-few-samples',
      message:
        `${rows} on too few spans or requests to be judged (p50 needs ${MINIMUM.p50} in every instance, ` +
        `p90 ${MINIMUM.p90}, p99 ${MINIMUM.p99}): longer rounds, or a larger weight, would change that.`,
    },
  ];
}
