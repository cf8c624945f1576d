/**
 * Judges the concurrency probe (docs/concurrency-probe.md). Its rows are not part of the family of the permutation
 * test: they need a far larger effect, and that the instances of head stand behind those of base in each of two
 * stages of fresh processes, by the exact rank-sum test.
 */
import { median } from 'simple-statistics';
import type { Policy, Quantity } from '../config.ts';
import type { Measurement } from '../measurement.ts';
import { rowOf } from './assemble.ts';
import type { Row } from './comparison.ts';
import { concurrencyPairs } from './concurrency-pairs.ts';
import {
  type Figures,
  isWorseWhenLower,
  type Judgement,
  judgement,
  outcomeOf,
  type Pair,
} from './judgement.ts';
import type { Series } from './series.ts';
import { combinations } from './statistics/labelings.ts';
import { rankSumP } from './statistics/rank-sum.ts';
import { compareRates, tallyOf } from './tallies.ts';

export interface ConcurrencyInput {
  readonly baseline: Measurement;
  readonly candidate: Measurement;
  readonly confirmation?: Measurement | null;
  readonly baselineConfirmation?: Measurement | null;
  readonly policy: Policy;
  readonly exchangeable?: 'instances' | 'arms';
}

/**
 * Of the order of instances, in each stage: with four instances of each arm, at most one of the sixteen pairs may
 * stand in the wrong order (p = 2/70), with three none (1/20).
 */
const ALPHA = 0.05;

/** Observations of every instance of base that a row needs; head, where it is slower, has fewer. */
const MINIMUM: Readonly<Partial<Record<Quantity, number>>> = { p50: 10, p90: 20, throughput: 40 };
/** Fewer errors than this are too few to speak of a rate. */
const MINIMUM_ERRORS = 5;

/** Rows of the probes; none where one of the measurements has no probe. */
export function judgeConcurrency(input: ConcurrencyInput): Row[] {
  const { baseline, candidate, confirmation, baselineConfirmation, policy } = input;
  const isWeak = (pair: Pair): boolean => input.exchangeable === 'arms' || leastP(pair) > ALPHA;
  const options = { policy, isWeak };
  const again = new Map(
    confirmation && baselineConfirmation
      ? concurrencyPairs(baselineConfirmation, confirmation, options).map((pair) => [pair.id, pair])
      : [],
  );
  const rows = concurrencyPairs(baseline, candidate, options).map((pair): Row => {
    const confirming = again.get(pair.id);
    const found = judgePair(pair, confirming);
    const shown = found.decidedBy === 'confirmation' && confirming ? confirming : pair;
    return { ...rowOf(shown, found), under: 'concurrency' };
  });
  return rows.some(isSuspectOrWorse) ? rows.map(withoutImprovement) : rows;
}

function isSuspectOrWorse({ verdict, reason }: Row): boolean {
  return verdict === 'regression' || reason === 'screened';
}

/** While some requests wait for one another, the others have the cores for themselves: nobody made them faster. */
function withoutImprovement(row: Row): Row {
  return row.verdict === 'improvement' ? { ...row, verdict: 'unchanged', reason: 'within-limit' } : row;
}

function judgePair(pair: Pair, again: Pair | undefined): Judgement {
  const figures = figuresOf(pair);
  if (pair.baseline.length < 2 || pair.candidate.length < 2) {
    return judgement('inconclusive', 'too-few-instances', figures);
  }
  if (!hasEnough(pair)) return judgement('inconclusive', 'too-few-samples', figures);
  if (!isWorse(pair)) return judgeQuiet(pair, figures);
  if (!again) {
    const outcome = pair.limit.level === 'warn' ? 'warn' : 'none';
    return judgement('inconclusive', 'screened', { ...figures, outcome });
  }
  const decided = { ...figuresOf(again), decidedBy: 'confirmation' } as const;
  if (isWorse(again)) {
    const reason = pair.quantity === 'error-rate' ? 'errors-increased' : 'slower';
    return judgement('regression', reason, { ...decided, outcome: outcomeOf(again) });
  }
  // As large as before, and one instance out of order: neither a pass nor a regression.
  return judgement(isBeyond(again) ? 'inconclusive' : 'unchanged', 'not-confirmed', decided);
}

function judgeQuiet(pair: Pair, figures: Figures): Judgement {
  const mirrored = { ...pair, baseline: pair.candidate, candidate: pair.baseline };
  const errors = pair.quantity === 'error-rate';
  if (isWorse(mirrored)) return judgement('improvement', errors ? 'errors-decreased' : 'faster', figures);
  return judgement('unchanged', 'within-limit', figures);
}

/** Beyond the limit, and in the order that chance seldom gives. */
function isWorse(pair: Pair): boolean {
  const allowed = Math.max(ALPHA, leastP(pair));
  return isBeyond(pair) && orderP(pair) <= allowed * (1 + Number.EPSILON);
}

function isBeyond(pair: Pair): boolean {
  const { quantity, limit, candidate } = pair;
  const { effect, shift } = figuresOf(pair);
  if (shift === null) return false;
  if (quantity === 'throughput') return effect !== null && effect <= 1 - limit.fail;
  if (quantity === 'error-rate' && tallyOf(candidate).events < MINIMUM_ERRORS) return false;
  return shift >= limit.atLeast && (effect === null || effect >= 1 + limit.fail);
}

function hasEnough({ quantity, baseline }: Pair): boolean {
  const least = MINIMUM[quantity] ?? 1;
  return baseline.every(({ count }) => count >= least);
}

/** The smallest p that so many instances can give. */
function leastP({ baseline, candidate }: Pair): number {
  return 1 / combinations(baseline.length + candidate.length, candidate.length);
}

/** p that head stands so far behind base by chance. */
function orderP({ quantity, baseline, candidate }: Pair): number {
  const [before, after] = [valuesOf(baseline), valuesOf(candidate)];
  return isWorseWhenLower(quantity) ? rankSumP(before, after) : rankSumP(after, before);
}

function figuresOf(pair: Pair): Figures {
  const { quantity, baseline, candidate } = pair;
  const none = { interval: null, minimumDetectable: null };
  const p = Math.min(orderP(pair), orderP({ ...pair, baseline: candidate, candidate: baseline }));
  if (quantity === 'error-rate') {
    return { ...compareRates(tallyOf(baseline), tallyOf(candidate)), ...none, p };
  }
  const [before, after] = [median(valuesOf(baseline)), median(valuesOf(candidate))];
  return { effect: before === 0 ? null : after / before, shift: after - before, ...none, p };
}

function valuesOf(series: Series): number[] {
  return series.map(({ value }) => value);
}
