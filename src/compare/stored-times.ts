/**
 * Time rows against a stored baseline. How much two runs of the same code differ cannot be read off one stored run,
 * so a row only ever fails when it is far out (25 % and more), stands out from a move of the whole machine, and a
 * second measurement says the same. Everything smaller is not seen, and the report says so.
 */
import type { Limit, Quantity } from '../config.ts';
import { type Judgement, judgement, outcomeOf, type Pair } from './judgement.ts';
import type { Histories } from './row-history.ts';
import {
  canBeJudged,
  figuresOf,
  isBeyond,
  isFaster,
  isNotInferior,
  type StoredStage,
  storedStage,
} from './stored-stage.ts';

/** Smallest effect that can fail against a stored baseline; docs/statistics.md says why these. */
const SMALLEST_FAIL: Readonly<Partial<Record<Quantity, number>>> = {
  p50: 0.25,
  self: 0.4,
  p90: 0.4,
  p95: 0.5,
  p99: 1,
  throughput: 0.25,
};

/** The limit that a stored baseline can bear: neither warned nor failed below the smallest effect. */
export function storedLimit(limit: Limit, quantity: Quantity): Limit {
  const smallest = SMALLEST_FAIL[quantity] ?? 0;
  return { ...limit, warn: Math.max(limit.warn, smallest), fail: Math.max(limit.fail, smallest) };
}

export interface StoredTimes {
  readonly judgements: ReadonlyMap<string, Judgement>;
  /** The stage that decided: the confirming one where there is one. */
  readonly decisive: StoredStage;
}

export interface StoredTimesOptions {
  readonly histories: Histories;
  /** Over all rows that are judged by ten and more runs, in each of the two measurements. */
  readonly alpha: number;
  /** How much more CPUs were in demand than in the baseline, in each measurement; null where that is not known. */
  readonly pressureRises: { readonly first: number | null; readonly second: number | null };
}

/** @param confirmations the same rows of a second measurement, all of them; empty where there is none */
export function judgeStoredTimes(
  pairs: readonly Pair[],
  confirmations: readonly Pair[],
  { histories, alpha, pressureRises }: StoredTimesOptions,
): StoredTimes {
  const stage = (rows: readonly Pair[], pressureRise: number | null): StoredStage =>
    storedStage(rows, { histories, alpha, pressureRise });
  const first = stage(pairs, pressureRises.first);
  const second = confirmations.length === 0 ? null : stage(confirmations, pressureRises.second);
  const judge = (pair: Pair): Judgement => {
    if (!canBeJudged(first, pair))
      return judgement('inconclusive', 'too-few-instances', figuresOf(first, pair));
    if (!first.shifts.has(pair.id)) return judgement('inconclusive', 'too-few-samples');
    if (pair.limit.level === 'off' || !isBeyond(first, pair)) return judgeQuiet(pair, first);
    const again = second?.pairs.get(pair.id);
    if (second && again) return judgeConfirmed(again, second);
    const outcome = pair.limit.level === 'warn' ? 'warn' : 'none';
    return judgement('inconclusive', 'screened', { ...figuresOf(first, pair), outcome });
  };
  return {
    judgements: new Map(pairs.map((pair) => [pair.id, judge(pair)])),
    decisive: second ?? first,
  };
}

function judgeConfirmed(pair: Pair, stage: StoredStage): Judgement {
  const figures = { ...figuresOf(stage, pair), decidedBy: 'confirmation' } as const;
  if (isBeyond(stage, pair))
    return judgement('regression', 'slower', { ...figures, outcome: outcomeOf(pair) });
  return judgement(isNotInferior(stage, pair) ? 'unchanged' : 'inconclusive', 'not-confirmed', figures);
}

function judgeQuiet(pair: Pair, stage: StoredStage): Judgement {
  const figures = figuresOf(stage, pair);
  if (stage.machine.of(pair.quantity).moved) return judgement('inconclusive', 'noisy', figures);
  if (isFaster(stage, pair)) return judgement('improvement', 'faster', figures);
  if (isNotInferior(stage, pair)) return judgement('unchanged', 'within-limit', figures);
  return judgement('inconclusive', 'noisy', figures);
}
