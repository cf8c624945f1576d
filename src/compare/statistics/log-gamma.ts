/**
 * Natural logarithm of the gamma function for positive arguments: Stirling's series with Bernoulli coefficients
 * (https://dlmf.nist.gov/5.11#E1), after shifting the argument to 10 and more, where eight terms reach full
 * double precision.
 */

/** B_2k / (2k (2k - 1)) for k = 1 to 8. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * @throws RangeError when `x` is not positive
 * @example logGamma(5) // ln 24
 */
export function logGamma(x: number): number {
  if (!(x > 0)) throw new RangeError(`logGamma takes a positive number, not ${x}`);
  let shifted = x;
  let product = 1;
  while (shifted < 10) {
    product *= shifted;
    shifted += 1;
  }
  let series = 0;
  let power = 1 / shifted;
  for (const coefficient of STIRLING) {
    series += coefficient * power;
    power /= shifted * shifted;
  }
  return (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + series - Math.log(product);
}
