/**
 * Error rates: the exact conditional binomial test, guarded by what a burst in one instance cannot fake.
 *
 * A rate is suspect when its adjusted p-value is small, errors came from at least two instances, there are at least
 * five, and the gain reaches the limit. It fails when a second measurement shows the same, or at once when the
 * baseline had no error and two instances of two rounds had at least ten together. Log records of severity ERROR and
 * WARN a request are judged in the same way.
 *
 * Side by side, one short round has few errors of a rate that matters: a rate is suspect there long before it could
 * fail, and fresh rounds decide.
 */
import { joinedPair } from './joined-pair.ts';
import { type Judgement, judgement, outcomeOf, type Pair } from './judgement.ts';
import { higherRateP, type Tally } from './statistics/binomial-tail.ts';
import { holm } from './statistics/holm.ts';
import { compareRates, tallyOf } from './tallies.ts';

/** Chance of what is called fewer errors, and of a warning, over all rows. */
const ALPHA = 0.01;

export interface ErrorRules {
  /** Chances of a suspect and of a false alarm over all error rows, each in its stage. */
  readonly screen: number;
  readonly confirm: number;
  /** So many errors of a row that may fail are suspect where the baseline had none; null: they have no rule of their own. */
  readonly fromNothing: number | null;
  /** Whether rounds of both stages count for what is obvious: they are of the same two builds. */
  readonly joins: boolean;
}

/** Against a stored baseline: a second measurement costs as much as the first. */
export const STORED_RULES: ErrorRules = { screen: 0.01, confirm: 0.01, fromNothing: null, joins: false };
/**
 * Of two builds side by side. A rate of one in a hundred makes six errors in a round of the PostgreSQL example, which is
 * p = 0.016 against none, before any correction: a test that asked for 0.01 passed such a change.
 */
export const TOGETHER_RULES: ErrorRules = { screen: 0.1, confirm: 0.003, fromNothing: 2, joins: true };

/** Fewer errors than this are too few to speak of a rate. */
const MINIMUM_ERRORS = 5;
/** One instance alone can hit a clustered stall. */
const MINIMUM_INSTANCES = 2;
/** From a baseline without errors, so many in two instances of two rounds need no second measurement. */
const OBVIOUS_ERRORS = 10;

/** @param confirmations the same rows in a second measurement, by row id; empty where there is none */
export function judgeErrorRates(
  pairs: readonly Pair[],
  confirmations: ReadonlyMap<string, Pair>,
  rules: ErrorRules,
): ReadonlyMap<string, Judgement> {
  // Rows that cannot be flagged take nothing from the family's alpha.
  const gated = pairs.filter((pair) => pair.limit.level !== 'off');
  const shown = pairs.filter((pair) => pair.limit.level === 'off');
  return new Map([...judgeFamily(gated, confirmations, rules), ...judgeFamily(shown, confirmations, rules)]);
}

function judgeFamily(
  pairs: readonly Pair[],
  confirmations: ReadonlyMap<string, Pair>,
  rules: ErrorRules,
): ReadonlyMap<string, Judgement> {
  const worse = adjusted(pairs, worseP);
  const better = adjusted(pairs, (pair) => {
    const { baseline, candidate } = independent(pair);
    return higherRateP(candidate, baseline);
  });
  const suspects = pairs.filter((pair) => isSuspect(pair, worse.get(pair.id) ?? 1, rules));
  const again = confirm(suspects, confirmations, rules);
  const whole = rules.joins ? pairs.map((pair) => joinedPair(pair, confirmations.get(pair.id))) : pairs;
  const ofWhole = adjusted(whole, worseP);
  const obvious = new Map(
    whole
      .filter((pair) => isObvious(pair) && isBeyond(pair, ofWhole.get(pair.id) ?? 1, ALPHA))
      .map((pair) => [pair.id, pair]),
  );
  return new Map(
    pairs.map((pair) => {
      const p = worse.get(pair.id) ?? 1;
      const all = obvious.get(pair.id);
      if (all) return [pair.id, judgeObvious(all, ofWhole.get(pair.id) ?? 1, all !== pair)];
      if (suspects.includes(pair)) return [pair.id, judgeSuspect(pair, p, again.get(pair.id))];
      return [pair.id, judgeQuiet(pair, p, better.get(pair.id) ?? 1)];
    }),
  );
}

/**
 * Holm's correction over rows that have an error at all: one without any could not be rejected at any level, so it
 * takes nothing from the others (Tarone 1990, doi 10.2307/2531456).
 */
function adjusted(pairs: readonly Pair[], pOf: (pair: Pair) => number): ReadonlyMap<string, number> {
  const testable = pairs.filter(
    ({ baseline, candidate }) => tallyOf(baseline).events + tallyOf(candidate).events > 0,
  );
  const pValues = holm(testable.map(pOf));
  return new Map(testable.map(({ id }, index) => [id, pValues[index] ?? 1]));
}

