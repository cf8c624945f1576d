/** Which spans are told as causes of a change of time. */
import type { Row } from '../compare/comparison.ts';
import type { Explanation, TimePart, TimeSplit } from '../compare/explanation.ts';
import { isSame } from './span-key.ts';

/** Share of the change from which a span is a cause that has to be named. */
const CAUSE = 0.15;
/** Standard errors that its shift has to have: what is noise is no cause. */
const EVIDENT = 2;
/** Standard errors of a part that is beyond doubt. Of ten spans, one is 2 away by chance in every third gate. */
const CLEAR = 3;
/** Share of the change from which a clear cause leaves no room for doubtful ones beside it. */
const MOST = 0.5;
/** Share of its own time by which a span whose median stayed can still seem to have grown. */
const SEEMING = 0.5;
const MOST_CAUSES = 3;
const CHANGED: readonly Row['verdict'][] = ['regression', 'improvement', 'added', 'removed'];

/** The parts that make the change, largest first; none where no span stands out. */
export function causesOf({ parts, shift }: TimeSplit): readonly TimePart[] {
  if (shift === 0) return [];
  const causes = parts.filter((part) => part.shift / shift >= CAUSE && isBeyond(part, EVIDENT));
  const clear = causes.filter(isClear);
  const isTold = clear.some((part) => part.shift / shift >= MOST);
  return (isTold ? clear : causes).slice(0, MOST_CAUSES);
}

/** Beyond doubt; what has no standard error is taken as it is. */
export function isClear(part: TimePart): boolean {
  return isBeyond(part, CLEAR);
}

function isBeyond({ shift, standardError }: TimePart, standardErrors: number): boolean {
  return standardError === null || Math.abs(shift) >= standardErrors * standardError;
}

/**
 * The causes that sentences name. Beside a span that made most of the change, one whose own median the gate found
 * unchanged seems to have grown by a few slow calls. It is a cause all the same where something else of it changed: its
 * calls, their order, another quantile, or what of it is waited for.
 */
export function namedCauses(
  split: TimeSplit,
  explanation: Explanation,
  rows: readonly Row[],
): readonly TimePart[] {
  const causes = causesOf(split);
  const isMost = (part: TimePart): boolean => part.shift / split.shift >= MOST;
  if (!causes.some(isMost)) return causes;
  return causes.filter((part) => {
    if (isMost(part) || Math.abs(part.shift) >= SEEMING * part.baseline) return true;
    if (explanation.calls.some(({ to }) => isSame(to, part.span))) return true;
    const own = rows.filter(
      ({ operation, span, under }) =>
        operation === explanation.operation &&
        span !== null &&
        isSame(span, part.span) &&
        under === undefined,
    );
    const median = own.find(({ quantity }) => quantity === 'p50');
    return median?.verdict !== 'unchanged' || own.some(({ verdict }) => CHANGED.includes(verdict));
  });
}
