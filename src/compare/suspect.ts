/** Which rows of a screening stage are worth confirming. */
import { median } from 'simple-statistics';
import { isWorseWhenLower, logLimit, type Pair } from './judgement.ts';
import type { PermutationStage } from './permutation-stage.ts';

/**
 * Whether a row is worth confirming: p is small, and the effect is at least half of what would be flagged. The
 * second part costs no false alarm, and saves confirming rounds for what could not fail anyway.
 */
export function isSuspect(pair: Pair, stage: PermutationStage, alpha: number): boolean {
  const estimate = stage.estimates.get(pair.id);
  if (!estimate || estimate.pWorse === null || estimate.pWorse > alpha) return false;
  const { difference } = estimate;
  return (
    difference > 0 &&
    difference >= logLimit(pair.quantity, pair.limit.warn) / 2 &&
    shiftOf(pair, difference) >= pair.limit.atLeast / 2
  );
}

/** Absolute shift in the direction that is worse, in the unit of the row. */
export function shiftOf(pair: Pair, difference: number): number {
  const value = middleOf(pair);
  return isWorseWhenLower(pair.quantity) ? -value * Math.expm1(-difference) : value * Math.expm1(difference);
}

/** Median of the baseline's instances, in the unit of the row, with what was added for the logarithms. */
export function middleOf({ baseline, offset = 0 }: Pair): number {
  return baseline.length === 0 ? 0 : median(baseline.map((observation) => observation.value)) + offset;
}
