/** Rows that are events out of trials: calls per request, errors per request or span. */
import { sum } from 'simple-statistics';
import type { Series } from './series.ts';
import type { Tally } from './statistics/binomial-tail.ts';

export function tallyOf(series: Series): Tally {
  return {
    events: sum(series.map((observation) => observation.events)),
    trials: sum(series.map((observation) => observation.count)),
  };
}

export function rateOf({ events, trials }: Tally): number | null {
  return trials === 0 ? null : events / trials;
}

/** Effect and shift of two rates. */
export function compareRates(
  baseline: Tally,
  candidate: Tally,
): { readonly effect: number | null; readonly shift: number | null } {
  const before = rateOf(baseline);
  const after = rateOf(candidate);
  if (before === null || after === null) return { effect: null, shift: null };
  return { effect: before === 0 ? null : after / before, shift: after - before };
}
