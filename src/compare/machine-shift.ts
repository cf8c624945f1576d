/**
 * Whether the machine moved rather than the service: in two runs at different times, nearly all spans then move by
 * a similar factor. A service that got slower in one place moves some rows and leaves others; a slow middleware on
 * all routes moves the roots but not the queries below them.
 */
import { quantileSorted } from '../quantile.ts';
import type { Pair } from './judgement.ts';
import { type LogShift, logDifference } from './log-shift.ts';

export interface MachineShift {
  /** What four in five spans moved by at least, as a log ratio; 0 where they did not move the same way. */
  readonly common: number;
  /** Large, and much the same for most spans. */
  readonly moved: boolean;
}

/** Share of spans that must have moved. */
const NEARLY_ALL = 0.8;
/** With fewer spans, one slow place is nearly all of them. */
const MINIMUM_SPANS = 6;
/** Runs of the same code on one machine differ by 4 % and more as a matter of course. */
const LARGE = Math.log(1.1);

/** @param pairs all rows; p50 of spans inside requests are looked at */
export function machineShift(pairs: readonly Pair[], shifts: ReadonlyMap<string, LogShift>): MachineShift {
  const moves = pairs
    .filter(
      (pair) =>
        pair.quantity === 'p50' && pair.operation !== null && pair.span !== null && shifts.has(pair.id),
    )
    .map(logDifference)
    .sort((left, right) => left - right);
  if (moves.length < MINIMUM_SPANS) return { common: 0, moved: false };
  const low = quantileSorted(moves, 1 - NEARLY_ALL);
  const high = quantileSorted(moves, NEARLY_ALL);
  const common = low > 0 ? low : Math.min(0, high);
  const centre = quantileSorted(moves, 0.5);
  const similar = high - low <= Math.max(LARGE, Math.abs(centre) / 2);
  return { common, moved: Math.abs(common) >= LARGE && similar };
}
