/**
 * How far the candidate's values lie from the baseline's when the two were not measured together: the difference of
 * mean logarithms, and how sure that is.
 */
import { mean } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import { isWorseWhenLower, type Pair } from './judgement.ts';
import type { Series } from './series.ts';
import { type Shrinkage, shrink, shrinkageOf } from './statistics/shrinkage.ts';
import { studentTUpperTail } from './statistics/student-t.ts';

/** Candidate against baseline on the log scale; positive is worse. */
export interface LogShift {
  readonly difference: number;
  /** Standard error, with the spread between runs that was assumed. */
  readonly error: number;
  readonly df: number;
  /** One-sided, not adjusted, that the candidate is worse or better by chance. */
  readonly pWorse: number;
  readonly pBetter: number;
}

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
  const spreads = new Map(
    usable.map((pair) => [
      pair.id,
      { instances: spreadOf(pair, values), rounds: spreadOf(pair, roundMeans) },
    ]),
  );
  const classes = new Map<Quantity, { instances: Shrinkage; rounds: Shrinkage }>();
  for (const quantity of new Set(usable.map((pair) => pair.quantity))) {
    const members = usable.filter((pair) => pair.quantity === quantity).map((pair) => spreads.get(pair.id));
    classes.set(quantity, {
      instances: shrinkageOf(members.flatMap((member) => member?.instances?.variance ?? [])),
      rounds: shrinkageOf(members.flatMap((member) => member?.rounds?.variance ?? [])),
    });
  }
  const shifts = new Map<string, LogShift>();
  for (const pair of usable) {
    const levels = spreads.get(pair.id);
    const usual = classes.get(pair.quantity);
    if (!levels || !usual) continue;
    const between = runSpread(pair.quantity);
    const candidates = [
      standardError(levels.instances, usual.instances),
      standardError(levels.rounds, usual.rounds),
    ].flatMap((level) => level ?? []);
    // Instances of one round share its luck; whichever level shows more noise is believed.
    const widest = candidates.sort((left, right) => right.squared - left.squared)[0];
    if (!widest) continue;
    const difference = logDifference(pair);
    const error = Math.sqrt(widest.squared + 2 * between * between);
    const t =
      error > 0 ? difference / error : difference === 0 ? 0 : Math.sign(difference) * Number.MAX_VALUE;
    shifts.set(pair.id, {
      difference,
      error,
      df: widest.df,
      pWorse: studentTUpperTail(t, widest.df),
      pBetter: studentTUpperTail(-t, widest.df),
    });
  }
  return shifts;
}

/** Difference of the mean logarithms, positive where the candidate is worse. */
export function logDifference({ quantity, baseline, candidate }: Pair): number {
  const difference = mean(values(candidate)) - mean(values(baseline));
  return isWorseWhenLower(quantity) ? -difference : difference;
}

function isUsable({ baseline, candidate }: Pair): boolean {
  return [baseline, candidate].every(
    (series) => series.length >= 2 && series.every((observation) => observation.value > 0),
  );
}

function values(series: Series): number[] {
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

/** Undefined where there is no second replicate on either side. */
function spreadOf(
  { baseline, candidate }: Pair,
  replicates: (series: Series) => number[],
): Spread | undefined {
  const sides = [replicates(baseline), replicates(candidate)];
  let squares = 0;
  let df = 0;
  let weight = 0;
  for (const side of sides) {
    const centre = mean(side);
    for (const value of side) squares += (value - centre) ** 2;
    df += side.length - 1;
    weight += 1 / side.length;
  }
  return df > 0 ? { variance: squares / df, df, weight } : undefined;
}

function standardError(
  spread: Spread | undefined,
  usual: Shrinkage,
): { readonly squared: number; readonly df: number } | undefined {
  if (!spread) return undefined;
  return {
    squared: shrink(spread.variance, spread.df, usual) * spread.weight,
    df: spread.df + usual.priorDf,
  };
}
