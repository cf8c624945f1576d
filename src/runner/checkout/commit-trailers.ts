/** Trailers of commits, as git tells them (git interpret-trailers): lines at the end of a message such as `Name: text`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Git, tellGit } from './git.ts';
import { openRepository } from './repository.ts';

export interface CommitTrailers {
  readonly sha: string;
  /** Names as they are written; of those that begin with the prefix. */
  readonly trailers: readonly { readonly name: string; readonly value: string }[];
  /** Lines that look like one, but are not in the last paragraph of the message, so that git takes them for text. */
  readonly misplaced: readonly string[];
}

export interface TrailersOfCommits {
  /** Newest first; those without any are left out. */
  readonly commits: readonly CommitTrailers[];
  /** False where commits between the two are not there: a shallow clone, or more of them than are looked at. */
  readonly isComplete: boolean;
}

/** No pull request has more. */
const MOST_COMMITS = 5000;

/**
 * @param range commits of `head` that `base` does not have; both are hashes
 * @param prefix of the names, in any case, such as `Spangate-`
 * @throws UserError `git-failed`, `git-missing`, `not-a-repository`; the reason of the signal when aborted
 */
export async function readTrailers(
  git: Git,
  range: { readonly base: string; readonly head: string },
  prefix: string,
): Promise<TrailersOfCommits> {
  const output = await tellGit(git, [
    ...['-c', 'log.showSignature=false', 'log', '-z', `--max-count=${MOST_COMMITS}`, '--encoding=UTF-8'],
    // No message holds a NUL; other control characters it may hold, which then spoil its own trailers alone.
    '--format=%H%x00%(trailers:only=true,unfold=true,separator=%x01)%x00%B',
    ...['--end-of-options', `${range.base}..${range.head}`, '--'],
  ]);
  const fields = output.split('\0');
  const shas: string[] = [];
  const commits: CommitTrailers[] = [];
  for (let index = 0; index + 2 < fields.length; index += 3) {
    const [sha = '', trailers = '', message = ''] = fields.slice(index, index + 3);
    shas.push(sha);
    const found = trailersOf(sha, { trailers, message, prefix: prefix.toLowerCase() });
    if (found.trailers.length > 0 || found.misplaced.length > 0) commits.push(found);
  }
  const isComplete = shas.length < MOST_COMMITS && !(await reachesEnd(git, shas));
  return { commits, isComplete };
}

function trailersOf(
  sha: string,
  { trailers, message, prefix }: { trailers: string; message: string; prefix: string },
): CommitTrailers {
  const pairs = trailers.split('\u0001').flatMap((line) => {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).trim();
    return name.toLowerCase().startsWith(prefix) ? [{ name, value: line.slice(colon + 1).trim() }] : [];
  });
  const names = pairs.map(({ name, value }) => ({ name, start: `${name}: ${value}` }));
  const lines = message.split('\n').filter((line) => line.toLowerCase().startsWith(prefix));
  const misplaced = lines.filter((line) => {
    const colon = line.indexOf(':');
    if (colon < 0 || /\s/.test(line.slice(0, colon).trim())) return false;
    const written = `${line.slice(0, colon).trim()}: ${line.slice(colon + 1).trim()}`;
    // A trailer may go on in further lines.
    return !names.some(({ start }) => start === written || start.startsWith(`${written} `));
  });
  return { sha, trailers: pairs, misplaced };
}

/** Whether one of the commits is where a shallow clone ends. */
async function reachesEnd(git: Git, shas: readonly string[]): Promise<boolean> {
  const { commonDirectory, isShallow } = await openRepository(git);
  const file = join(commonDirectory, 'shallow');
  if (!isShallow || !existsSync(file)) return false;
  const ends = new Set(readFileSync(file, 'utf8').split('\n'));
  return shas.some((sha) => ends.has(sha));
}
