/**
 * Whether the machine moved rather than the service: between two runs at different times nearly all spans then move
 * the same way. A service that got slower in one place moves some rows and leaves others; a slow middleware on all
 * routes moves the roots and not the queries below them. How much a busy machine slows a span differs a lot from
 * span to span, so the moves need not be alike.
 */
import { median, medianAbsoluteDeviation } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import type { Measurement } from '../measurement.ts';
import { quantileSorted } from '../quantile.ts';
import type { Pair } from './judgement.ts';
import type { LogShift } from './log-shift.ts';

/** What the spans did at one quantile. */
export interface CommonMove {
  readonly moved: boolean;
  /** Median move of the spans, as a log ratio; positive is slower. */
  readonly centre: number;
  /** How far beyond `centre` a row must lie to stand out from a machine that moved; infinite with few spans. */
  readonly outlying: number;
}

export interface MachineShift {
  /** Whether the medians moved: what the report speaks of. */
  readonly median: CommonMove;
  /** Tails move further than medians on a busy machine, and at times alone. */
  readonly of: (quantity: Quantity) => CommonMove;
}

/** Share of spans that must have moved. */
const NEARLY_ALL = 0.8;
/** With fewer spans, one slow place is nearly all of them. */
const MINIMUM_SPANS = 6;
/** Runs of the same code on one machine differ by 4 % and more as a matter of course. */
const LARGE = Math.log(1.1);
/** Where the kernel says that CPUs were more in demand, half of the spans moving by this much is enough. */
const LARGE_UNDER_PRESSURE = Math.log(1.05);
/**
 * Rise of the share of time in which some task waited for a CPU. In runs of one service on a quiet machine the
 * share stayed within 0.03; a neighbour that took a third of the throughput raised it by 0.12.
 */
const PRESSURE_RISE = 0.1;
/** Median absolute deviations, scaled to a standard deviation, beyond which a row stands out. */
const OUTLYING = 4;

/**
 * @param pairs all rows; those of spans inside requests are looked at
 * @param pressureRise how much more CPUs were in demand than in the baseline; null where that is not known
 */
export function machineShift(
  pairs: readonly Pair[],
  shifts: ReadonlyMap<string, LogShift>,
  pressureRise: number | null,
): MachineShift {
  const spans = pairs.filter((pair) => pair.operation !== null && pair.span !== null);
  const moves = new Map<Quantity, number[]>();
  for (const pair of spans) {
    const shift = shifts.get(pair.id);
    if (shift) moves.set(pair.quantity, [...(moves.get(pair.quantity) ?? []), shift.difference]);
  }
  const medians = commonMove(moves.get('p50') ?? [], pressureRise);
  const others = new Map(
    [...moves].map(([quantity, own]): [Quantity, CommonMove] => {
      const move = commonMove(own, pressureRise);
      return [quantity, { ...move, moved: move.moved || medians.moved }];
    }),
  );
  return { median: medians, of: (quantity) => others.get(quantity) ?? medians };
}

function commonMove(unsorted: readonly number[], pressureRise: number | null): CommonMove {
  if (unsorted.length === 0) return { moved: false, centre: 0, outlying: Number.POSITIVE_INFINITY };
  const moves = [...unsorted].sort((left, right) => left - right);
  const centre = quantileSorted(moves, 0.5);
  const enough = moves.length >= MINIMUM_SPANS;
  const together =
    quantileSorted(moves, 1 - NEARLY_ALL) >= LARGE || quantileSorted(moves, NEARLY_ALL) <= -LARGE;
  const pressed =
    pressureRise !== null &&
    Math.abs(pressureRise) >= PRESSURE_RISE &&
    Math.sign(pressureRise) * centre >= LARGE_UNDER_PRESSURE;
  return {
    moved: (enough && together) || pressed,
    centre,
    // 1.4826 makes the deviation that of a normal distribution.
    outlying: enough ? OUTLYING * 1.4826 * medianAbsoluteDeviation(moves) : Number.POSITIVE_INFINITY,
  };
}

/**
 * Mean over the valid rounds; of several runs the median. Null where the kernel of a side does not tell.
 *
 * @param baselines at least one
 */
export function pressureRise(baselines: readonly Measurement[], candidate: Measurement): number | null {
  const known = baselines.flatMap((baseline) => pressureOf(baseline) ?? []);
  const before = known.length === 0 ? null : median(known);
  const after = pressureOf(candidate);
  return before === null || after === null ? null : after - before;
}

function pressureOf({ rounds }: Measurement): number | null {
  const known = rounds.filter((round) => !round.invalid).flatMap((round) => round.conditions.pressure ?? []);
  return known.length === 0 ? null : known.reduce((sum, pressure) => sum + pressure, 0) / known.length;
}
