/** Which of the stored runs a measurement is compared with, and which make up its history. Pure. */
import type { StoredRun } from './run-history.ts';

/** How far commits lie behind the one that is measured; what `runner/ancestry.ts` makes. */
export interface Ancestry {
  readonly sha: string;
  readonly distances: ReadonlyMap<string, number>;
  readonly isShallow: boolean;
}

/** What the choice needs to know of a run. */
export type RunFacts = Pick<StoredRun, 'fingerprint' | 'createdAt' | 'sha' | 'accepted'>;

/**
 * Best first: of this machine before others; ancestors before others, the nearest of them first; then the newest.
 *
 * @param ancestry null where git could not tell
 */
export function byPreference<Run extends RunFacts>(
  runs: readonly Run[],
  fingerprint: string,
  ancestry: Ancestry | null,
): readonly Run[] {
  const distance = (run: Run): number => distanceOf(run, ancestry) ?? Number.POSITIVE_INFINITY;
  return runs.toSorted((left, right) => {
    const alike = Number(right.fingerprint === fingerprint) - Number(left.fingerprint === fingerprint);
    if (alike !== 0) return alike;
    if (distance(left) !== distance(right)) return distance(left) - distance(right);
    return left.createdAt < right.createdAt ? 1 : left.createdAt > right.createdAt ? -1 : 0;
  });
}

/** Commits between the run's and the one that is measured; null where it is no ancestor, or git could not tell. */
export function distanceOf({ sha }: Pick<RunFacts, 'sha'>, ancestry: Ancestry | null): number | null {
  return sha === null ? null : (ancestry?.distances.get(sha) ?? null);
}

/**
 * The runs that say what is usual on this machine, newest first: ancestors, where git can tell and there are any, and
 * none from before a change that was accepted by force.
 *
 * @param most runs at most
 */
export function historyOf<Run extends RunFacts>(
  runs: readonly Run[],
  fingerprint: string,
  ancestry: Ancestry | null,
  most: number,
): readonly Run[] {
  const related = runs.filter((run) => distanceOf(run, ancestry) !== null);
  const counted = related.length > 0 ? related : runs;
  const accepted = counted.filter((run) => run.accepted).map((run) => run.createdAt);
  // An accepted change is a change of the code: it holds for every machine.
  const since = accepted.toSorted().at(-1) ?? '';
  return counted
    .filter((run) => run.fingerprint === fingerprint && run.createdAt >= since)
    .toSorted((left, right) => (left.createdAt < right.createdAt ? 1 : -1))
    .slice(0, most);
}

/** `2026-10-01`, with or without a time: not a name that git would have to look up. */
const DATE = /^\d{4}-\d\d-\d\d(T[\d:.]+Z?)?$/;

export function isDate(anchor: string): boolean {
  return DATE.test(anchor);
}

/**
 * The run that a fixed point in the past is known by: of a date the last one until its end, of a commit the nearest
 * ancestor of it. Only runs of this machine.
 *
 * @param ancestry of the anchor; null for a date, or where git does not know it
 */
export function anchorRun<Run extends RunFacts>(
  runs: readonly Run[],
  fingerprint: string,
  anchor: { readonly name: string; readonly ancestry: Ancestry | null },
): Run | null {
  const alike = runs.filter((run) => run.fingerprint === fingerprint);
  if (isDate(anchor.name)) {
    // A date alone means the whole day: `~` is behind every character of a time.
    const until = anchor.name.includes('T') ? anchor.name : `${anchor.name}~`;
    return newest(alike.filter((run) => run.createdAt <= until));
  }
  if (anchor.ancestry === null) return null;
  const related = alike.filter((run) => distanceOf(run, anchor.ancestry) !== null);
  return byPreference(related, fingerprint, anchor.ancestry)[0] ?? null;
}

function newest<Run extends RunFacts>(runs: readonly Run[]): Run | null {
  return runs.toSorted((left, right) => (left.createdAt < right.createdAt ? 1 : -1))[0] ?? null;
}
