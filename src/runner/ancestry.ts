/** How far commits lie behind one of them, as git tells it. */
import { askGit, type Git } from './checkout/git.ts';

export interface Ancestry {
  readonly sha: string;
  /** Of each ancestor, and of the commit itself: the fewest steps from parent to parent. */
  readonly distances: ReadonlyMap<string, number>;
  /** The clone has not all of them: what is missing cannot be told from what is no ancestor. */
  readonly isShallow: boolean;
}

/** Older commits are not looked at: nobody keeps a baseline for so long, and the list is read whole. */
const MOST_COMMITS = 20_000;

/**
 * All parents count, since a merge of the main branch into a feature brings its commits along.
 *
 * @returns null where there is no git, no repository, or no commit of that name
 */
export async function ancestryOf(git: Git, name: string): Promise<Ancestry | null> {
  const [commits, shallow] = await Promise.all([
    output(git, ['rev-list', '--parents', `--max-count=${MOST_COMMITS}`, '--end-of-options', name, '--']),
    output(git, ['rev-parse', '--is-shallow-repository']),
  ]);
  const parents = new Map(
    (commits ?? '').split('\n').flatMap((line): [string, string[]][] => {
      const [sha = '', ...others] = line.split(' ');
      return sha === '' ? [] : [[sha, others]];
    }),
  );
  const [sha] = parents.keys();
  if (sha === undefined) return null;
  return { sha, distances: distancesFrom(sha, parents), isShallow: shallow?.trim() === 'true' };
}

/** Breadth first. */
function distancesFrom(sha: string, parents: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const distances = new Map([[sha, 0]]);
  // A Map is walked in the order of its entries, those that are added on the way too.
  for (const [commit, distance] of distances) {
    for (const parent of parents.get(commit) ?? []) {
      if (!distances.has(parent)) distances.set(parent, distance + 1);
    }
  }
  return distances;
}

async function output(git: Git, args: readonly string[]): Promise<string | null> {
  try {
    const answer = await askGit(git, args);
    return answer.code === 0 ? answer.output : null;
  } catch {
    // No git, or no such folder; a signal stops the run elsewhere.
    return null;
  }
}
