/**
 * Calls per request that vary by themselves (cache misses, retries, pool connects, timers), against a stored
 * baseline. No distribution is assumed: every instance of the candidate must have made more calls than every
 * instance of the baseline, by a quarter and more in all, and in a second measurement again.
 */
import { max, min } from 'simple-statistics';
import { type Judgement, judgement, outcomeOf, type Pair } from './judgement.ts';
import { compareRates, tallyOf } from './tallies.ts';

/** Smallest effect that can fail against a stored baseline. */
const SMALLEST_FAIL = 0.25;
/** Largest chance that instances of the same code are separated like this: 3 against 3 give exactly 1 in 20. */
const ALPHA = 0.05;

/** @param again the same row in a second measurement */
export function judgeVaryingCalls(pair: Pair, again: Pair | undefined): Judgement {
  const rates = compareRates(tallyOf(pair.baseline), tallyOf(pair.candidate));
  const p = separationP(pair.baseline.length, pair.candidate.length);
  if (rates.shift === null) return judgement('inconclusive', 'too-few-samples', rates);
  if (isBeyond(pair)) {
    if (p > ALPHA) return judgement('inconclusive', 'too-few-instances', { ...rates, p });
    if (!again) {
      const outcome = pair.limit.level === 'warn' ? 'warn' : 'none';
      return judgement('inconclusive', 'screened', { ...rates, p, outcome });
    }
    const second = compareRates(tallyOf(again.baseline), tallyOf(again.candidate));
    const decided = { ...second, p, decidedBy: 'confirmation' } as const;
    if (!isBeyond(again)) return judgement('inconclusive', 'not-confirmed', decided);
    return judgement('regression', 'calls-varied-changed', { ...decided, outcome: outcomeOf(pair) });
  }
  if (p <= ALPHA && isBeyond({ ...pair, baseline: pair.candidate, candidate: pair.baseline })) {
    return judgement('improvement', 'calls-varied-changed', { ...rates, p });
  }
  const grew = (rates.effect ?? Number.POSITIVE_INFINITY) >= 1 + smallestFail(pair);
  return grew && rates.shift >= pair.limit.atLeast
    ? judgement('inconclusive', 'noisy', rates)
    : judgement('unchanged', 'within-limit', rates);
}

function smallestFail({ limit }: Pair): number {
  return Math.max(limit.fail, SMALLEST_FAIL);
}

function isBeyond(pair: Pair): boolean {
  const { effect, shift } = compareRates(tallyOf(pair.baseline), tallyOf(pair.candidate));
  if (shift === null || shift <= 0 || shift < pair.limit.atLeast) return false;
  if (effect !== null && effect < 1 + smallestFail(pair)) return false;
  const highest = max(pair.baseline.map((observation) => observation.value));
  return min(pair.candidate.map((observation) => observation.value)) > highest;
}

/** Chance that all of one side lie above all of the other when nothing differs: one of C(a + b, a) orders. */
function separationP(a: number, b: number): number {
  let orders = 1;
  for (let i = 1; i <= a; i += 1) orders = (orders * (b + i)) / i;
  return 1 / orders;
}
