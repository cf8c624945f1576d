/** Span keys that are on one side only, and those whose calls collapsed: named states, each with a level. */
import { max, min } from 'simple-statistics';
import type { Level, Policy } from '../config.ts';
import type { Row } from './comparison.ts';
import { type Judgement, judgement, type Pair } from './judgement.ts';
import type { Series } from './series.ts';
import type { Tally } from './statistics/binomial-tail.ts';
import { compareRates, rateOf, tallyOf } from './tallies.ts';

/** Calls that the other side's requests would have led to; with fewer, chance alone can make a span absent. */
const MINIMUM_EXPECTED = 10;
/** A span has collapsed when fewer than this share of the requests that made the call still make it. */
const COLLAPSED = 0.1;
/** Largest ratio between the rates of two instances for a call to be steady. */
const STEADY = 1.25;

/**
 * Judges a row of calls by presence alone.
 *
 * @returns null where both sides made calls, and did not collapse
 */
export function judgePresence(pair: Pair, policy: Policy): Judgement | null {
  const baseline = tallyOf(pair.baseline);
  const candidate = tallyOf(pair.candidate);
  const rates = compareRates(baseline, candidate);
  if (baseline.events === 0 && candidate.events > 0) {
    const sure = isSteady(pair.candidate, candidate, baseline);
    return judgement('added', 'new-span', { ...rates, outcome: sure ? outcome(policy.added) : 'none' });
  }
  if (baseline.events === 0) return null;
  const sure = isSteady(pair.baseline, baseline, candidate);
  if (candidate.events === 0) {
    return judgement('removed', 'missing-span', {
      ...rates,
      outcome: sure ? outcome(policy.removed) : 'none',
    });
  }
  if (sure && hasCollapsed(pair)) {
    return judgement('removed', 'collapsed', { ...rates, outcome: outcome(policy.collapsed) });
  }
  return null;
}

/**
 * Made by every instance of its side, about equally often, and so often that the other side would have made it too.
 * Calls that come and go (a cache that fills up, a pool that connects) differ far more between instances, and how
 * many there are depends on how many requests came before.
 */
function isSteady(series: Series, own: Tally, other: Tally): boolean {
  const expected = (own.events / own.trials) * other.trials;
  const rates = series.map((observation) => observation.value);
  return expected >= MINIMUM_EXPECTED && min(rates) > 0 && max(rates) <= STEADY * min(rates);
}

/** A loop of twenty queries that became one query is no collapse: each request still makes the call. */
function hasCollapsed({ baseline, candidate }: Pair): boolean {
  const usual = rateOf(tallyOf(baseline)) ?? 0;
  const now = rateOf(tallyOf(candidate)) ?? 0;
  return now < COLLAPSED * Math.min(1, usual);
}

function outcome(level: Level): Row['outcome'] {
  return level === 'off' ? 'none' : level;
}
