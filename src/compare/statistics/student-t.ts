/** Student's t distribution, by the incomplete beta function: https://dlmf.nist.gov/8.17 and Abramowitz 26.7.1. */
import { incompleteBeta } from './incomplete-beta.ts';

/**
 * P(T > t) with `df` degrees of freedom (any positive number, whole or not).
 *
 * @example studentTUpperTail(2.015, 5) // 0.05
 */
export function studentTUpperTail(t: number, df: number): number {
  if (!(df > 0)) throw new RangeError(`degrees of freedom are positive, not ${df}`);
  const tail = 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5);
  return t >= 0 ? tail : 1 - tail;
}

/**
 * The t that a share `probability` of the distribution lies below; by bisection on the tail, to 12 digits.
 *
 * @param probability strictly between 0 and 1
 * @example studentTQuantile(0.95, 5) // 2.015
 */
export function studentTQuantile(probability: number, df: number): number {
  // All rows of a comparison have a handful of degrees of freedom between them.
  const key = `${probability} ${df}`;
  const known = KNOWN.get(key);
  if (known !== undefined) return known;
  const found = bisected(probability, df);
  if (KNOWN.size >= MOST_KNOWN) KNOWN.clear();
  KNOWN.set(key, found);
  return found;
}

const KNOWN = new Map<string, number>();
const MOST_KNOWN = 1000;

function bisected(probability: number, df: number): number {
  if (!(probability > 0 && probability < 1)) {
    throw new RangeError(`a probability strictly between 0 and 1, not ${probability}`);
  }
  if (probability < 0.5) return -studentTQuantile(1 - probability, df);
  const tail = 1 - probability;
  let low = 0;
  let high = 1;
  while (studentTUpperTail(high, df) > tail) high *= 2;
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (studentTUpperTail(middle, df) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
