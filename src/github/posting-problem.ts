/** Why something could not be posted, and what to do about it. It never changes a verdict. */
import type { FailedRequest } from './rest-client.ts';

export interface PostingProblem {
  /** What was to be posted, such as `The comment`. */
  readonly what: string;
  readonly error: unknown;
  readonly isFork: boolean;
  /** Permission that it takes, where the server does not say: as in its header. */
  readonly needs?: string;
}

/** One or two sentences, on one line. */
export function postingProblem({ what, error, isFork, needs }: PostingProblem): string {
  const { status, message = String(error), response } = error as FailedRequest;
  const needed = response?.headers?.['x-accepted-github-permissions'] ?? needs;
  const answer = status === undefined ? message : `GitHub answered ${status}: ${firstLine(message)}`;
  return `${what} was not posted (${answer}). ${remedy(status, { needed, isFork, message })}`;
}

/** Why something could not be read from GitHub, and what follows. One or two sentences, on one line. */
export function readingProblem(what: string, error: unknown): string {
  const { status, message = String(error), response } = error as FailedRequest;
  const answer = status === undefined ? message : `GitHub answered ${status}: ${firstLine(message)}`;
  const needed = response?.headers?.['x-accepted-github-permissions'] ?? 'pull_requests=read';
  const isRight = status === 403 && !/rate limit/i.test(message);
  const hint = isRight ? ` Give the job this permission: ${permissions(needed)}.` : '';
  return `${what} could not be read (${answer}), so nothing is accepted by them.${hint}`;
}

function remedy(
  status: number | undefined,
  facts: { readonly needed: unknown; readonly isFork: boolean; readonly message: string },
): string {
  const { needed, isFork } = facts;
  if (isFork && (status === 403 || status === 404)) {
    return 'The token of a pull request from a fork may only read: post from a workflow_run with mode: report. The report is in the job summary.';
  }
  if (status === 403 && /rate limit/i.test(facts.message)) {
    return 'The limit of requests is used up for now. The report is in the job summary.';
  }
  if (status === 403) {
    return `Give the job this permission: ${permissions(needed)}. The report is in the job summary.`;
  }
  if (status === 401) return 'The github-token is not valid. The report is in the job summary.';
  return 'The report is in the job summary.';
}

/** `issues=write; pull_requests=write` as a workflow writes it: each alternative is enough. */
function permissions(header: unknown): string {
  const alternatives = String(header ?? 'pull_requests=write')
    .split(';')
    .map((each) =>
      each
        .trim()
        .split(',')
        .map((scope) => scope.trim().replaceAll('_', '-').replace('=', ': '))
        .join(' and '),
    )
    .filter((text) => /^[a-z: -]+$/.test(text));
  // Where either is enough, the one that says what it is for.
  return (
    alternatives.find((text) => text.startsWith('pull-requests')) ?? alternatives[0] ?? 'pull-requests: write'
  );
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0]?.slice(0, 200) ?? '';
}