function isSuspect(pair: Pair, p: number, { screen, fromNothing }: ErrorRules): boolean {
  if (pair.limit.level !== 'fail') return isBeyond(pair, p, ALPHA);
  if (isBeyond(pair, p, screen)) return true;
  return (
    fromNothing !== null &&
    tallyOf(pair.baseline).events === 0 &&
    independent(pair).candidate.events >= fromNothing &&
    reaches(tallyOf(pair.baseline), tallyOf(pair.candidate), pair)
  );
}

function worseP(pair: Pair): number {
  const { baseline, candidate } = independent(pair);
  return higherRateP(baseline, candidate);
}

/**
 * What the test may count. A request that fails logs several records at once, and the test takes events to be
 * independent: with five a request, chance alone would look like evidence. So records count as if each request had
 * one, by the mean over both sides.
 */
function independent({ baseline, candidate }: Pair): { readonly baseline: Tally; readonly candidate: Tally } {
  const tallies = { baseline: tallyOf(baseline), candidate: tallyOf(candidate) };
  const clusters = [...baseline, ...candidate].map((observation) => observation.clusters ?? 0);
  const requests = clusters.reduce((sum, count) => sum + count, 0);
  if (requests === 0) return tallies;
  const size = (tallies.baseline.events + tallies.candidate.events) / requests;
  const shrunk = ({ events, trials }: Tally): Tally => ({ events: Math.round(events / size), trials });
  return { baseline: shrunk(tallies.baseline), candidate: shrunk(tallies.candidate) };
}

function isBeyond(pair: Pair, p: number, alpha: number): boolean {
  const failing = pair.candidate.filter((observation) => observation.events > 0);
  return (
    p <= alpha &&
    independent(pair).candidate.events >= MINIMUM_ERRORS &&
    failing.length >= MINIMUM_INSTANCES &&
    reaches(tallyOf(pair.baseline), tallyOf(pair.candidate), pair)
  );
}

function reaches(baseline: Tally, candidate: Tally, { limit }: Pair): boolean {
  const { effect, shift } = compareRates(baseline, candidate);
  return shift !== null && shift >= limit.atLeast && (effect === null || effect >= 1 + limit.fail);
}

interface Confirmed {
  readonly pair: Pair;
  readonly p: number;
  readonly holds: boolean;
}

function confirm(
  suspects: readonly Pair[],
  confirmations: ReadonlyMap<string, Pair>,
  rules: ErrorRules,
): ReadonlyMap<string, Confirmed> {
  const pairs = suspects.flatMap((pair) => confirmations.get(pair.id) ?? []);
  const pValues = adjusted(pairs, worseP);
  return new Map(
    pairs.map((pair) => {
      const p = pValues.get(pair.id) ?? 1;
      return [pair.id, { pair, p, holds: isBeyond(pair, p, rules.confirm) }];
    }),
  );
}

function judgeSuspect(pair: Pair, p: number, again: Confirmed | undefined): Judgement {
  const found = { ...compareRates(tallyOf(pair.baseline), tallyOf(pair.candidate)), p };
  if (!again) {
    const outcome = pair.limit.level === 'warn' ? 'warn' : 'none';
    return judgement('inconclusive', 'screened', { ...found, outcome });
  }
  const rates = compareRates(tallyOf(again.pair.baseline), tallyOf(again.pair.candidate));
  const decided = { ...rates, p: again.p, decidedBy: 'confirmation' } as const;
  if (!again.holds) return judgement('inconclusive', 'not-confirmed', decided);
  return judgement('regression', 'errors-increased', { ...decided, outcome: outcomeOf(pair) });
}

function judgeObvious(pair: Pair, p: number, isOfBoth: boolean): Judgement {
  return judgement('regression', 'errors-increased', {
    ...compareRates(tallyOf(pair.baseline), tallyOf(pair.candidate)),
    ...{ p, decidedBy: isOfBoth ? 'both' : 'first', outcome: outcomeOf(pair) },
  });
}

function isObvious(pair: Pair): boolean {
  const failing = pair.candidate.filter((observation) => observation.events > 0);
  const rounds = new Set(failing.map((observation) => observation.round));
  return (
    tallyOf(pair.baseline).events === 0 &&
    independent(pair).candidate.events >= OBVIOUS_ERRORS &&
    failing.length >= MINIMUM_INSTANCES &&
    rounds.size >= 2
  );
}

function judgeQuiet(pair: Pair, pWorse: number, pBetter: number): Judgement {
  const baseline = tallyOf(pair.baseline);
  const candidate = tallyOf(pair.candidate);
  const rates = compareRates(baseline, candidate);
  if (rates.shift === null) return judgement('inconclusive', 'too-few-samples', rates);
  if (pBetter <= ALPHA && -rates.shift >= pair.limit.atLeast) {
    return judgement('improvement', 'errors-decreased', { ...rates, p: pBetter });
  }
  const undecided = worseP(pair) <= 0.05 && reaches(baseline, candidate, pair);
  return undecided
    ? judgement('inconclusive', 'noisy', { ...rates, p: pWorse })
    : judgement('unchanged', 'within-limit', { ...rates, p: pWorse });
}
