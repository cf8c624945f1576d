/**
 * Cuts a history where its level changed for good, such as by a faster library: what came before would draw the
 * centre away from what is usual now. In the spirit of E-divisive means (Matteson and James 2014,
 * https://arxiv.org/abs/1306.4933), with medians, since histories are short and have stray runs.
 */
import { mean, median } from 'simple-statistics';
import { NORMAL } from './robust-scale.ts';

/** Runs on each side of a cut: fewer could be one afternoon of a busy machine. */
const SIDE = 5;

/** A smaller change of level moves a median over the history by less than what a row can show. */
const SMALLEST = Math.log(1.1);

/** Deviations of single values. */
const DEVIATIONS = 4;

/**
 * The values behind the last cut, in order; all of them where there is none.
 *
 * @param values on the log scale, oldest first
 */
export function sinceLastShift(values: readonly number[]): readonly number[] {
  const at = cuts(values).find((each) => isShift(values, each));
  return at === undefined ? values : sinceLastShift(values.slice(at));
}

/** Those that divide the values best come first: where the squares about the two means are least. */
function cuts(values: readonly number[]): readonly number[] {
  const costs = new Map<number, number>();
  for (let at = SIDE; at <= values.length - SIDE; at += 1) {
    costs.set(at, squares(values.slice(0, at)) + squares(values.slice(at)));
  }
  return [...costs].sort(([, left], [, right]) => left - right).map(([at]) => at);
}

function squares(values: readonly number[]): number {
  const centre = mean([...values]);
  let sum = 0;
  for (const value of values) sum += (value - centre) ** 2;
  return sum;
}

function isShift(values: readonly number[], at: number): boolean {
  const [before, after] = [values.slice(0, at), values.slice(at)];
  const [old, recent] = [median(before), median(after)];
  const isLarge = Math.abs(recent - old) >= Math.max(SMALLEST, DEVIATIONS * stepScale(values));
  // A few stray runs at an end have a side to themselves, and not enough of it.
  return isLarge && nearer(before, old, recent) >= SIDE && nearer(after, recent, old) >= SIDE;
}

/** Spread of single values, from steps between neighbours: changes of level are few of them. */
function stepScale(values: readonly number[]): number {
  const steps = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? value)));
  return (NORMAL * median(steps)) / Math.SQRT2;
}

function nearer(values: readonly number[], level: number, other: number): number {
  return values.filter((value) => Math.abs(value - level) < Math.abs(value - other)).length;
}
