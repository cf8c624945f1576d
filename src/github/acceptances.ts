/**
 * Who accepts what failed in a pull request: by a label, or by a line in an approving review. GitHub says who that was
 * and what they may do; nothing of it comes from the pull request's code. It counts for the commit that was the head
 * then, as an approval does where stale ones are dismissed: what is pushed later was seen by nobody.
 */
import type { FailedRequest, GitHub } from './rest-client.ts';

export interface AcceptanceQuery {
  readonly pullRequest: number;
  /** Of the commit that is measured. */
  readonly headSha: string;
  /** As in `PullRequest`. */
  readonly headSince: string | null;
  readonly labelAdded: string | null;
  /** Name of the label that accepts everything. */
  readonly label: string;
}

export interface Acceptance {
  readonly login: string;
  readonly through: 'label' | 'review';
  /** Line of the review; null for a label. Written by whoever wrote the review. */
  readonly line: string | null;
  /**
   * - `writer`: may write to the repository, and meant this commit
   * - `not-a-writer`: it is a request
   * - `stale`: it was meant for another commit
   */
  readonly standing: 'writer' | 'not-a-writer' | 'stale';
}

/** What begins a line of a review that is for us, the trailer of a commit included. */
const COMMAND = /^spangate[ -]accept\b/i;

/** Nobody writes more. */
const MOST_LINES = 50;
const MOST_CHARACTERS = 2000;

/** @throws what octokit throws; see `readingProblem` */
export async function readAcceptances(
  github: GitHub,
  query: AcceptanceQuery,
): Promise<readonly Acceptance[]> {
  const { rest, place } = github;
  const { data: pull } = await rest.pulls.get({ ...place, pull_number: query.pullRequest });
  const isHead = pull.head.sha === query.headSha;
  const hasLabel = pull.labels.some(({ name }) => isSameLabel(name, query.label));
  const claims = [
    ...(hasLabel ? await labelClaims(github, query, isHead) : []),
    ...(await reviewClaims(github, query)),
  ];
  const found: Acceptance[] = [];
  const writers = new Map<string, boolean>();
  for (const { user, isFresh, ...claim } of claims) {
    if (!isFresh) {
      found.push({ ...claim, login: user.login, standing: 'stale' });
      continue;
    }
    // A workflow can make a bot do it, for whoever may change the workflow.
    const known = writers.get(user.login) ?? (user.type !== 'Bot' && (await mayWrite(github, user.login)));
    writers.set(user.login, known);
    found.push({ ...claim, login: user.login, standing: known ? 'writer' : 'not-a-writer' });
  }
  return found;
}

interface Claim extends Pick<Acceptance, 'through' | 'line'> {
  readonly user: { readonly login: string; readonly type?: string };
  readonly isFresh: boolean;
}

/** The label has no commit: it is of this head where it was added after this head was pushed, and nothing since. */
async function labelClaims(
  github: GitHub,
  query: AcceptanceQuery,
  isHead: boolean,
): Promise<readonly Claim[]> {
  const { rest, paginate, place } = github;
  const { label, headSince, labelAdded } = query;
  const events = await paginate(rest.issues.listEvents, {
    ...place,
    issue_number: query.pullRequest,
    per_page: 100,
  });
  let last: LabelEvent | null = null;
  for (const event of events as readonly LabelEvent[]) {
    if (!isSameLabel(event.label?.name ?? '', label)) continue;
    if (event.event === 'labeled') last = event;
    else if (event.event === 'unlabeled') last = null;
  }
  if (last === null) return [];
  const startedThis = labelAdded !== null && isSameLabel(labelAdded, label);
  const isLater = headSince !== null && Date.parse(last.created_at) > Date.parse(headSince);
  // An account that is deleted since has no name, and no rights.
  const user = last.actor ?? { login: 'ghost', type: 'Bot' };
  return [{ user, through: 'label', line: null, isFresh: isHead && (startedThis || isLater) }];
}

/** Of an issue event, as far as it is read here. */
interface LabelEvent {
  readonly event: string;
  readonly created_at: string;
  readonly actor: { readonly login: string; readonly type?: string } | null;
  readonly label?: { readonly name?: string };
}

/** A review has the commit that was reviewed. One that was dismissed is no approval any more. */
async function reviewClaims(github: GitHub, query: AcceptanceQuery): Promise<readonly Claim[]> {
  const { rest, paginate, place } = github;
  const reviews = await paginate(rest.pulls.listReviews, {
    ...place,
    pull_number: query.pullRequest,
    per_page: 100,
  });
  const claims = reviews
    .filter(({ state, user }) => state === 'APPROVED' && user !== null)
    .flatMap(({ body, user, commit_id }) =>
      linesOf(body).map((line): Claim => {
        const isFresh = commit_id === query.headSha;
        return { user: user ?? { login: 'ghost', type: 'Bot' }, through: 'review', line, isFresh };
      }),
    );
  return claims.slice(-MOST_LINES);
}

function linesOf(body: string): readonly string[] {
  return body
    .split(/\r?\n/)
    .map((line) => line.trim().slice(0, MOST_CHARACTERS))
    .filter((line) => COMMAND.test(line));
}

/** GitHub takes `Accept` and `accept` for the same label. */
function isSameLabel(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/** `maintain` is told as `write`, and a role of an organisation's own as what it is based on. */
async function mayWrite({ rest, place }: GitHub, username: string): Promise<boolean> {
  try {
    const { data } = await rest.repos.getCollaboratorPermissionLevel({ ...place, username });
    return ['admin', 'maintain', 'write'].includes(data.permission);
  } catch (error) {
    if ((error as FailedRequest).status === 404) return false;
    throw error;
  }
}
