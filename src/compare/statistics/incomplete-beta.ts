/**
 * Regularised incomplete beta function I_x(a, b), from which the tails of Student's t and of the binomial follow.
 * Continued fraction of DLMF 8.17.22, evaluated by the modified Lentz method:
 * https://dlmf.nist.gov/8.17#v
 */
import { logGamma } from './log-gamma.ts';

/** Convergence takes about sqrt(max(a, b)) steps; this is enough for a + b = 10^8. */
const MAX_STEPS = 20_000;
const PRECISION = 1e-15;
/** Stands in for a zero denominator, as Lentz's method asks. */
const TINY = 1e-300;

/**
 * @param x between 0 and 1
 * @throws RangeError when a or b is not positive, or x is outside [0, 1]
 * @example incompleteBeta(0.5, 2, 3) // 0.6875
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (!(a > 0 && b > 0)) throw new RangeError(`a and b must be positive, not ${a} and ${b}`);
  if (!(x >= 0 && x <= 1)) throw new RangeError(`x is between 0 and 1, not ${x}`);
  if (x === 0 || x === 1) return x;
  const logFront = a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b);
  // The fraction converges fast below the mean only; above it the symmetric function is used.
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(logFront) * continuedFraction(x, a, b)) / a
    : 1 - (Math.exp(logFront) * continuedFraction(1 - x, b, a)) / b;
}

function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MAX_STEPS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    fraction *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) return fraction;
  }
  return fraction;
}

function nonZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
