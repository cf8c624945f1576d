/** The verdict of one row out of the two stages of a comparison of rounds measured together. */
import {
  type Figures,
  isWorseWhenLower,
  type Judgement,
  judgement,
  logLimit,
  outcomeOf,
  type Pair,
} from './judgement.ts';
import type { PermutationStage } from './permutation-stage.ts';
import type { Alpha } from './spending.ts';
import type { RowEstimate } from './statistics/max-t.ts';
import { studentTQuantile } from './statistics/student-t.ts';
import { middleOf, shiftOf } from './suspect.ts';
import type { Stages } from './together-stages.ts';

/** Its upper end is the one-sided bound of 95 % that a pass is read from. */
const INTERVAL_LEVEL = 0.9;

export function judgeTogetherRow(pair: Pair, stages: Stages): Judgement {
  const { first, second, suspects, alpha } = stages;
  const estimate = first.estimates.get(pair.id);
  if (!estimate)
    return judgement('inconclusive', first.labelings === 0 ? 'too-few-instances' : 'too-few-samples');
  if (!suspects.has(pair.id)) return judgeQuiet(pair, estimate, stages);
  const again = second?.pairs.get(pair.id);
  const confirming = second?.estimates.get(pair.id);
  if (second && again && confirming)
    return judgeConfirmed({ pair: again, estimate: confirming, stage: second }, stages);
  const flagged = pair.limit.level === 'warn' && (estimate.pWorse ?? 1) <= alpha.confirm;
  return judgement('inconclusive', 'screened', {
    ...foundOf(pair, estimate, first, alpha),
    outcome: flagged ? 'warn' : 'none',
  });
}

/** A row that raised no suspicion is estimated by all rounds there are: to pass it spends no chance of an alarm. */
function judgeQuiet(only: Pair, screened: RowEstimate, { first, both, alpha }: Stages): Judgement {
  const joined = both?.estimates.get(only.id);
  const pair = (joined && both?.pairs.get(only.id)) ?? only;
  const estimate = joined
    ? { ...screened, ...joined, pWorse: screened.pWorse, pBetter: screened.pBetter }
    : screened;
  const found = {
    ...foundOf(pair, estimate, first, alpha),
    ...(joined && { decidedBy: 'both' as const }),
  };
  if (estimate.pBetter !== null && estimate.pBetter <= alpha.confirm) {
    const real = -estimate.difference >= logLimit(pair.quantity, pair.limit.warn);
    const large = -shiftOf(pair, estimate.difference) >= pair.limit.atLeast;
    const reason = pair.quantity === 'calls' ? 'calls-varied-changed' : 'faster';
    if (real && large) return judgement('improvement', reason, found);
  }
  if (isNotInferior(pair, estimate)) return judgement('unchanged', 'within-limit', found);
  const tooFew = first.labelings < 1 / alpha.screen;
  return judgement('inconclusive', tooFew ? 'too-few-instances' : 'noisy', found);
}

function judgeConfirmed(
  { pair, estimate, stage }: { pair: Pair; estimate: RowEstimate; stage: PermutationStage },
  { both, alpha }: Stages,
): Judgement {
  // To pass by all rounds is harder than by the confirming ones alone where screening has chosen the row for them.
  const joined = both?.estimates.get(pair.id);
  const passes = isNotInferior(pair, estimate) || (joined !== undefined && isNotInferior(pair, joined));
  const found = { ...foundOf(pair, estimate, stage, alpha), decidedBy: 'confirmation' } as const;
  const { difference } = estimate;
  if (stage.labelings < 1 / alpha.confirm && !passes) {
    return judgement('inconclusive', 'too-few-instances', found);
  }
  if (estimate.pWorse === null || estimate.pWorse > alpha.confirm) {
    return judgement(passes ? 'unchanged' : 'inconclusive', 'not-confirmed', found);
  }
  const large = shiftOf(pair, difference) >= pair.limit.atLeast;
  if (!large || difference < logLimit(pair.quantity, pair.limit.warn)) {
    return judgement('unchanged', 'below-floor', found);
  }
  const fails = difference >= logLimit(pair.quantity, pair.limit.fail);
  const reason = pair.quantity === 'calls' ? 'calls-varied-changed' : 'slower';
  return judgement('regression', reason, { ...found, outcome: fails ? outcomeOf(pair) : 'warn' });
}

/** The upper bound of the effect is below the limit, or that of the shift too small to matter. */
function isNotInferior(pair: Pair, { difference, error, df }: RowEstimate): boolean {
  const upper = difference + studentTQuantile((1 + INTERVAL_LEVEL) / 2, df) * error;
  return upper < logLimit(pair.quantity, pair.limit.fail) || shiftOf(pair, upper) < pair.limit.atLeast;
}

function foundOf(
  pair: Pair,
  { difference, error, df, pWorse, pBetter }: RowEstimate,
  stage: PermutationStage,
  alpha: Alpha,
): Figures {
  const sign = isWorseWhenLower(pair.quantity) ? -1 : 1;
  const half = studentTQuantile((1 + INTERVAL_LEVEL) / 2, df) * error;
  const effect = Math.exp(sign * difference);
  return {
    effect,
    shift: middleOf(pair) * (effect - 1),
    interval: {
      lower: Math.exp(sign * difference - half),
      upper: Math.exp(sign * difference + half),
      level: INTERVAL_LEVEL,
    },
    p: difference >= 0 ? pWorse : pBetter,
    minimumDetectable: detectable(pair, { error, df }, stage.critical(alpha.screen)),
  };
}

/** Large enough to pass the screening test, and then the limit in the confirming stage, nine times in ten each. */
function detectable(
  pair: Pair,
  { error, df }: Pick<RowEstimate, 'error' | 'df'>,
  critical: number,
): number | null {
  if (!Number.isFinite(critical)) return null;
  const margin = studentTQuantile(0.9, df) * error;
  const needed = Math.max(critical * error + margin, logLimit(pair.quantity, pair.limit.fail) + margin);
  return isWorseWhenLower(pair.quantity) ? -Math.expm1(-needed) : Math.expm1(needed);
}
