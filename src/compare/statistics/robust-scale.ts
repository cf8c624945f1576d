/** Spread that a few stray values do not touch: the median absolute deviation, scaled to a standard deviation. */
import { medianAbsoluteDeviation } from 'simple-statistics';

/** Makes the deviation that of a normal distribution: 1 / 0.6745. */
export const NORMAL = 1.4826;

/**
 * Of a normal sample of n values the median absolute deviation falls short by about (n - 0.8) / n. Source: Croux and
 * Rousseeuw (1992), "Time-efficient algorithms for two highly robust estimators of scale", for n above 9.
 */
const SHORTFALL = 0.8;

/**
 * Its variance is that of a standard deviation from 37 % as many values. Source: Rousseeuw and Croux (1993),
 * https://doi.org/10.1080/01621459.1993.10476408
 */
const EFFICIENCY = 0.37;

/**
 * @param values at least two
 * @throws RangeError with fewer than two values
 * @example robustScale([1, 2, 3, 4, 100]) // 1.765
 */
export function robustScale(values: readonly number[]): number {
  if (values.length < 2) throw new RangeError(`at least two values, not ${values.length}`);
  const correction = values.length / (values.length - SHORTFALL);
  return NORMAL * correction * medianAbsoluteDeviation([...values]);
}

/** Degrees of freedom that a robust scale of so many values is worth. */
export function robustDf(count: number): number {
  return EFFICIENCY * (count - 1);
}
