/** How far a run lies from what is usual on its machine, for rows that ten and more earlier runs have. */
import { median } from 'simple-statistics';
import type { Limit, Quantity } from '../config.ts';
import { isWorseWhenLower, type Pair } from './judgement.ts';
import type { LogShift } from './log-shift.ts';
import type { RowHistory } from './row-history.ts';
import { holm } from './statistics/holm.ts';
import { studentTUpperTail } from './statistics/student-t.ts';

/**
 * A row fails by so many standard deviations between runs at least, whatever its limit: runs of one machine have a
 * longer tail than t, and both measurements of a gate share the hour.
 */
const DEVIATIONS = 4;

/** The limit that a history can bear. */
export function historyLimit(limit: Limit, quantity: Quantity, { scale }: RowHistory): Limit {
  const log = DEVIATIONS * scale;
  const smallest = isWorseWhenLower(quantity) ? -Math.expm1(-log) : Math.expm1(log);
  return { ...limit, warn: Math.max(limit.warn, smallest), fail: Math.max(limit.fail, smallest) };
}

/**
 * The prediction interval of one more run: its distance from the median of n runs has the standard error
 * scale × sqrt(1 + 1/n). p-values are adjusted (Holm) for all rows that can be flagged.
 *
 * @param pairs rows that have a history, in any order
 * @returns by row id
 */
export function historyShifts(
  pairs: readonly Pair[],
  histories: ReadonlyMap<string, RowHistory>,
): ReadonlyMap<string, LogShift> {
  const gated = pairs.filter((pair) => pair.limit.level !== 'off');
  const shown = pairs.filter((pair) => pair.limit.level === 'off');
  return new Map([...family(gated, histories), ...family(shown, histories)]);
}

function family(
  pairs: readonly Pair[],
  histories: ReadonlyMap<string, RowHistory>,
): readonly (readonly [string, LogShift])[] {
  const distances = pairs.flatMap((pair) => {
    const history = histories.get(pair.id);
    return history && pair.candidate.length > 0 ? [{ id: pair.id, ...distance(pair, history) }] : [];
  });
  const worse = holm(distances.map(({ difference, error, df }) => studentTUpperTail(difference / error, df)));
  const better = holm(
    distances.map(({ difference, error, df }) => studentTUpperTail(-difference / error, df)),
  );
  return distances.map(({ id, ...found }, index) => [
    id,
    { ...found, pWorse: worse[index] ?? 1, pBetter: better[index] ?? 1 },
  ]);
}

/** Runs that are all alike to the last digit leave no spread; nothing measures a time better than this. */
const LEAST_ERROR = 1e-4;

function distance(
  { quantity, candidate }: Pair,
  { centre, scale, df, runs }: RowHistory,
): Pick<LogShift, 'difference' | 'error' | 'df'> {
  const difference = Math.log(median(candidate.map(({ value }) => value))) - centre;
  return {
    difference: isWorseWhenLower(quantity) ? -difference : difference,
    error: Math.max(LEAST_ERROR, scale * Math.sqrt(1 + 1 / runs)),
    df,
  };
}
