/** One measurement against a stored baseline: how far its time rows moved, and which are beyond their limit. */
import { median } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import { type Figures, isWorseWhenLower, logLimit, type Pair } from './judgement.ts';
import { type LogShift, logShifts } from './log-shift.ts';
import { type MachineShift, machineShift } from './machine-shift.ts';
import { holm } from './statistics/holm.ts';
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

export interface StoredStage {
  readonly pairs: ReadonlyMap<string, Pair>;
  /** By row id; rows with fewer than two values a side have none. */
  readonly shifts: ReadonlyMap<string, LogShift>;
  readonly machine: MachineShift;
  /** Adjusted for the family, that the row is worse. */
  readonly pWorse: ReadonlyMap<string, number>;
  readonly pBetter: ReadonlyMap<string, number>;
}

/** @param inFamily the rows that alpha is spent on */
export function storedStage(pairs: readonly Pair[], inFamily: (pair: Pair) => boolean): StoredStage {
  const shifts = logShifts(pairs, (quantity) => RUN_SPREAD[quantity]);
  const family = pairs.filter((pair) => shifts.has(pair.id) && inFamily(pair));
  const adjust = (side: 'pWorse' | 'pBetter'): ReadonlyMap<string, number> => {
    const adjusted = holm(family.map((pair) => shifts.get(pair.id)?.[side] ?? 1));
    return new Map(family.map((pair, index) => [pair.id, adjusted[index] ?? 1]));
  };
  return {
    pairs: new Map(pairs.map((pair) => [pair.id, pair])),
    shifts,
    machine: machineShift(pairs, shifts),
    pWorse: adjust('pWorse'),
    pBetter: adjust('pBetter'),
  };
}

/** Worse by the limit and more: by the means, by the medians, and without what the whole machine moved by. */
export function isBeyond(stage: StoredStage, pair: Pair, alpha: number): boolean {
  const shift = stage.shifts.get(pair.id);
  if (!shift || (stage.pWorse.get(pair.id) ?? 1) > alpha) return false;
  const net = shift.difference - Math.max(0, stage.machine.common);
  return reaches(pair, net) && reaches(pair, medianDifference(pair)) && gain(pair) >= pair.limit.atLeast;
}

/** Better by the limit and more, seen the same way. */
export function isFaster(stage: StoredStage, pair: Pair, alpha: number): boolean {
  const shift = stage.shifts.get(pair.id);
  if (!shift || (stage.pBetter.get(pair.id) ?? 1) > alpha) return false;
  const net = shift.difference - Math.min(0, stage.machine.common);
  return reaches(pair, -net) && reaches(pair, -medianDifference(pair)) && -gain(pair) >= pair.limit.atLeast;
}

/** The upper bound of the effect is below the limit, or that of the shift too small to matter. */
export function isNotInferior(stage: StoredStage, pair: Pair): boolean {
  const shift = stage.shifts.get(pair.id);
  if (!shift) return false;
  const upper = shift.difference + studentTQuantile((1 + INTERVAL_LEVEL) / 2, shift.df) * shift.error;
  const { before } = medians(pair);
  const seconds = isWorseWhenLower(pair.quantity) ? -before * Math.expm1(-upper) : before * Math.expm1(upper);
  return upper < logLimit(pair.quantity, pair.limit.fail) || seconds < pair.limit.atLeast;
}

export function figuresOf(stage: StoredStage, pair: Pair): Figures {
  const shift = stage.shifts.get(pair.id);
  if (!shift) return { effect: null, shift: null, interval: null, p: null, minimumDetectable: null };
  const lower = isWorseWhenLower(pair.quantity);
  const centre = lower ? -shift.difference : shift.difference;
  const half = studentTQuantile((1 + INTERVAL_LEVEL) / 2, shift.df) * shift.error;
  const detectable = logLimit(pair.quantity, pair.limit.fail) + studentTQuantile(0.9, shift.df) * shift.error;
  const p = shift.difference >= 0 ? stage.pWorse : stage.pBetter;
  return {
    effect: Math.exp(centre),
    shift: medians(pair).before * Math.expm1(centre),
    interval: { lower: Math.exp(centre - half), upper: Math.exp(centre + half), level: INTERVAL_LEVEL },
    p: p.get(pair.id) ?? null,
    minimumDetectable: lower ? -Math.expm1(-detectable) : Math.expm1(detectable),
  };
}

function reaches({ quantity, limit }: Pair, difference: number): boolean {
  return difference >= logLimit(quantity, limit.fail);
}

/** A single instance that went astray moves the means, and not the medians. */
function medianDifference(pair: Pair): number {
  const { before, after } = medians(pair);
  return isWorseWhenLower(pair.quantity) ? Math.log(before / after) : Math.log(after / before);
}

/** In the unit of the row, in the direction that is worse. */
function gain(pair: Pair): number {
  const { before, after } = medians(pair);
  return isWorseWhenLower(pair.quantity) ? before - after : after - before;
}

function medians({ baseline, candidate }: Pair): { readonly before: number; readonly after: number } {
  return {
    before: median(baseline.map((observation) => observation.value)),
    after: median(candidate.map((observation) => observation.value)),
  };
}
