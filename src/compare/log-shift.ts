/**
 * How far the candidate's values lie from the baseline's when the two were not measured together: the ratio of the
 * medians, and how sure that is. Medians, since a single instance that went astray must not decide.
 */
import { mean, median } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import { isWorseWhenLower, type Pair } from './judgement.ts';
import type { Series } from './series.ts';
import { rankSumP } from './statistics/rank-sum.ts';
import { type Shrinkage, shrink, shrinkageOf } from './statistics/shrinkage.ts';

/** Candidate against baseline on the log scale; positive is worse. */
export interface LogShift {
  /** Logarithm of the ratio of the medians. */
  readonly difference: number;
  /** The same less what most spans moved by; only where a history tells how rows move together. */
  readonly own?: number;
  /** Its standard error, with the spread between runs that was assumed. */
  readonly error: number;
  readonly df: number;
  /** Exact rank-sum test, one-sided, of this row alone. */
  readonly pWorse: number;
  readonly pBetter: number;
}

/** Standard error of a median over that of a mean, for normal samples: sqrt(pi / 2). */
const MEDIAN_ERROR = 1.2533;

/** Spread of log values within a side, at one level: between instances, or between the means of rounds. */
interface Spread {
  readonly variance: number;
  readonly df: number;
  /** Sum of 1 / replicates over both sides. */
  readonly weight: number;
}

/**
 * @param runSpread standard deviation of the log of a quantity between two runs of the same code, by quantity
 * @returns by row id; rows with fewer than two values a side, or a value of 0, are left out
 */
export function logShifts(
  pairs: readonly Pair[],
  runSpread: (quantity: Quantity) => number,
): ReadonlyMap<string, LogShift> {
  const usable = pairs.filter(isUsable);
  const instances = errorsAt(usable, logs);
  const rounds = errorsAt(usable, roundMeans);
  return new Map(
    usable.map((pair): [string, LogShift] => {
      const levels = [instances.get(pair.id), rounds.get(pair.id)].flatMap((level) => level ?? []);
      // Instances of one round share its luck; whichever level shows more noise is believed.
      const [widest] = levels.sort((left, right) => right.squared - left.squared);
      const between = runSpread(pair.quantity);
      const within = (widest?.squared ?? 0) * MEDIAN_ERROR ** 2;
      return [
        pair.id,
        {
          difference: logDifference(pair),
          error: Math.sqrt(within + 2 * between * between),
          df: widest?.df ?? 1,
          ...ranked(pair),
        },
      ];
    }),
  );
}

/** Logarithm of the ratio of the medians, positive where the candidate is worse. */
function logDifference({ quantity, baseline, candidate }: Pair): number {
  const difference = median(logs(candidate)) - median(logs(baseline));
  return isWorseWhenLower(quantity) ? -difference : difference;
}

function isUsable({ baseline, candidate }: Pair): boolean {
  return [baseline, candidate].every(
    (series) => series.length >= 2 && series.every((observation) => observation.value > 0),
  );
}

function ranked({ quantity, baseline, candidate }: Pair): Pick<LogShift, 'pWorse' | 'pBetter'> {
  const before = baseline.map((observation) => observation.value);
  const after = candidate.map((observation) => observation.value);
  const [larger, smaller] = [rankSumP(after, before), rankSumP(before, after)];
  return isWorseWhenLower(quantity)
    ? { pWorse: smaller, pBetter: larger }
    : { pWorse: larger, pBetter: smaller };
}

function logs(series: Series): number[] {
  return series.map((observation) => Math.log(observation.value));
}

function roundMeans(series: Series): number[] {
  const rounds = new Map<string, number[]>();
  for (const { round, value } of series) {
    const members = rounds.get(round);
    if (members) members.push(Math.log(value));
    else rounds.set(round, [Math.log(value)]);
  }
  return [...rounds.values()].map((members) => mean(members));
}

interface SquaredError {
  readonly squared: number;
  readonly df: number;
}

/** Squared standard errors of a difference of means, each variance shrunk towards what is usual for its quantity. */
function errorsAt(
  pairs: readonly Pair[],
  replicates: (series: Series) => number[],
): ReadonlyMap<string, SquaredError> {
  const spreads = new Map<Pair, Spread>();
  for (const pair of pairs) {
    const spread = spreadOf([replicates(pair.baseline), replicates(pair.candidate)]);
    if (spread) spreads.set(pair, spread);
  }
  const usual = new Map<Quantity, Shrinkage>();
  for (const quantity of new Set(pairs.map((pair) => pair.quantity))) {
    const members = [...spreads].filter(([pair]) => pair.quantity === quantity);
    usual.set(quantity, shrinkageOf(members.map(([, spread]) => spread.variance)));
  }
  return new Map(
    [...spreads].map(([pair, { variance, df, weight }]): [string, SquaredError] => {
      const prior = usual.get(pair.quantity) ?? { prior: 0, priorDf: 0 };
      return [pair.id, { squared: shrink(variance, df, prior) * weight, df: df + prior.priorDf }];
    }),
  );
}

/** Undefined where there is no second replicate on either side. */
function spreadOf(sides: readonly (readonly number[])[]): Spread | undefined {
  let squares = 0;
  let df = 0;
  let weight = 0;
  for (const side of sides) {
    const centre = mean([...side]);
    for (const value of side) squares += (value - centre) ** 2;
    df += side.length - 1;
    weight += 1 / side.length;
  }
  return df > 0 ? { variance: squares / df, df, weight } : undefined;
}
