/**
 * `mode: report`: posts the result of a run that had no right to post, such as one of a fork. That run was made by
 * code that its author chose: its result is data that is shown, and proves nothing.
 */
import { resolve } from 'node:path';
import { mergedResults, readResults } from '../commands/read-results.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { postingProblem } from '../github/posting-problem.ts';
import { pullRequestsOf } from '../github/pull-requests.ts';
import type { GitHub } from '../github/rest-client.ts';
import type { ActionContext } from './context.ts';
import { type Posting, postResult } from './post-result.ts';

const NOTE = '_Measured in a run that the pull request itself defines._';

export async function reportMode(context: ActionContext): Promise<ExitCode> {
  const { world, inputs, trigger, github } = context;
  if (trigger.kind !== 'workflow-run') throw notAWorkflowRun();
  const result = mergedResults(readResults(inputs.results.map((path) => resolve(world.cwd, path))));
  const isChange = trigger.event === 'pull_request';
  const to = isChange && github !== null ? await addressees(github, trigger.headSha) : NOBODY;
  await postResult(context, { config: null, result, ...to, sha: trigger.headSha, notes: [NOTE] });
  return EXIT.pass;
}

const NOBODY = { pullRequests: [], problem: null };

/** The number of the pull request is not in the artifact: whoever wrote that could name any. */
async function addressees(
  github: GitHub,
  headSha: string,
): Promise<Pick<Posting, 'pullRequests' | 'problem'>> {
  try {
    return { pullRequests: await pullRequestsOf(github, headSha), problem: null };
  } catch (error) {
    return { pullRequests: [], problem: postingProblem({ what: 'The comment', error, isFork: false }) };
  }
}

function notAWorkflowRun(): UserError {
  return new UserError({
    code: 'report-needs-workflow-run',
    what: 'mode: report posts what another workflow has measured, and no other workflow has started this one.',
    where: 'on',
    hint: 'Run it on workflow_run, types: [completed], of the workflow that measures.',
    exitCode: EXIT.usage,
  });
}
