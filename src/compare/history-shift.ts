/** How far a run lies from what is usual on its machine, for rows that ten and more earlier runs have. */
import { median } from 'simple-statistics';
import type { Limit, Quantity } from '../config.ts';
import { commonMove, type RowMove } from './common-move.ts';
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

/**
 * Smallest effect that fails, however alike the runs of the history were: now and then the tail of one span is off by
 * 20 to 30 % for a whole run, on a machine that is quiet otherwise (docs/statistics.md).
 */
const SMALLEST_FAIL: Readonly<Partial<Record<Quantity, number>>> = {
  p50: 0.1,
  throughput: 0.1,
  self: 0.2,
  p90: 0.3,
  p95: 0.4,
  p99: 0.75,
};

/** The limit that a history can bear. */
export function historyLimit(limit: Limit, quantity: Quantity, { scale }: RowHistory): Limit {
  const log = DEVIATIONS * scale;
  const spread = isWorseWhenLower(quantity) ? -Math.expm1(-log) : Math.expm1(log);
  const smallest = Math.max(spread, SMALLEST_FAIL[quantity] ?? 0);
  return { ...limit, warn: Math.max(limit.warn, smallest), fail: Math.max(limit.fail, smallest) };
}

/**
 * The prediction interval of one more run: its distance from the median of n runs has the standard error
 * scale × sqrt(1 + 1/n). What most spans of the run moved by is taken off first, as it was for the scale. p-values are
 * adjusted (Holm) for all rows that can be flagged.
 *
 * @param pairs rows that have a history, in any order
 * @returns by row id
 */
export function historyShifts(
  pairs: readonly Pair[],
  histories: ReadonlyMap<string, RowHistory>,
): ReadonlyMap<string, LogShift> {
  const moves = pairs.flatMap((pair): HistoryMove[] => {
    const history = histories.get(pair.id);
    return history && pair.candidate.length > 0 ? [{ pair, history, move: moveOf(pair, history) }] : [];
  });
  const common = new Map(
    [...new Set(moves.map(({ pair }) => pair.quantity))].map((quantity): [Quantity, number] => [
      quantity,
      commonMove(moves.filter(({ pair }) => pair.quantity === quantity)),
    ]),
  );
  const shifts = moves.map((move) => ({ ...move, ...distance(move, common.get(move.pair.quantity) ?? 0) }));
  const gated = shifts.filter(({ pair }) => pair.limit.level !== 'off');
  const shown = shifts.filter(({ pair }) => pair.limit.level === 'off');
  return new Map([...family(gated), ...family(shown)]);
}

interface HistoryMove extends RowMove {
  readonly history: RowHistory;
}

function moveOf({ candidate }: Pair, { centre }: RowHistory): number {
  return Math.log(median(candidate.map(({ value }) => value))) - centre;
}

/** Runs that are all alike to the last digit leave no spread; nothing measures a time better than this. */
const LEAST_ERROR = 1e-4;

type Distance = Required<Pick<LogShift, 'difference' | 'own' | 'error' | 'df'>>;

function distance({ pair, history, move }: HistoryMove, common: number): Distance {
  const sign = isWorseWhenLower(pair.quantity) ? -1 : 1;
  return {
    difference: sign * move,
    own: sign * (move - common),
    error: Math.max(LEAST_ERROR, history.scale * Math.sqrt(1 + 1 / history.runs)),
    df: history.df,
  };
}

function family(
  shifts: readonly (Distance & { readonly pair: Pair })[],
): readonly (readonly [string, LogShift])[] {
  const worse = holm(shifts.map(({ own, error, df }) => studentTUpperTail(own / error, df)));
  const better = holm(shifts.map(({ own, error, df }) => studentTUpperTail(-own / error, df)));
  return shifts.map(({ pair, difference, own, error, df }, index) => [
    pair.id,
    { difference, own, error, df, pWorse: worse[index] ?? 1, pBetter: better[index] ?? 1 },
  ]);
}
