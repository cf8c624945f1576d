/**
 * Variances shrunk towards what is usual in their class, as limma does for genes: a row has few replicates, but
 * there are many rows of its kind. Source: Smyth (2004), https://doi.org/10.2202/1544-6115.1027, with the prior's
 * weight fixed instead of estimated.
 */
import { median } from 'simple-statistics';

/** Weight of the class in degrees of freedom. Six is the figure of the trial that the procedure was taken from. */
export const PRIOR_DF = 6;
/** With fewer rows than this, a median says nothing about the class and no row is shrunk. */
const MINIMUM_CLASS = 4;

export interface Shrinkage {
  /** Variance that is usual in the class. */
  readonly prior: number;
  readonly priorDf: number;
}

/** What to shrink the variances of one class of rows to. */
export function shrinkageOf(variances: readonly number[]): Shrinkage {
  if (variances.length < MINIMUM_CLASS) return { prior: 0, priorDf: 0 };
  return { prior: median([...variances]), priorDf: PRIOR_DF };
}

/** The shrunk variance; its degrees of freedom are `df + priorDf`. */
export function shrink(variance: number, df: number, { prior, priorDf }: Shrinkage): number {
  return (priorDf * prior + df * variance) / (priorDf + df);
}
