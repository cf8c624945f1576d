/** Intervals of shares. */

/** 97.5 % quantile of the normal distribution. */
const Z = 1.959964;

/**
 * Wilson's interval of 95 % for `hits` of `trials`: https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval
 *
 * @example wilson(0, 120) // { lower: 0, upper: 0.031 }
 */
export function wilson(hits: number, trials: number): { readonly lower: number; readonly upper: number } {
  if (trials === 0) return { lower: 0, upper: 1 };
  const share = hits / trials;
  const scale = 1 + Z ** 2 / trials;
  const middle = (share + Z ** 2 / (2 * trials)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2));
  return { lower: Math.max(0, middle - half), upper: Math.min(1, middle + half) };
}
