/** Which pull requests are told what came out. */
import { postingProblem } from '../github/posting-problem.ts';
import { pullRequestsOf } from '../github/pull-requests.ts';
import type { ActionContext } from './context.ts';

export interface Addressees {
  readonly pullRequests: readonly number[];
  /** Why it is not known who gets it. */
  readonly problem: string | null;
}

export const NOBODY: Addressees = { pullRequests: [], problem: null };

/** The number of the pull request is not in the artifact of another run: whoever wrote that could name any. */
export async function addresseesOf({ trigger, github }: ActionContext): Promise<Addressees> {
  if (trigger.kind === 'pull-request') return { pullRequests: [trigger.number], problem: null };
  if (trigger.kind !== 'workflow-run' || trigger.event !== 'pull_request' || github === null) return NOBODY;
  try {
    return { pullRequests: await pullRequestsOf(github, trigger.headSha), problem: null };
  } catch (error) {
    return { pullRequests: [], problem: postingProblem({ what: 'The comment', error, isFork: false }) };
  }
}
