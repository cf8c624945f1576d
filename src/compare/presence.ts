/** Span keys that are on one side only, and those whose calls collapsed: named states, each with a level. */
import type { Level, Policy } from '../config.ts';
import type { Row } from './comparison.ts';
import { type Judgement, judgement, type Pair } from './judgement.ts';
import { compareRates, tallyOf } from './tallies.ts';

/** Calls that the other side's requests would have led to; with fewer, chance alone can make a span absent. */
const MINIMUM_EXPECTED = 10;
/** Below this share of the baseline's calls a span has collapsed. */
const COLLAPSED = 0.1;

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
    const expected = (candidate.events / candidate.trials) * baseline.trials;
    return judgement('added', 'new-span', { ...rates, outcome: outcome(policy.added, expected, pair) });
  }
  if (baseline.events === 0) return null;
  const expected = (baseline.events / baseline.trials) * candidate.trials;
  if (candidate.events === 0) {
    return judgement('removed', 'missing-span', {
      ...rates,
      outcome: outcome(policy.removed, expected, pair),
    });
  }
  if (rates.effect !== null && rates.effect < COLLAPSED && expected >= MINIMUM_EXPECTED) {
    return judgement('removed', 'collapsed', {
      ...rates,
      outcome: outcome(policy.collapsed, expected, pair),
    });
  }
  return null;
}

function outcome(level: Level, expected: number, pair: Pair): Row['outcome'] {
  if (level === 'off' || expected < MINIMUM_EXPECTED) return 'none';
  // Timers and start-up spans come and go with the length of a run; they never fail a gate by their absence.
  return pair.operation === null ? 'none' : level;
}
