/** Upper tail of the binomial distribution, and the exact test of two rates that is built on it. */
import { incompleteBeta } from './incomplete-beta.ts';

/**
 * P(X >= successes) for X ~ Binomial(trials, probability): https://dlmf.nist.gov/8.17#E5
 *
 * @example binomialUpperTail(8, 10, 0.5) // 56 / 1024
 */
export function binomialUpperTail(successes: number, trials: number, probability: number): number {
  if (successes <= 0) return 1;
  if (successes > trials) return 0;
  if (probability <= 0) return 0;
  if (probability >= 1) return 1;
  return incompleteBeta(probability, successes, trials - successes + 1);
}

/** Events out of trials, e.g. errors out of requests. */
export interface Tally {
  readonly events: number;
  readonly trials: number;
}

/**
 * One-sided exact conditional test that the candidate's rate is higher: given the sum of events, those of the
 * candidate are Binomial(sum, its share of the trials) when the rates are equal (Przyborowski and Wilenski 1940).
 *
 * @returns a p-value, not adjusted; 1 where a side has no trials
 */
export function higherRateP(baseline: Tally, candidate: Tally): number {
  if (baseline.trials === 0 || candidate.trials === 0) return 1;
  const share = candidate.trials / (baseline.trials + candidate.trials);
  return binomialUpperTail(candidate.events, baseline.events + candidate.events, share);
}
