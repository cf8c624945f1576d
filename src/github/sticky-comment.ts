/** The one comment of a pull request that is written anew by every run. */
import type { GitHub } from './rest-client.ts';

/** GitHub refuses more, for a new comment and for an edited one. */
export const MOST_CHARACTERS = 65_536;

export interface StickyComment {
  readonly pullRequest: number;
  /** First line of the comment; nobody sees it. */
  readonly marker: string;
  readonly body: string;
  /** Only an existing comment is written: there is nothing that anybody has to be told. */
  readonly onlyUpdate: boolean;
}

export type CommentOutcome = { readonly state: 'created' | 'updated'; readonly url: string } | null;

export function markerOf(key: string): string {
  return `<!-- spangate ${key} -->`;
}

/** @throws what octokit throws; see `postingProblem` */
export async function writeSticky(github: GitHub, comment: StickyComment): Promise<CommentOutcome> {
  const { rest, place } = github;
  const { body } = comment;
  const existing = await findSticky(github, comment);
  if (existing === null) {
    if (comment.onlyUpdate) return null;
    const { data } = await rest.issues.createComment({ ...place, issue_number: comment.pullRequest, body });
    return { state: 'created', url: data.html_url };
  }
  try {
    const { data } = await rest.issues.updateComment({ ...place, comment_id: existing, body });
    return { state: 'updated', url: data.html_url };
  } catch (error) {
    // Somebody has deleted it in the meantime.
    if ((error as { status?: number }).status !== 404) throw error;
    const { data } = await rest.issues.createComment({ ...place, issue_number: comment.pullRequest, body });
    return { state: 'created', url: data.html_url };
  }
}

/** Anybody can write the marker into a comment of theirs: the author has to be us. */
async function findSticky(github: GitHub, { pullRequest, marker }: StickyComment): Promise<number | null> {
  const { rest, paginate, place } = github;
  const comments = await paginate(rest.issues.listComments, {
    ...place,
    issue_number: pullRequest,
    per_page: 100,
  });
  const marked = comments.filter(({ body }) => body?.startsWith(marker));
  if (marked.length === 0) return null;
  const own = await ownLogin(github);
  const mine = marked.find(({ user }) => (own === null ? user?.type === 'Bot' : user?.login === own));
  return mine?.id ?? null;
}

/**
 * The token of a user knows its name. That of an app may not ask: then it is one of the bots, which nobody without
 * rights to the repository can be.
 */
async function ownLogin({ rest }: GitHub): Promise<string | null> {
  try {
    const { data } = await rest.users.getAuthenticated();
    return data.login;
  } catch {
    return null;
  }
}
