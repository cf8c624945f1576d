/**
 * What earlier runs of the same code, more or less, say about a row: where it usually lies, and how far from there a
 * run may end up by chance. From ten runs on that is read off the runs themselves (docs/statistics.md).
 */
import { median, sampleVariance } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import type { Measurement } from '../measurement.ts';
import { commonMove, type RowMove } from './common-move.ts';
import { hasEnoughSamples } from './enough-samples.ts';
import type { Pair } from './judgement.ts';
import { type Observation, placedInstances, seriesOf } from './series.ts';
import { sinceLastShift } from './statistics/last-shift.ts';
import { robustDf, robustScale } from './statistics/robust-scale.ts';
import { shrink, shrinkageOf } from './statistics/shrinkage.ts';

/** With fewer runs than this, a median absolute deviation is a guess. */
export const LEAST_RUNS = 10;

/** What ten and more runs say of a row; all on the log scale. */
export interface RowHistory {
  /** Median of the runs. */
  readonly centre: number;
  /**
   * Standard deviation between runs of what is left when each run's common move is taken off, shrunk towards what is
   * usual for the quantity.
   */
  readonly scale: number;
  readonly df: number;
  readonly runs: number;
  /** An observation a run: the median of its instances. */
  readonly series: readonly Observation[];
}

export interface Histories {
  /** By row id; rows with fewer than `LEAST_RUNS` runs have none. */
  readonly rows: ReadonlyMap<string, RowHistory>;
  /** Standard deviation between two to nine runs, on the log scale; null where it cannot be told. */
  readonly spreadOf: (quantity: Quantity) => RunSpread | null;
}

export interface RunSpread {
  readonly deviation: number;
  readonly df: number;
}

/** Of a single run, or of a machine that has none. */
export const NO_HISTORIES: Histories = { rows: new Map(), spreadOf: () => null };

/** @param runs complete ones of this machine and workload, oldest first; the baseline is one of them */
export function historiesOf(pairs: readonly Pair[], runs: readonly Measurement[]): Histories {
  const placed = runs.map((run) => ({ id: run.id, instances: placedInstances(run) }));
  const values = new Map<Pair, readonly Observation[]>();
  for (const pair of pairs) {
    const series = placed.flatMap(({ id, instances }) => runValue(pair, id, seriesOf(instances, pair)) ?? []);
    const kept = sinceLastShift(series.map(({ value }) => Math.log(value)));
    values.set(pair, series.slice(series.length - kept.length));
  }
  return { rows: shrunken(values), spreadOf: pooled(values) };
}

/** Median of the instances; null where the run has no such row, or too little of it. */
export function runValue(pair: Pair, id: string, series: readonly Observation[]): Observation | null {
  if (series.length === 0 || !hasEnoughSamples({ ...pair, baseline: series, candidate: series })) return null;
  const value = median(series.map((observation) => observation.value));
  if (!(value > 0)) return null;
  return { round: id, value, count: Math.min(...series.map(({ count }) => count)), events: 0 };
}

function shrunken(values: ReadonlyMap<Pair, readonly Observation[]>): ReadonlyMap<string, RowHistory> {
  const long = [...values].filter(([, series]) => series.length >= LEAST_RUNS);
  const rows = new Map<string, RowHistory>();
  for (const quantity of new Set(long.map(([pair]) => pair.quantity))) {
    const members = long.filter(([pair]) => pair.quantity === quantity);
    const moves = movesOfRuns(members);
    const own = members.map(([, series]) =>
      series.map(({ round, value }) => Math.log(value) - (moves.get(round) ?? 0)),
    );
    const usual = shrinkageOf(own.map((row) => robustScale(row) ** 2));
    for (const [index, [pair, series]] of members.entries()) {
      const df = robustDf(series.length);
      rows.set(pair.id, {
        centre: median(logs(series)),
        scale: Math.sqrt(shrink(robustScale(own[index] ?? []) ** 2, df, usual)),
        df: df + usual.priorDf,
        runs: series.length,
        series,
      });
    }
  }
  return rows;
}

/** By run: what its rows moved by, all together. */
function movesOfRuns(
  members: readonly (readonly [Pair, readonly Observation[]])[],
): ReadonlyMap<string, number> {
  const byRun = new Map<string, RowMove[]>();
  for (const [pair, series] of members) {
    const centre = median(logs(series));
    for (const { round, value } of series) {
      byRun.set(round, [...(byRun.get(round) ?? []), { pair, move: Math.log(value) - centre }]);
    }
  }
  return new Map([...byRun].map(([run, moves]) => [run, commonMove(moves)]));
}

/** Rows of one run share its luck, so that many rows make no more degrees of freedom than one. */
function pooled(values: ReadonlyMap<Pair, readonly Observation[]>): Histories['spreadOf'] {
  const found = new Map<Quantity, RunSpread>();
  for (const quantity of new Set([...values.keys()].map((pair) => pair.quantity))) {
    const rows = [...values].flatMap(([pair, series]) =>
      pair.quantity === quantity && series.length >= 2 ? [logs(series)] : [],
    );
    if (rows.length === 0) continue;
    const deviation = Math.sqrt(median(rows.map((row) => sampleVariance(row))));
    found.set(quantity, { deviation, df: median(rows.map((row) => row.length)) - 1 });
  }
  return (quantity) => found.get(quantity) ?? null;
}

function logs(series: readonly Observation[]): number[] {
  return series.map(({ value }) => Math.log(value));
}
