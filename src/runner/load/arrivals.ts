/** When requests of the open model are due: a stream of starts that does not wait for any answer. */
import type { Random } from '../../random.ts';

export type ArrivalProcess = 'uniform' | 'poisson';

/**
 * Seconds from one start to the next, without end: all equal, or of a Poisson process, whose gaps are exponential.
 *
 * @param rate starts a second
 * @throws RangeError where the rate is not above 0
 */
export function* arrivalGaps(
  process: ArrivalProcess,
  rate: number,
  random: Random,
): Generator<number, never> {
  if (!(rate > 0 && rate < Number.POSITIVE_INFINITY)) throw new RangeError(`no rate of arrivals: ${rate}`);
  for (;;) yield process === 'uniform' ? 1 / rate : exponential(random) / rate;
}

/**
 * So many gaps, which take `count / rate` seconds together: else the rates of two short rounds would differ by
 * chance, by 3.5 % for 800 starts. A Poisson process of which the number of starts in a time is given has uniformly
 * distributed starts, and exponential gaps divided by their sum are the spacings of these (Devroye, Non-Uniform
 * Random Variate Generation, 1986, chapter V.2, https://luc.devroye.org/rnbookindex.html).
 *
 * @throws RangeError as `arrivalGaps` does
 */
export function exactGaps(
  process: ArrivalProcess,
  { rate, count }: { readonly rate: number; readonly count: number },
  random: Random,
): Float64Array {
  const endless = arrivalGaps(process, rate, random);
  const gaps = Float64Array.from({ length: count }, () => endless.next().value);
  const sum = gaps.reduce((total, gap) => total + gap, 0);
  return gaps.map((gap) => (gap * count) / (rate * sum));
}

/** Mean 1, by inversion; 1 - u is never 0, as u is below 1. */
function exponential(random: Random): number {
  return -Math.log(1 - random());
}
