/** "Did you mean": the known word that a mistyped one is nearest to. */

/**
 * Words that differ only in case and separators (`startTimeout`, `start_timeout`) are equal; otherwise at most one
 * letter in three may be wrong, so that nothing far-fetched is suggested.
 *
 * @returns null where no word is near
 */
export function nearestWord(word: string, known: Iterable<string>): string | null {
  const plain = withoutSeparators(word);
  let nearest: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const other = withoutSeparators(candidate);
    const distance = editDistance(plain, other);
    const allowed = Math.max(1, Math.floor(Math.min(plain.length, other.length) / 3));
    if (distance <= allowed && distance < least && other.length > distance) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

/**
 * Letters that must be inserted, deleted, replaced or swapped with their neighbour (optimal string alignment, a
 * restricted Damerau-Levenshtein distance: https://en.wikipedia.org/wiki/Damerau–Levenshtein_distance).
 */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      row[j] = Math.min(
        at(last, j) + 1,
        at(row, j - 1) + 1,
        at(last, j - 1) + (same ? 0 : 1),
        swapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = row;
  }
  return at(last, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}

function withoutSeparators(word: string): string {
  return word.toLowerCase().replace(/[-_\s]/g, '');
}
