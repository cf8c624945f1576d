/** When requests of the open model are due: a stream of starts that does not wait for any answer. */
import type { Random } from '../../random.ts';

export type ArrivalProcess = 'uniform' | 'poisson';

/**
 * Seconds from one start to the next, without end: all equal, or of a Poisson process, whose gaps are exponential.
 * The first is the wait for the first start, which is anywhere in a gap for uniform arrivals, so that two streams are
 * not in phase.
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
  if (process === 'uniform') yield random() / rate;
  for (;;) yield process === 'uniform' ? 1 / rate : exponential(random) / rate;
}

/** Mean 1, by inversion: 1 - u is never 0, as u is below 1. */
function exponential(random: Random): number {
  return -Math.log(1 - random());
}
