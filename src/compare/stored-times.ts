/**
 * Time rows against a stored baseline. How much two runs of the same code differ cannot be read off one stored run,
 * so a row only ever fails when it is far out (25 % and more), stands out from a move of the whole machine, and a
 * second measurement says the same. Everything smaller is not seen, and the report says so.
 */
import type { Limit, Policy, Quantity } from '../config.ts';
import { type Judgement, judgement, outcomeOf, type Pair } from './judgement.ts';
import {
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

/** @param confirmations the same rows of a second measurement, all of them; empty where there is none */
export function judgeStoredTimes(
  pairs: readonly Pair[],
  confirmations: readonly Pair[],
  alpha: Policy['alpha'],
): StoredTimes {
  const first = storedStage(pairs, (pair) => pair.limit.level !== 'off');
  const suspects = new Set(
    pairs.filter((pair) => isBeyond(first, pair, alpha.screen)).map((pair) => pair.id),
  );
  const second =
    confirmations.length === 0 ? null : storedStage(confirmations, (pair) => suspects.has(pair.id));
  const judge = (pair: Pair): Judgement => {
    if (!first.shifts.has(pair.id)) return judgement('inconclusive', 'too-few-instances');
    if (!suspects.has(pair.id)) return judgeQuiet(pair, first, alpha);
    const again = second?.pairs.get(pair.id);
    return second && again ? judgeConfirmed(again, second, alpha) : judgeSuspect(pair, first, alpha);
  };
  return {
    judgements: new Map(pairs.map((pair) => [pair.id, judge(pair)])),
    decisive: second ?? first,
  };
}

function judgeSuspect(pair: Pair, stage: StoredStage, alpha: Policy['alpha']): Judgement {
  const flagged = pair.limit.level === 'warn' && isBeyond(stage, pair, alpha.confirm);
  const figures = figuresOf(stage, pair);
  return judgement('inconclusive', 'screened', { ...figures, outcome: flagged ? 'warn' : 'none' });
}

function judgeConfirmed(pair: Pair, stage: StoredStage, alpha: Policy['alpha']): Judgement {
  const figures = { ...figuresOf(stage, pair), decidedBy: 'confirmation' } as const;
  if (isBeyond(stage, pair, alpha.confirm)) {
    return judgement('regression', 'slower', { ...figures, outcome: outcomeOf(pair) });
  }
  return judgement(isNotInferior(stage, pair) ? 'unchanged' : 'inconclusive', 'not-confirmed', figures);
}

function judgeQuiet(pair: Pair, stage: StoredStage, alpha: Policy['alpha']): Judgement {
  const figures = figuresOf(stage, pair);
  if (stage.machine.moved) return judgement('inconclusive', 'noisy', figures);
  if (isFaster(stage, pair, alpha.confirm)) return judgement('improvement', 'faster', figures);
  if (isNotInferior(stage, pair)) return judgement('unchanged', 'within-limit', figures);
  return judgement('inconclusive', 'noisy', figures);
}
