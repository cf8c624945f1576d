/** Which rows rest on too few spans or requests to be judged at all. */
import type { Quantity } from '../config.ts';
import type { Pair } from './judgement.ts';

/**
 * Observations of every instance that a row needs: ten beyond the quantile. With fewer, a quantile is one of the
 * largest few values and jumps by whole observations. Nothing more is asked here: how far an instance's value can be
 * trusted shows in the spread between instances, and a row that spreads too far reads `noisy`.
 */
const MINIMUM: Readonly<Record<Quantity, number>> = {
  p50: 20,
  self: 20,
  p90: 100,
  p95: 200,
  p99: 1000,
  throughput: 20,
  'error-rate': 1,
  calls: 1,
};

export function hasEnoughSamples({ quantity, baseline, candidate }: Pair): boolean {
  const least = MINIMUM[quantity];
  return [baseline, candidate].every(
    (series) => series.length > 0 && series.every((observation) => observation.count >= least),
  );
}
