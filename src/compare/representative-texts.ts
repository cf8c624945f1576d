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

/** Twenty globs of prefixes and words have some thousands; only many of the form `*a*` multiply. */
const MOST_COMBINATIONS = 10_000;

/** For each glob, the positions that may come next; its length stands for the end. */
type Combination = readonly (readonly number[])[];

export function representativeTexts(globs: readonly string[]): RepresentativeTexts {
  const patterns = [...new Set(globs)];
  const other = letterOfNone(patterns);
  const start = patterns.map((pattern) => settled(pattern, [0]));
  const queue: { text: string; combination: Combination }[] = [{ text: '', combination: start }];
  const seen = new Set([start.join(';')]);
  const texts = new Map<string, string>();
  // Grows while it is walked.
  for (const { text, combination } of queue) {
    const matched = combination.map((positions, index) => positions.includes(patterns[index]?.length ?? -1));
    const key = matched.map(Number).join('');
    if (!texts.has(key)) texts.set(key, text);
    for (const letter of [...expectedLetters(patterns, combination), other]) {
      const next = combination.map((positions, index) => step(patterns[index] ?? '', positions, letter));
      const nextKey = next.join(';');
      if (seen.has(nextKey)) continue;
      if (seen.size >= MOST_COMBINATIONS) return { texts: [...texts.values()], isComplete: false };
      seen.add(nextKey);
      queue.push({ text: text + letter, combination: next });
    }
  }
  return { texts: [...texts.values()], isComplete: true };
}

/** All other letters lead where one leads that no glob has. */
function expectedLetters(patterns: readonly string[], combination: Combination): ReadonlySet<string> {
  const letters = new Set<string>();
  for (const [index, positions] of combination.entries()) {
    for (const position of positions) letters.add(patterns[index]?.[position] ?? '*');
  }
  letters.delete('*');
  return letters;
}

function step(pattern: string, positions: readonly number[], letter: string): readonly number[] {
  const next: number[] = [];
  for (const position of positions) {
    if (pattern[position] === '*') next.push(position);
    else if (pattern[position] === letter) next.push(position + 1);
  }
  return next.length === 0 ? next : settled(pattern, next);
}

/** With what a star leads to that stands for nothing. What has reached a star at the end matches whatever follows. */
function settled(pattern: string, positions: readonly number[]): readonly number[] {
  const reached = new Set(positions);
  for (const position of reached) {
    if (pattern[position] === '*') reached.add(position + 1);
  }
  const last = pattern.length - 1;
  if (pattern[last] === '*' && reached.has(last)) return [last, last + 1];
  return [...reached].sort((left, right) => left - right);
}

/** By code unit, as globs are compared. */
function letterOfNone(patterns: readonly string[]): string {
  const letters = new Set(patterns.join(''));
  return [...'xabcdefghijklmnopqrstuvwyz_'].find((letter) => !letters.has(letter)) ?? '\u0000';
}
