/** What a gate of paired mode can and cannot see, told before it begins. */
import type { Policy, TogetherRounds } from '../config.ts';
import type { Warning } from '../measurement.ts';
import { alphaOfLook, laterRounds } from './spending.ts';
import { labelingsInRounds, labelingsOfRound } from './statistics/labelings.ts';
import { studentTQuantile } from './statistics/student-t.ts';

export interface GatePlan {
  readonly warnings: readonly Warning[];
  /**
   * Smallest change that the planned rounds of both stages would find nine times in ten, at the spread between
   * instances that is usual (docs/statistics.md); 0.04 is 4 %. Infinite where nothing can be confirmed.
   */
  readonly detectable: { readonly p50: number; readonly p90: number };
}

/** Standard deviation of the log between instances of one code under the interleaved load (docs/statistics.md). */
const USUAL_SPREAD = { p50: 0.015, p90: 0.025 } as const;
/** The largest T of some sixty rows that a confirming stage with a few suspects lets through. */
const USUAL_CRITICAL = 3.5;

/** @param instances of each arm in a round */
export function planOf(
  together: TogetherRounds,
  {
    instances,
    alpha,
    exchangeable,
  }: {
    readonly instances: number;
    readonly alpha: Policy['alpha'];
    readonly exchangeable: 'instances' | 'arms';
  },
): GatePlan {
  const nothing = { p50: Number.POSITIVE_INFINITY, p90: Number.POSITIVE_INFINITY };
  if (instances < 2) {
    const message =
      'With one instance a round of each build, times are shown and not judged; counts and errors are.';
    return { warnings: [{ code: 'single-instance', message }], detectable: nothing };
  }
  const ofRound = labelingsOfRound({ baseline: instances, candidate: instances }, exchangeable);
  const needed = firstDecidingRound(together, alpha.confirm, ofRound);
  const room = together.atMost - together.screen;
  if (needed > room) {
    return { warnings: [cannotConfirm({ needed, room, ofRound, exchangeable, alpha })], detectable: nothing };
  }
  const rounds = Math.max(together.confirm, needed);
  return {
    warnings: [],
    detectable: {
      p50: detectable(USUAL_SPREAD.p50, instances, rounds),
      p90: detectable(USUAL_SPREAD.p90, instances, rounds),
    },
  };
}

/**
 * The plan with as many confirming rounds as it takes for the planned look to decide: with three instances an arm, two
 * rounds have fewer labelings than its alpha asks for, and the gate would plan to end undecided. As it was given where
 * there is no room for them; `planOf` says so then.
 */
export function withDecidingRounds(
  together: TogetherRounds,
  { instances, alpha, exchangeable }: Parameters<typeof planOf>[1],
): TogetherRounds {
  if (instances < 2) return together;
  const ofRound = labelingsOfRound({ baseline: instances, candidate: instances }, exchangeable);
  for (let confirm = together.confirm; confirm <= together.atMost - together.screen; confirm += 1) {
    const plan = { ...together, confirm };
    if (firstDecidingRound(plan, alpha.confirm, ofRound) <= confirm) return plan;
  }
  return together;
}

/** Confirming rounds after which a p-value can be small enough for the first time. */
function firstDecidingRound(plan: TogetherRounds, alpha: number, ofRound: number): number {
  const looks = { planned: plan.confirm, later: laterRounds(plan), alpha, labelingsOfRound: ofRound };
  for (let rounds = 1; ; rounds += 1) {
    const look = alphaOfLook({ ...looks, rounds });
    if (labelingsInRounds(ofRound, rounds) * look >= 1) return rounds;
  }
}

function cannotConfirm(found: {
  readonly needed: number;
  readonly room: number;
  readonly ofRound: number;
  readonly exchangeable: 'instances' | 'arms';
  readonly alpha: Policy['alpha'];
}): Warning {
  const { needed, room, ofRound, exchangeable, alpha } = found;
  const why =
    exchangeable === 'arms'
      ? 'A dependency is tied to an arm, so only whole arms may trade places'
      : `A round of this many instances can be relabelled in ${ofRound} ways`;
  const more = exchangeable === 'arms' ? 'a scope other than `per-arm`' : 'more instances a round';
  return {
    code: 'too-few-labelings',
    message:
      `${why}: with ${confirming(room)} no p-value gets down to ${alpha.confirm}, so no slower span can fail ` +
      `this gate. It takes ${confirming(needed)} (\`rounds.together.at-most\`), or ${more}. Counts and errors ` +
      'are judged as ever.',
  };
}

function confirming(rounds: number): string {
  return rounds === 1 ? '1 confirming round' : `${rounds} confirming rounds`;
}

function detectable(spread: number, instances: number, rounds: number): number {
  const error = spread * Math.sqrt(2 / (instances * rounds));
  const df = rounds * (2 * instances - 2);
  return Math.expm1((USUAL_CRITICAL + studentTQuantile(0.9, df)) * error);
}
