/** A row over the rounds of both stages. */
import type { Pair } from './judgement.ts';

/** @param again the same row in the confirming rounds; the row itself where there are none */
export function joinedPair(pair: Pair, again: Pair | undefined): Pair {
  if (!again) return pair;
  return {
    ...pair,
    baseline: [...pair.baseline, ...again.baseline],
    candidate: [...pair.candidate, ...again.candidate],
  };
}
