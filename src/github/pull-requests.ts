/** Which pull requests a commit is the head of. */
import type { FailedRequest, GitHub } from './rest-client.ts';

/** The same commit may be offered to several branches. */
const MOST_PULL_REQUESTS = 5;

/** Pages of open pull requests that are looked through, a hundred each. */
const MOST_PAGES = 10;

/**
 * Open ones whose newest commit it is, so that an old result never overwrites a newer one. GitHub's own list for a
 * commit is often empty for forks.
 */
export async function pullRequestsOf(github: GitHub, headSha: string): Promise<readonly number[]> {
  const { rest, place } = github;
  const known = (await listedByCommit(github, headSha)).filter(
    ({ state, head }) => state === 'open' && head.sha === headSha,
  );
  if (known.length > 0) return known.map(({ number }) => number).slice(0, MOST_PULL_REQUESTS);
  const found: number[] = [];
  for (let page = 1; page <= MOST_PAGES && found.length === 0; page += 1) {
    const open = await rest.pulls.list({
      ...place,
      state: 'open',
      sort: 'updated',
      direction: 'desc',
      per_page: 100,
      page,
    });
    found.push(...open.data.filter(({ head }) => head.sha === headSha).map(({ number }) => number));
    if (open.data.length < 100) break;
  }
  return found.slice(0, MOST_PULL_REQUESTS);
}

/** GitHub does not know the commit of some forks (422), and other servers lack the list (404). */
async function listedByCommit({ rest, place }: GitHub, commit_sha: string) {
  try {
    return (await rest.repos.listPullRequestsAssociatedWithCommit({ ...place, commit_sha })).data;
  } catch (error) {
    const { status } = error as FailedRequest;
    if (status === 404 || status === 422) return [];
    throw error;
  }
}

/** Null where it cannot be asked. */
export async function headShaOf({ rest, place }: GitHub, number: number): Promise<string | null> {
  try {
    return (await rest.pulls.get({ ...place, pull_number: number })).data.head.sha;
  } catch {
    return null;
  }
}
