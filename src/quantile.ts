/**
 * Quantile of sorted values by linear interpolation between order statistics: type 7 of Hyndman and Fan (1996),
 * the default of R and NumPy.
 *
 * @param sorted ascending, at least one value
 * @param q between 0 and 1
 * @throws RangeError when there is no value
 * @example quantileSorted(Float64Array.of(1, 2, 3, 4), 0.5) // 2.5
 */
export function quantileSorted(sorted: ArrayLike<number>, q: number): number {
  const last = sorted.length - 1;
  if (last < 0) throw new RangeError('no values, no quantile');
  if (!(q >= 0 && q <= 1)) throw new RangeError(`a quantile is between 0 and 1, not ${q}`);
  const position = q * last;
  const below = Math.floor(position);
  const lower = sorted[below] as number;
  const upper = sorted[Math.min(last, below + 1)] as number;
  return lower + (position - below) * (upper - lower);
}
