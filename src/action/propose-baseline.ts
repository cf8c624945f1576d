/** A baseline in a file, as one pull request of a bot: for a default branch that nobody may push to. */
import { pushBaselineBranch } from '../commands/baseline-branch.ts';
import type { Recorded } from '../commands/run-baseline-record.ts';
import { openOrUpdate } from '../github/own-pull-request.ts';
import { postingProblem } from '../github/posting-problem.ts';
import type { ActionContext } from './context.ts';

export interface Proposed {
  /** What was done. */
  readonly sentences: readonly string[];
  /** Why there is no pull request, where there should be one. */
  readonly problem: string | null;
}

/** @throws UserError as `pushBaselineBranch`: a baseline that is stored nowhere is a failure */
export async function proposeBaseline(
  { world, inputs, github, runUrl }: ActionContext,
  { measurements, files }: Recorded,
): Promise<Proposed> {
  if (files.length === 0) return { sentences: [], problem: null };
  const branch =
    inputs.commentKey === 'default' ? 'spangate/baseline' : `spangate/baseline-${inputs.commentKey}`;
  const sha = measurements[0]?.commit?.sha.slice(0, 10) ?? 'unknown';
  const title = `Record the baseline of ${sha}`;
  const isPushed = await pushBaselineBranch(world, { branch, files, message: title });
  if (!isPushed) return { sentences: ['the baseline is as it was: no pull request'], problem: null };
  const pushed = `the baseline is on the branch ${branch}`;
  if (github === null) {
    return {
      sentences: [pushed],
      problem: 'No pull request was opened, since the input github-token is empty.',
    };
  }
  try {
    const base = world.env.GITHUB_REF_NAME ?? '';
    const body = `What \`spangate baseline record\` measured on ${sha}.${runUrl === '' ? '' : ` [Run](${runUrl})`}\n\nThe branch is written anew by each record, until this is merged.`;
    const url = await openOrUpdate(github, { branch, base, title, body });
    return { sentences: [`${pushed}, in ${url}`], problem: null };
  } catch (error) {
    const problem = postingProblem({ what: 'The pull request', error, isFork: false });
    const policy =
      'Actions may have to be allowed to create pull requests, in the settings of the repository.';
    return { sentences: [pushed], problem: `${problem} ${policy}` };
  }
}
