/**
 * Cuts a history where its level changed for good, such as by a faster library: what came before would draw the
 * centre away from what is usual now. In the spirit of E-divisive means (Matteson and James 2014,
 * https://arxiv.org/abs/1306.4933), with medians, since histories are short and have stray runs.
 */
import { median } from 'simple-statistics';
import { robustScale } from './robust-scale.ts';

/** Runs on each side of a cut: fewer could be one afternoon of a busy machine. */
const SIDE = 5;

/** A smaller change of level moves a median over the history by less than what a row can show. */
const SMALLEST = Math.log(1.1);

/** Scaled deviations within the two sides. */
const DEVIATIONS = 4;

/**
 * The values behind the last cut, in order; all of them where there is none.
 *
 * @param values on the log scale, oldest first
 */
export function sinceLastShift(values: readonly number[]): readonly number[] {
  const at = bestCut(values);
  if (at === null) return values;
  const [before, after] = [values.slice(0, at), values.slice(at)];
  const change = Math.abs(median(after) - median(before));
  const within = robustScale([...deviations(before), ...deviations(after)]);
  return change >= Math.max(SMALLEST, DEVIATIONS * within) ? sinceLastShift(after) : values;
}

/** Where the sum of absolute deviations from the two medians is least; the earliest of several. */
function bestCut(values: readonly number[]): number | null {
  let best: number | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (let at = SIDE; at <= values.length - SIDE; at += 1) {
    const cost = spreadOf(values.slice(0, at)) + spreadOf(values.slice(at));
    if (cost < least) [best, least] = [at, cost];
  }
  return best;
}

function spreadOf(values: readonly number[]): number {
  let sum = 0;
  for (const deviation of deviations(values)) sum += Math.abs(deviation);
  return sum;
}

function deviations(values: readonly number[]): number[] {
  const centre = median([...values]);
  return values.map((value) => value - centre);
}
