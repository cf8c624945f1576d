/** What a pass of a row states: that a change of so much more than its limit would not have got by. */
import type { Limit, Quantity } from '../config.ts';
import { logLimit } from './judgement.ts';

/** A gate is held to changes of so many times the limit: to 6 % of a median where the limit is 4 %. */
export const ADEQUATE = 1.5;

/** One-sided, that a pass is read from: a row has several looks to pass at, and each may be wrong once in fifty. */
export const PASS_LEVEL = 0.98;

/** The half of a two-sided interval of 90 % as that of the bound at `PASS_LEVEL`: z(0.98) / z(0.95). */
export const PASS_HALF = 2.0537 / 1.6449;

/** So many times the limit, as a distance on the log scale. */
export function timesLimit(
  { quantity, limit }: { readonly quantity: Quantity; readonly limit: Limit },
  times: number,
): number {
  // A throughput cannot fall by more than all of it.
  const share = quantity === 'throughput' ? Math.min(times * limit.fail, 0.99) : times * limit.fail;
  return logLimit(quantity, share);
}
