/**
 * Calls per request that vary by themselves (cache misses, retries, pool connects), against a stored baseline. No
 * distribution is assumed: every instance of the candidate must have made more calls than every instance of the
 * baseline, by a quarter and more in all, and in a second measurement again.
 *
 * How many such calls there are depends on how many requests an instance served: a cache that fills up once weighs
 * more in few requests. So runs of which one was much slower are not compared, unless the calls became constant: a
 * cache that was removed makes every request call.
 */
import { max, mean, min } from 'simple-statistics';
import type { CallsPerContent } from '../measurement.ts';
import { type Judgement, judgement, outcomeOf, type Pair } from './judgement.ts';
import type { Series } from './series.ts';
import { combinations } from './statistics/labelings.ts';
import { compareRates, tallyOf } from './tallies.ts';

/** Smallest effect that can fail against a stored baseline. */
const SMALLEST_FAIL = 0.25;
/** Largest chance that instances of the same code are separated like this: 3 against 3 give exactly 1 in 20. */
const ALPHA = 0.05;
/** Largest ratio of the requests that an instance served, for two runs to be alike. */
const LIKE_LOAD = 1.25;

/** A row in one measurement of the candidate, and what its calls were like by content. */
export interface VaryingCalls {
  readonly pair: Pair;
  readonly candidate: CallsPerContent | undefined;
}

/** @param again the same row in a second measurement */
export function judgeVaryingCalls(first: VaryingCalls, again: VaryingCalls | undefined): Judgement {
  const { pair } = first;
  const rates = compareRates(tallyOf(pair.baseline), tallyOf(pair.candidate));
  if (rates.shift === null) return judgement('inconclusive', 'too-few-samples', rates);
  const p = 1 / combinations(pair.baseline.length + pair.candidate.length, pair.candidate.length);
  if (isBeyond(first)) {
    if (p > ALPHA) return judgement('inconclusive', 'too-few-instances', { ...rates, p });
    if (!again) {
      const outcome = pair.limit.level === 'warn' ? 'warn' : 'none';
      return judgement('inconclusive', 'screened', { ...rates, p, outcome });
    }
    const second = compareRates(tallyOf(again.pair.baseline), tallyOf(again.pair.candidate));
    const decided = { ...second, p, decidedBy: 'confirmation' } as const;
    if (!isBeyond(again)) return judgement('inconclusive', 'not-confirmed', decided);
    return judgement('regression', 'calls-varied-changed', { ...decided, outcome: outcomeOf(pair) });
  }
  if (p <= ALPHA && isFewer(pair)) return judgement('improvement', 'calls-varied-changed', { ...rates, p });
  return grew(pair)
    ? judgement('inconclusive', 'noisy', rates)
    : judgement('unchanged', 'within-limit', rates);
}

function isBeyond({ pair, candidate }: VaryingCalls): boolean {
  if (!grew(pair) || !isSeparated(pair.candidate, pair.baseline)) return false;
  return candidate?.state === 'constant' || isLikeLoad(pair);
}

function isFewer(pair: Pair): boolean {
  const turned = { ...pair, baseline: pair.candidate, candidate: pair.baseline };
  return grew(turned) && isSeparated(pair.baseline, pair.candidate) && isLikeLoad(pair);
}

/** The growth in all reaches the limit. */
function grew({ baseline, candidate, limit }: Pair): boolean {
  const { effect, shift } = compareRates(tallyOf(baseline), tallyOf(candidate));
  const needed = 1 + Math.max(limit.fail, SMALLEST_FAIL);
  return shift !== null && shift > 0 && shift >= limit.atLeast && (effect === null || effect >= needed);
}

/** Every value of one side lies above every value of the other. */
function isSeparated(higher: Series, lower: Series): boolean {
  return (
    min(higher.map((observation) => observation.value)) > max(lower.map((observation) => observation.value))
  );
}

function isLikeLoad({ baseline, candidate }: Pair): boolean {
  const before = mean(baseline.map((observation) => observation.count));
  const after = mean(candidate.map((observation) => observation.count));
  return Math.max(before / after, after / before) <= LIKE_LOAD;
}
