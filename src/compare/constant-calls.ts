/**
 * Calls per request where they are constant per request content: a structural fact that no noise can make, so it
 * needs neither a test nor a second measurement, and holds on any machine.
 */
import { mean } from 'simple-statistics';
import type { CallsPerContent } from '../measurement.ts';
import { type Judgement, judgement, outcomeOf, type Pair } from './judgement.ts';
import { compareRates, tallyOf } from './tallies.ts';

/**
 * Traces needed on each side, in all and behind the contents that changed. With fewer, a retry that happened once
 * in a content that was sent once would read as constant.
 */
const MINIMUM_TRACES = 30;

type Constant = Extract<CallsPerContent, { state: 'constant' }>;

/**
 * A regression is a growth of the mean over the contents that both sides saw, made by contents that reach the limit
 * each: one call becoming two in a tenth of the contents is +100 % there, and not +10 % everywhere.
 *
 * @returns null where calls vary on a side, or too little was seen to call them constant
 */
export function judgeConstantCalls(
  pair: Pair,
  baseline: CallsPerContent | undefined,
  candidate: CallsPerContent | undefined,
): Judgement | null {
  if (baseline?.state !== 'constant' || candidate?.state !== 'constant') return null;
  const contents = commonContents(baseline, candidate);
  if (contents.length === 0 || !isSupported(contents.length, contents, [baseline, candidate])) return null;
  const changed = contents.filter(({ before, after }) => before !== after);
  if (changed.length === 0) {
    return judgement(
      'unchanged',
      'calls-constant-same',
      compareRates(tallyOf(pair.baseline), tallyOf(pair.candidate)),
    );
  }
  if (!isSupported(changed.length, contents, [baseline, candidate])) return null;
  const before = mean(contents.map((content) => content.before));
  const after = mean(contents.map((content) => content.after));
  const found = { effect: before === 0 ? null : after / before, shift: after - before };
  const reason = 'calls-constant-changed';
  if (after < before) return judgement('improvement', reason, found);
  const grew = (share: number): boolean =>
    after > before && changed.some((content) => reaches(content, share, pair.limit.atLeast));
  if (grew(pair.limit.fail)) return judgement('regression', reason, { ...found, outcome: outcomeOf(pair) });
  if (grew(pair.limit.warn)) return judgement('regression', reason, { ...found, outcome: warning(pair) });
  return judgement('unchanged', reason, found);
}

/** Calls of one content on each side. */
interface Content {
  readonly before: number;
  readonly after: number;
}

/** The contents that both sides saw. */
function commonContents(baseline: Constant, candidate: Constant): Content[] {
  const after = slots(candidate);
  return slots(baseline).flatMap((before, slot) => {
    const now = after[slot];
    return before === null || now === null || now === undefined ? [] : [{ before, after: now }];
  });
}

/** Whether about so many of the contents had traces enough on both sides. */
function isSupported(count: number, contents: readonly Content[], sides: readonly Constant[]): boolean {
  return sides.every((side) => {
    const seen = Math.max(contents.length, slots(side).filter((calls) => calls !== null).length);
    return (side.traces * count) / seen >= MINIMUM_TRACES;
  });
}

function reaches({ before, after }: Content, share: number, atLeast: number): boolean {
  return after > before && after >= before * (1 + share) && after - before >= atLeast;
}

function warning(pair: Pair): Judgement['outcome'] {
  return pair.limit.level === 'off' ? 'none' : 'warn';
}

function slots({ runs }: Constant): (number | null)[] {
  return runs.flatMap(([calls, length]) => new Array<number | null>(length).fill(calls));
}
