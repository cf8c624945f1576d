/** The one pull request of a branch that is ours: opened, or brought up to date. */
import type { GitHub } from './rest-client.ts';

export interface OwnPullRequest {
  /** Names without `refs/heads/`. */
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/** @returns its address. @throws what octokit throws; see `postingProblem` */
export async function openOrUpdate({ rest, place }: GitHub, wanted: OwnPullRequest): Promise<string> {
  const { branch, base, title, body } = wanted;
  const head = `${place.owner}:${branch}`;
  const { data: open } = await rest.pulls.list({ ...place, state: 'open', head, base });
  // A server that does not filter gives all of them.
  const own = open.find(({ head: { ref } }) => ref === branch);
  if (own === undefined) {
    const { data } = await rest.pulls.create({ ...place, head: branch, base, title, body });
    return data.html_url;
  }
  const { data } = await rest.pulls.update({ ...place, pull_number: own.number, title, body });
  return data.html_url;
}
