/** The commit that a workflow is compared with: by git, and where the clone has no history, by GitHub's compare. */
import { UserError } from '../errors.ts';
import type { FailedRequest, GitHub } from '../github/rest-client.ts';
import type { Trigger } from '../github/trigger.ts';
import { type FindBaseOptions, type FoundBase, findBase } from '../runner/checkout/find-base.ts';
import { basePlan } from './base-plan.ts';

export interface EventBaseOptions extends Omit<FindBaseOptions, 'plan'> {
  readonly trigger: Trigger;
  /** Null without a token: then there is git alone. */
  readonly github: GitHub | null;
}

/**
 * Of a pull request whose history is not here and cannot be fetched, GitHub says where it began, and that commit is
 * fetched by its hash alone.
 *
 * @throws UserError `base-not-found`, with what GitHub answered, and as `basePlan`
 */
export async function eventBase({ trigger, github, ...options }: EventBaseOptions): Promise<FoundBase> {
  try {
    return await findBase({ ...options, plan: basePlan(trigger) });
  } catch (error) {
    const isUnknown = error instanceof UserError && error.code === 'base-not-found';
    if (!isUnknown || github === null || trigger.kind !== 'pull-request') throw error;
    const { baseBranch, headSha } = trigger;
    const sha = await comparedBase(github, { baseBranch, headSha, unknown: error });
    await findBase({ ...options, plan: { kind: 'commit', sha } });
    return {
      sha,
      how: `where ${headSha.slice(0, 10)} left ${baseBranch}, as GitHub's compare says: the history is not in this clone`,
    };
  }
}

async function comparedBase(
  { rest, place }: GitHub,
  {
    baseBranch,
    headSha,
    unknown,
  }: { readonly baseBranch: string; readonly headSha: string; readonly unknown: UserError },
): Promise<string> {
  try {
    // One commit a page: only the merge base is read.
    const query = { ...place, basehead: `${baseBranch}...${headSha}`, per_page: 1 };
    const { data } = await rest.repos.compareCommitsWithBasehead(query);
    return data.merge_base_commit.sha;
  } catch (cause) {
    const { status, message = String(cause) } = cause as FailedRequest;
    const answer = status === undefined ? message : `${status}: ${message}`;
    const { message: what, hint = '', detail, exitCode } = unknown;
    throw new UserError({
      ...{ code: unknown.code, what, exitCode, cause },
      detail: [
        ...detail,
        `GitHub's compare of ${baseBranch} and ${headSha.slice(0, 10)} does not say either (${answer.split('\n', 1)[0]}).`,
      ],
      hint: status === 403 ? `${hint} Or let GitHub say it: the job needs contents: read.` : hint,
    });
  }
}
