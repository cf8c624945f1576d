import { expect, test } from 'vitest';
import { prunable } from '../../src/baseline/prune.ts';
import type { StoredRun } from '../../src/baseline/run-history.ts';

/** One a day from the first of January on, oldest first. */
function runs(fingerprint: string, days: readonly number[]): readonly StoredRun[] {
  return days.map((day) => {
    const createdAt = `2026-01-${String(day).padStart(2, '0')}T00:00:00.000Z`;
    return { path: `${fingerprint}/${day}`, fingerprint, createdAt, sha: null, accepted: false };
  });
}

const all = [...runs('a', [1, 2, 3, 4]), ...runs('b', [1])];

function removed(
  keep: number,
  before: string | null = null,
  fixed: readonly string[] = [],
): readonly string[] {
  const date = before === null ? null : new Date(before);
  return prunable(all, { keep, before: date, fixed: new Set(fixed) }).map(({ path }) => path);
}

test('the newest of each machine stay', () => {
  expect(removed(2)).toEqual(['a/1', 'a/2']);
  expect(removed(10)).toEqual([]);
});

test('one of each machine stays, however few are asked for and however old it is', () => {
  expect(removed(0)).toEqual(['a/1', 'a/2', 'a/3']);
  expect(removed(10, '2026-12-31T00:00:00Z')).toEqual(['a/1', 'a/2', 'a/3']);
});

test('what is older goes, though there are not too many', () => {
  expect(removed(10, '2026-01-03T00:00:00Z')).toEqual(['a/1', 'a/2']);
});

test('the run of the anchor stays', () => {
  expect(removed(1, null, ['a/2'])).toEqual(['a/1', 'a/3']);
});
