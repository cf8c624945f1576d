/**
 * Relabelings of instances: which of those measured side by side in a round count as the candidate's. When nothing
 * differs between the arms, every labeling was as likely as the one observed, and that alone makes a permutation
 * test exact: no distribution is assumed.
 */
import type { Random } from '../../random.ts';

/** Instances of each arm in one round. */
export interface RoundSize {
  readonly baseline: number;
  readonly candidate: number;
}

/**
 * Columns are instances: round by round, in each the baseline's first and then the candidate's. A labeling is the
 * list of columns that count as the candidate's, also round by round; the first labeling is the observed one.
 */
export interface Labelings {
  readonly rounds: readonly RoundSize[];
  readonly count: number;
  /** Whether these are all labelings there are. */
  readonly complete: boolean;
  /** `count` labelings one after the other, each as long as the candidate has instances. */
  readonly columns: Uint16Array;
}

/** More labelings than this are drawn at random instead; p then has a resolution of 0.0002. */
export const DRAWN_LABELINGS = 5000;

/**
 * All labelings of the instances within each round when they are at most `limit`, else the observed one and `limit`
 * drawn at random with replacement.
 *
 * @param swap `instances`: any instances of a round may trade places; `arms`: only the arms as a whole, which is
 *   all that is valid when something is tied to an arm, such as a database of its own
 * @throws RangeError for `arms` where a round has arms of different sizes
 */
export function labelingsOf(
  rounds: readonly RoundSize[],
  random: Random,
  { limit = DRAWN_LABELINGS, swap = 'instances' }: { limit?: number; swap?: 'instances' | 'arms' } = {},
): Labelings {
  const total = rounds.reduce((product, round) => product * labelingsOfRound(round, swap), 1);
  const complete = total <= limit;
  const each = rounds.reduce((sum, round) => sum + round.candidate, 0);
  const count = complete ? total : limit + 1;
  const columns = new Uint16Array(count * each);
  if (complete) enumerate(rounds, swap, columns);
  else draw(rounds, { swap, random }, columns);
  return { rounds, count, complete, columns };
}

/** @throws RangeError for `arms` where the arms have different sizes */
export function labelingsOfRound(round: RoundSize, swap: 'instances' | 'arms'): number {
  if (swap === 'instances') return combinations(round.baseline + round.candidate, round.candidate);
  if (round.baseline !== round.candidate) throw new RangeError('arms of different sizes cannot trade places');
  return 2;
}

/** Labelings of so many rounds of which each has `ofRound`. */
export function labelingsInRounds(ofRound: number, rounds: number): number {
  return ofRound ** rounds;
}

/** n choose k, exactly as long as it fits into a double. */
export function combinations(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= Math.min(k, n - k); i += 1) result = (result * (n - i + 1)) / i;
  return Math.round(result);
}

function enumerate(rounds: readonly RoundSize[], swap: 'instances' | 'arms', columns: Uint16Array): void {
  const perRound = rounds.map((round) => subsets(round, swap));
  const digits = rounds.map(() => 0);
  let position = 0;
  while (position < columns.length) {
    let first = 0;
    for (const [index, round] of rounds.entries()) {
      for (const member of perRound[index]?.[digits[index] ?? 0] ?? []) {
        columns[position] = first + member;
        position += 1;
      }
      first += round.baseline + round.candidate;
    }
    increment(digits, perRound);
  }
}

function increment(digits: number[], perRound: readonly (readonly unknown[])[]): void {
  for (const [index, options] of perRound.entries()) {
    const next = (digits[index] ?? 0) + 1;
    digits[index] = next < options.length ? next : 0;
    if (next < options.length) return;
  }
}

/** Every way to choose the candidate's instances of one round, the observed one first. */
function subsets(
  { baseline, candidate }: RoundSize,
  swap: 'instances' | 'arms',
): readonly (readonly number[])[] {
  const size = baseline + candidate;
  const observed = Array.from({ length: candidate }, (_, index) => baseline + index);
  if (swap === 'arms') return [observed, observed.map((index) => index - baseline)];
  const found: number[][] = [];
  const extend = (chosen: readonly number[], from: number): void => {
    if (chosen.length === candidate) found.push([...chosen]);
    else
      for (let next = from; next >= candidate - chosen.length - 1; next -= 1)
        extend([...chosen, next], next - 1);
  };
  // From the highest index down, so that the observed labeling comes first.
  extend([], size - 1);
  return found.map((chosen) => chosen.reverse());
}

function draw(
  rounds: readonly RoundSize[],
  { swap, random }: { swap: 'instances' | 'arms'; random: Random },
  columns: Uint16Array,
): void {
  const pool = new Uint16Array(Math.max(0, ...rounds.map((round) => round.baseline + round.candidate)));
  let position = 0;
  let observed = true;
  while (position < columns.length) {
    let first = 0;
    for (const { baseline, candidate } of rounds) {
      const size = baseline + candidate;
      for (let index = 0; index < size; index += 1) pool[index] = first + index;
      const start = swap === 'arms' && !observed && random() < 0.5 ? 0 : baseline;
      for (let index = 0; index < candidate; index += 1) {
        // A partial shuffle of Fisher and Yates.
        const from = start + index;
        const other = swap === 'arms' || observed ? from : Math.floor(random() * (size - index));
        columns[position] = pool[other] as number;
        if (swap === 'instances' && !observed) pool[other] = pool[size - index - 1] as number;
        position += 1;
      }
      first += size;
    }
    observed = false;
  }
}
