/**
 * One text for every set of globs that some text matches, so that what holds for these texts holds for all.
 *
 * A glob is an automaton whose states are its letters; all of them run over the same text at once. Each combination
 * of states that can be reached is looked at once, by the shortest text that leads there.
 * Source: the subset construction, https://en.wikipedia.org/wiki/Powerset_construction
 */

export interface RepresentativeTexts {
  readonly texts: readonly string[];
  /** False where there were more combinations than are looked at. */
  readonly isComplete: boolean;
}

/** Globs of a prefix or two have some hundreds; only many of the form `*a*` multiply. */
const MOST_COMBINATIONS = 2000;

/** For each glob, the positions that may come next; its length stands for the end. */
type Combination = readonly (readonly number[])[];

export function representativeTexts(globs: readonly string[]): RepresentativeTexts {
  const patterns = [...new Set(globs)];
  const letters = lettersOf(patterns);
  const start = patterns.map((pattern) => skipStars(pattern, [0]));
  const queue: { text: string; combination: Combination }[] = [{ text: '', combination: start }];
  const seen = new Set([JSON.stringify(start)]);
  const texts = new Map<string, string>();
  // Grows while it is walked.
  for (const { text, combination } of queue) {
    const matched = combination.map((positions, index) => positions.includes(patterns[index]?.length ?? -1));
    const key = matched.map(Number).join('');
    if (!texts.has(key)) texts.set(key, text);
    for (const letter of letters) {
      const next = combination.map((positions, index) => step(patterns[index] ?? '', positions, letter));
      const nextKey = JSON.stringify(next);
      if (seen.has(nextKey)) continue;
      if (seen.size >= MOST_COMBINATIONS) return { texts: [...texts.values()], isComplete: false };
      seen.add(nextKey);
      queue.push({ text: text + letter, combination: next });
    }
  }
  return { texts: [...texts.values()], isComplete: true };
}

function step(pattern: string, positions: readonly number[], letter: string): readonly number[] {
  const next = new Set<number>();
  for (const position of positions) {
    if (pattern[position] === '*') next.add(position);
    else if (pattern[position] === letter) next.add(position + 1);
  }
  return skipStars(pattern, [...next]);
}

/** A star may stand for nothing. */
function skipStars(pattern: string, positions: readonly number[]): readonly number[] {
  const reached = new Set(positions);
  for (const position of reached) {
    if (pattern[position] === '*') reached.add(position + 1);
  }
  return [...reached].sort((left, right) => left - right);
}

/** All letters of the globs, and one that none of them has. By code unit, as globs are compared. */
function lettersOf(patterns: readonly string[]): readonly string[] {
  const letters = new Set(patterns.join('').replaceAll('*', '').split(''));
  const other = 'abcdefghijklmnopqrstuvwxyz_'.split('').find((letter) => !letters.has(letter));
  return [...letters, other ?? '\u0000'];
}
