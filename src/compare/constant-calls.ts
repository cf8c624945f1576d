/**
 * Calls per request where they are constant per request content: a structural fact that no noise can make, so it
 * needs neither a test nor a second measurement, and holds on any machine.
 */
import type { CallsPerContent } from '../measurement.ts';
import { type Judgement, judgement, outcomeOf, type Pair } from './judgement.ts';
import { compareRates, tallyOf } from './tallies.ts';

/**
 * Traces needed on each side, in all and behind the contents that changed. With fewer, a retry that happened once
 * in a content that was sent once would read as constant.
 */
const MINIMUM_TRACES = 30;

type Constant = Extract<CallsPerContent, { state: 'constant' }>;

/** @returns null where calls vary on a side, or too little was seen to call them constant */
export function judgeConstantCalls(
  pair: Pair,
  baseline: CallsPerContent | undefined,
  candidate: CallsPerContent | undefined,
): Judgement | null {
  if (baseline?.state !== 'constant' || candidate?.state !== 'constant') return null;
  if (Math.min(baseline.traces, candidate.traces) < MINIMUM_TRACES) return null;
  const change = changeOf(baseline, candidate);
  if (change === null) return null;
  const rates = compareRates(tallyOf(pair.baseline), tallyOf(pair.candidate));
  if (change.changed === 0) {
    return judgement('unchanged', 'calls-constant-same', { ...rates, minimumDetectable: null });
  }
  const traces = Math.min(
    (baseline.traces * change.changed) / contentsSeen(baseline),
    (candidate.traces * change.changed) / contentsSeen(candidate),
  );
  if (traces < MINIMUM_TRACES) return null;
  const found = {
    effect: change.before === 0 ? null : change.after / change.before,
    shift: change.after - change.before,
  };
  const reason = 'calls-constant-changed';
  if (found.shift < 0) return judgement('improvement', reason, found);
  const { limit } = pair;
  const grew = (share: number): boolean =>
    found.shift > 0 && change.after >= change.before * (1 + share) && change.largestGrowth >= limit.atLeast;
  if (grew(limit.fail)) return judgement('regression', reason, { ...found, outcome: outcomeOf(pair) });
  if (grew(limit.warn)) {
    return judgement('regression', reason, { ...found, outcome: limit.level === 'off' ? 'none' : 'warn' });
  }
  return judgement('unchanged', reason, found);
}

interface Change {
  /** Mean calls over the contents that both sides saw. */
  readonly before: number;
  readonly after: number;
  /** Contents whose calls differ. */
  readonly changed: number;
  /** Largest growth in one content, in calls. */
  readonly largestGrowth: number;
}

/** Null where no content was seen on both sides. */
function changeOf(baseline: Constant, candidate: Constant): Change | null {
  const before = slots(baseline);
  const after = slots(candidate);
  let common = 0;
  let beforeSum = 0;
  let afterSum = 0;
  let changed = 0;
  let largestGrowth = 0;
  for (const [slot, calls] of before.entries()) {
    const now = after[slot];
    if (calls === null || now === null || now === undefined) continue;
    common += 1;
    beforeSum += calls;
    afterSum += now;
    if (now !== calls) changed += 1;
    largestGrowth = Math.max(largestGrowth, now - calls);
  }
  if (common === 0) return null;
  return { before: beforeSum / common, after: afterSum / common, changed, largestGrowth };
}

function slots({ runs }: Constant): (number | null)[] {
  return runs.flatMap(([calls, length]) => new Array<number | null>(length).fill(calls));
}

function contentsSeen(side: Constant): number {
  return slots(side).filter((calls) => calls !== null).length;
}
