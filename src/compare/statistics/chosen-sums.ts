/**
 * Which instances of a round count as the candidate's, as a number: thousands of labelings choose among a few dozen
 * subsets a round, so the sum of each subset is taken once a row instead of once a labeling.
 */
import type { Labelings } from './labelings.ts';

export interface ChosenSubsets {
  /** For each round its distinct subsets, as lists of columns. */
  readonly subsets: readonly (readonly (readonly number[])[])[];
  /** Where the subsets of each round begin in a table of all of them. */
  readonly offsets: Int32Array;
  /** Number of subsets in all. */
  readonly size: number;
  /** By round and labeling (`round * count + labeling`): which entry of the table it chose. */
  readonly choices: Int32Array;
}

export function chosenSubsets({ rounds, count, columns }: Labelings): ChosenSubsets {
  const each = rounds.reduce((sum, round) => sum + round.candidate, 0);
  const choices = new Int32Array(rounds.length * count);
  const offsets = new Int32Array(rounds.length);
  const subsets: (readonly number[])[][] = [];
  let size = 0;
  let from = 0;
  for (const [index, round] of rounds.entries()) {
    offsets[index] = size;
    const known = new Map<string | number, number>();
    const found: (readonly number[])[] = [];
    for (let labeling = 0; labeling < count; labeling += 1) {
      const begin = labeling * each + from;
      const key = keyOf(columns, begin, round.candidate);
      let entry = known.get(key);
      if (entry === undefined) {
        entry = found.length;
        known.set(key, entry);
        found.push([...columns.subarray(begin, begin + round.candidate)]);
      }
      choices[index * count + labeling] = size + entry;
    }
    subsets.push(found);
    size += found.length;
    from += round.candidate;
  }
  return { subsets, offsets, size, choices };
}

/** Sum of `values` over the columns of each subset. */
export function sumsOf(values: Float64Array, { subsets, size }: ChosenSubsets): Float64Array {
  const sums = new Float64Array(size);
  let position = 0;
  for (const ofRound of subsets) {
    for (const subset of ofRound) {
      let sum = 0;
      for (const column of subset) sum += values[column] as number;
      sums[position] = sum;
      position += 1;
    }
  }
  return sums;
}

/** The same for the same set of columns, in whatever order they are listed. */
function keyOf(columns: Uint16Array, begin: number, length: number): number | string {
  let lowest = columns[begin] as number;
  let highest = lowest;
  for (let index = begin + 1; index < begin + length; index += 1) {
    const column = columns[index] as number;
    if (column < lowest) lowest = column;
    if (column > highest) highest = column;
  }
  // Twenty columns and a base fit into the whole numbers of a double.
  if (highest - lowest > 20) return [...columns.subarray(begin, begin + length)].sort().join(' ');
  let mask = 0;
  for (let index = begin; index < begin + length; index += 1)
    mask |= 1 << ((columns[index] as number) - lowest);
  return lowest * 2 ** 21 + mask;
}
