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
import { ADEQUATE, PASS_LEVEL, timesLimit } from './pass-bound.ts';
import type { PermutationStage } from './permutation-stage.ts';
import type { RowEstimate } from './statistics/max-t.ts';
import { studentTQuantile } from './statistics/student-t.ts';
import { middleOf, shiftOf } from './suspect.ts';
import type { Stages } from './together-stages.ts';

/** What reports show: two-sided. */
const INTERVAL_LEVEL = 0.9;

export function judgeTogetherRow(pair: Pair, stages: Stages): Judgement {
  const { first, second, suspects, alpha } = stages;
  const estimate = first.estimates.get(pair.id);
  // It has the samples, but an instance had none of them, or a value of zero.
  if (!estimate) return judgement('inconclusive', first.labelings === 0 ? 'too-few-instances' : 'incomplete');
  if (!suspects.has(pair.id)) return judgeQuiet(pair, estimate, stages);
  const again = second?.pairs.get(pair.id);
  const confirming = second?.estimates.get(pair.id);
  if (second && again && confirming)
    return judgeConfirmed({ pair: again, estimate: confirming, stage: second }, stages);
  const flagged = pair.limit.level === 'warn' && (estimate.pWorse ?? 1) <= alpha.shown;
  return judgement('inconclusive', 'screened', {
    ...foundOf(pair, estimate, first, alpha),
    outcome: flagged ? 'warn' : 'none',
  });
}

/** A row that raised no suspicion is estimated by all rounds there are: to pass it spends no chance of an alarm. */
function judgeQuiet(only: Pair, screened: RowEstimate, stages: Stages): Judgement {
  const { first, both, alpha, planned } = stages;
  const joined = both?.estimates.get(only.id);
  const pair = (joined && both?.pairs.get(only.id)) ?? only;
  const estimate = joined
    ? { ...screened, ...joined, pWorse: screened.pWorse, pBetter: screened.pBetter }
    : screened;
  const found = {
    ...foundOf(pair, estimate, first, alpha),
    ...(joined && { decidedBy: 'both' as const }),
  };
  if (estimate.pBetter !== null && estimate.pBetter <= alpha.shown) {
    const real = -estimate.difference >= logLimit(pair.quantity, pair.limit.warn);
    const large = -shiftOf(pair, estimate.difference) >= pair.limit.atLeast;
    const reason = pair.quantity === 'calls' ? 'calls-varied-changed' : 'faster';
    if (real && large) return judgement('improvement', reason, found);
  }
  const shows = planned.screen && wouldShow(only, screened, first.critical(alpha.look));
  if (isNotInferior(pair, estimate, ADEQUATE) || shows) {
    return judgement('unchanged', 'within-limit', found);
  }
  const tooFew = first.labelings < 1 / alpha.screen;
  return judgement('inconclusive', tooFew ? 'too-few-instances' : 'noisy', found);
}

function judgeConfirmed(
  { pair, estimate, stage }: { pair: Pair; estimate: RowEstimate; stage: PermutationStage },
  { both, alpha, confirmed, planned }: Stages,
): Judgement {
  const joined = both?.estimates.get(pair.id);
  // To pass by all rounds is harder than by the confirming ones alone where screening has chosen the row for them. A
  // suspect is let go before the planned rounds only where it is below the limit itself.
  const passes =
    isNotInferior(pair, estimate, planned.confirm ? ADEQUATE : 1) ||
    (joined !== undefined && isNotInferior(pair, joined, ADEQUATE)) ||
    (planned.confirm && wouldShow(pair, estimate, stage.critical(alpha.confirm)));
  const found = { ...foundOf(pair, estimate, stage, alpha), decidedBy: 'confirmation' } as const;
  if (!confirmed.has(pair.id)) {
    const tooFew = alpha.confirm > 0 && stage.labelings < 1 / alpha.confirm && !passes;
    if (tooFew) return judgement('inconclusive', 'too-few-instances', found);
    return judgement(passes ? 'unchanged' : 'inconclusive', 'not-confirmed', found);
  }
  return judgeSize(pair, joined ? { ...joined, pWorse: estimate.pWorse, pBetter: null } : estimate, {
    stage,
    both,
    alpha,
  });
}

/**
 * That a change is real, fresh rounds alone have said. How large it is, all rounds together say best: what is worth a
 * word at all is chosen by screening nearly always, so being chosen hardly biases it, and it needs fewer rounds.
 */
function judgeSize(
  pair: Pair,
  estimate: RowEstimate,
  { stage, both, alpha }: { readonly stage: PermutationStage } & Pick<Stages, 'both' | 'alpha'>,
): Judgement {
  const { difference } = estimate;
  const shown = both?.pairs.get(pair.id) ?? pair;
  const found = {
    ...foundOf(shown, estimate, stage, alpha),
    decidedBy: both ? 'both' : 'confirmation',
  } as const;
  const large = shiftOf(shown, difference) >= pair.limit.atLeast;
  if (!large || difference < logLimit(pair.quantity, pair.limit.warn)) {
    return judgement('unchanged', 'below-floor', found);
  }
  const fails = difference >= logLimit(pair.quantity, pair.limit.fail);
  const reason = pair.quantity === 'calls' ? 'calls-varied-changed' : 'slower';
  return judgement('regression', reason, { ...found, outcome: fails ? outcomeOf(pair) : 'warn' });
}

/** The upper bound of the effect is below so many times the limit, or that of the shift too small to matter. */
function isNotInferior(pair: Pair, { difference, error, df }: RowEstimate, times: number): boolean {
  const upper = difference + studentTQuantile(PASS_LEVEL, df) * error;
  if (difference >= timesLimit(pair, 1) && shiftOf(pair, difference) >= pair.limit.atLeast) return false;
  return upper < timesLimit(pair, times) || shiftOf(pair, upper) < pair.limit.atLeast;
}

/**
 * The test that said nothing of this row would have said so nine times in ten if the change were `ADEQUATE` times the
 * limit. To ask for the bound of `isNotInferior` alone would leave one row in twenty open by chance for ever.
 */
function wouldShow(pair: Pair, { difference, error, df }: RowEstimate, critical: number): boolean {
  if (!Number.isFinite(critical) || difference >= timesLimit(pair, 1)) return false;
  const needed = (critical + studentTQuantile(0.9, df)) * error;
  return needed <= timesLimit(pair, ADEQUATE) || shiftOf(pair, needed) < pair.limit.atLeast;
}

function foundOf(
  pair: Pair,
  { difference, error, df, pWorse, pBetter }: RowEstimate,
  stage: PermutationStage,
  alpha: Stages['alpha'],
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
    minimumDetectable: detectable(pair, { error, df }, stage.critical(alpha.look)),
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
