/** One measurement against a stored baseline: how far its time rows moved, and which are beyond their limit. */
import { median } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import { type Figures, isWorseWhenLower, logLimit, type Pair } from './judgement.ts';
import { type LogShift, logShifts } from './log-shift.ts';
import { type MachineShift, machineShift } from './machine-shift.ts';
import type { Series } from './series.ts';
import { combinations } from './statistics/labelings.ts';
import { studentTQuantile } from './statistics/student-t.ts';

/**
 * Spread between two runs of the same code on one machine: standard deviation of the log. One stored run cannot
 * show it, so it is assumed; docs/statistics.md has the recordings that it was taken from.
 */
const RUN_SPREAD: Readonly<Record<Quantity, number>> = {
  p50: 0.05,
  self: 0.06,
  p90: 0.07,
  p95: 0.09,
  p99: 0.12,
  throughput: 0.05,
  calls: 0,
  'error-rate': 0,
};

/** Its upper end is the one-sided bound of 95 % that `within-limit` is read from. */
const INTERVAL_LEVEL = 0.9;

/**
 * Largest chance, for one row and one measurement, that instances are ordered like this though nothing differs: at
 * 4 against 4 all of one side must lie above all of the other (1 in 70), at 8 against 8 one instance may stray. It
 * is not corrected for the number of rows: what differs between two runs is the run, which no test on the instances
 * of one run can see. Against that stand the size that is asked for, the look at the whole machine, and the second
 * measurement.
 */
const RANK_ALPHA = 0.02;

export interface StoredStage {
  readonly pairs: ReadonlyMap<string, Pair>;
  /** By row id; rows with fewer than two values a side have none. */
  readonly shifts: ReadonlyMap<string, LogShift>;
  readonly machine: MachineShift;
}

/** @param pressureRise how much more CPUs were in demand than in the baseline; null where that is not known */
export function storedStage(pairs: readonly Pair[], pressureRise: number | null): StoredStage {
  const shifts = logShifts(pairs, (quantity) => RUN_SPREAD[quantity]);
  return {
    pairs: new Map(pairs.map((pair) => [pair.id, pair])),
    shifts,
    machine: machineShift(pairs, shifts, pressureRise),
  };
}

/** Whether two sides have instances enough for any order of them to be beyond chance. */
export function canBeJudged({ baseline, candidate }: Pair): boolean {
  return 1 / combinations(baseline.length + candidate.length, baseline.length) <= RANK_ALPHA;
}

/** Worse by the limit and more, beyond chance, and apart from a machine that moved. */
export function isBeyond(stage: StoredStage, pair: Pair): boolean {
  const shift = stage.shifts.get(pair.id);
  if (!shift || shift.pWorse > RANK_ALPHA || !standsOut(stage, pair, shift.difference)) return false;
  return reaches(pair, shift.difference) && gain(pair, shift.difference) >= pair.limit.atLeast;
}

/** Better by the limit and more, and beyond chance. */
export function isFaster(stage: StoredStage, pair: Pair): boolean {
  const shift = stage.shifts.get(pair.id);
  if (!shift || shift.pBetter > RANK_ALPHA) return false;
  return reaches(pair, -shift.difference) && -gain(pair, shift.difference) >= pair.limit.atLeast;
}

/** Beyond what the whole machine moved by, by the limit and by more than spans of a busy machine differ. */
function standsOut({ machine }: StoredStage, { quantity, limit }: Pair, difference: number): boolean {
  const { moved, centre, outlying } = machine.of(quantity);
  return !moved || centre <= 0 || difference - centre >= Math.max(logLimit(quantity, limit.fail), outlying);
}

/** The upper bound of the effect is below the limit, or that of the shift too small to matter. */
export function isNotInferior(stage: StoredStage, pair: Pair): boolean {
  const shift = stage.shifts.get(pair.id);
  if (!shift) return false;
  const upper = shift.difference + studentTQuantile((1 + INTERVAL_LEVEL) / 2, shift.df) * shift.error;
  return upper < logLimit(pair.quantity, pair.limit.fail) || gain(pair, upper) < pair.limit.atLeast;
}

export function figuresOf(stage: StoredStage, pair: Pair): Figures {
  const shift = stage.shifts.get(pair.id);
  if (!shift) return { effect: null, shift: null, interval: null, p: null, minimumDetectable: null };
  const lower = isWorseWhenLower(pair.quantity);
  const centre = lower ? -shift.difference : shift.difference;
  const half = studentTQuantile((1 + INTERVAL_LEVEL) / 2, shift.df) * shift.error;
  const detectable = logLimit(pair.quantity, pair.limit.fail) + studentTQuantile(0.9, shift.df) * shift.error;
  return {
    effect: Math.exp(centre),
    shift: middle(pair.baseline) * Math.expm1(centre),
    interval: { lower: Math.exp(centre - half), upper: Math.exp(centre + half), level: INTERVAL_LEVEL },
    p: shift.difference >= 0 ? shift.pWorse : shift.pBetter,
    minimumDetectable: lower ? -Math.expm1(-detectable) : Math.expm1(detectable),
  };
}

function reaches({ quantity, limit }: Pair, difference: number): boolean {
  return difference >= logLimit(quantity, limit.fail);
}

/** In the unit of the row, in the direction that is worse. */
function gain({ quantity, baseline }: Pair, difference: number): number {
  const before = middle(baseline);
  return isWorseWhenLower(quantity) ? -before * Math.expm1(-difference) : before * Math.expm1(difference);
}

function middle(series: Series): number {
  return median(series.map((observation) => observation.value));
}
