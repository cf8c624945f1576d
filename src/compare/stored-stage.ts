/** One measurement against a stored baseline: how far its time rows moved, and which are beyond their limit. */
import { median } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import { historyShifts } from './history-shift.ts';
import { type Figures, isWorseWhenLower, logLimit, type Pair } from './judgement.ts';
import { type LogShift, logShifts } from './log-shift.ts';
import { type MachineShift, machineShift } from './machine-shift.ts';
import type { Histories, RowHistory } from './row-history.ts';
import type { Series } from './series.ts';
import { combinations } from './statistics/labelings.ts';
import { PRIOR_DF, shrink } from './statistics/shrinkage.ts';
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
  'error-logs': 0,
  'warn-logs': 0,
  // Nobody knows what it is; as the quantiles of the tail.
  metric: 0.09,
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
  /** Of the rows that are judged by ten and more runs. */
  readonly histories: ReadonlyMap<string, RowHistory>;
  /** Largest adjusted p of a row that is judged by its history. */
  readonly alpha: number;
  /** How many rows of that kind can be flagged. */
  readonly family: number;
  /** By row id; rows with fewer than two values a side have none. */
  readonly shifts: ReadonlyMap<string, LogShift>;
  readonly machine: MachineShift;
}

export interface StageOptions {
  readonly histories: Histories;
  readonly alpha: number;
  /** How much more CPUs were in demand than in the baseline; null where that is not known. */
  readonly pressureRise: number | null;
}

export function storedStage(
  pairs: readonly Pair[],
  { histories, alpha, pressureRise }: StageOptions,
): StoredStage {
  const old = pairs.filter((pair) => histories.rows.has(pair.id));
  const young = pairs.filter((pair) => !histories.rows.has(pair.id));
  const shifts = new Map([
    ...logShifts(young, (quantity) => runSpread(quantity, histories)),
    ...historyShifts(old, histories.rows),
  ]);
  return {
    pairs: new Map(pairs.map((pair) => [pair.id, pair])),
    histories: histories.rows,
    alpha,
    family: old.filter((pair) => pair.limit.level !== 'off').length,
    shifts,
    machine: machineShift(pairs, shifts, pressureRise),
  };
}

/** Of two to nine runs: what they show, drawn towards what is assumed of runs that nobody knows. */
function runSpread(quantity: Quantity, { spreadOf }: Histories): number {
  const assumed = RUN_SPREAD[quantity];
  const seen = spreadOf(quantity);
  if (seen === null) return assumed;
  return Math.sqrt(shrink(seen.deviation ** 2, seen.df, { prior: assumed ** 2, priorDf: PRIOR_DF }));
}

/** Whether there is enough on both sides for any order of instances, or any distance from the usual, to be beyond chance. */
export function canBeJudged({ histories }: StoredStage, { id, baseline, candidate }: Pair): boolean {
  if (histories.has(id)) return candidate.length > 0;
  return 1 / combinations(baseline.length + candidate.length, baseline.length) <= RANK_ALPHA;
}

function alphaOf({ histories, alpha }: StoredStage, { id }: Pair): number {
  return histories.has(id) ? alpha : RANK_ALPHA;
}

/** Worse by the limit and more, beyond chance, and apart from a machine that moved. */
export function isBeyond(stage: StoredStage, pair: Pair): boolean {
  const shift = stage.shifts.get(pair.id);
  if (!shift || shift.pWorse > alphaOf(stage, pair) || !standsOut(stage, pair, shift.difference))
    return false;
  // Both: a machine that was faster this time makes no row slower than it was.
  const smaller = Math.min(shift.difference, ownOf(shift));
  return reaches(pair, smaller) && gain(pair, smaller) >= pair.limit.atLeast;
}

/** Better by the limit and more, and beyond chance. */
export function isFaster(stage: StoredStage, pair: Pair): boolean {
  const shift = stage.shifts.get(pair.id);
  if (!shift || shift.pBetter > alphaOf(stage, pair)) return false;
  const smaller = Math.max(shift.difference, ownOf(shift));
  return reaches(pair, -smaller) && -gain(pair, smaller) >= pair.limit.atLeast;
}

/** Where all spans moved, nobody can say that it was the machine alone: a service may have become slower everywhere. */
function shownOf({ machine }: StoredStage, { quantity }: Pair, shift: LogShift): number {
  return machine.of(quantity).moved ? shift.difference : ownOf(shift);
}

function ownOf({ own, difference }: LogShift): number {
  return own ?? difference;
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
  const upper =
    shownOf(stage, pair, shift) + studentTQuantile((1 + INTERVAL_LEVEL) / 2, shift.df) * shift.error;
  return upper < logLimit(pair.quantity, pair.limit.fail) || gain(pair, upper) < pair.limit.atLeast;
}

export function figuresOf(stage: StoredStage, pair: Pair): Figures {
  const shift = stage.shifts.get(pair.id);
  if (!shift) return { effect: null, shift: null, interval: null, p: null, minimumDetectable: null };
  const lower = isWorseWhenLower(pair.quantity);
  const shown = shownOf(stage, pair, shift);
  const centre = lower ? -shown : shown;
  const half = studentTQuantile((1 + INTERVAL_LEVEL) / 2, shift.df) * shift.error;
  const detectable = critical(stage, pair, shift) + studentTQuantile(0.9, shift.df) * shift.error;
  return {
    effect: Math.exp(centre),
    shift: middle(pair.baseline) * Math.expm1(centre),
    interval: { lower: Math.exp(centre - half), upper: Math.exp(centre + half), level: INTERVAL_LEVEL },
    p: shown >= 0 ? shift.pWorse : shift.pBetter,
    minimumDetectable: lower ? -Math.expm1(-detectable) : Math.expm1(detectable),
  };
}

/** What a row has to reach; Holm asks the first row of a family for its share of alpha. */
function critical(stage: StoredStage, { id, quantity, limit }: Pair, { df, error }: LogShift): number {
  const size = logLimit(quantity, limit.fail);
  if (!stage.histories.has(id)) return size;
  return Math.max(size, studentTQuantile(1 - stage.alpha / Math.max(1, stage.family), df) * error);
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
