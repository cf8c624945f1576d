/**
 * `mode: report`: posts the result of a run that had no right to post, such as one of a fork. That run was made by
 * code that its author chose: its result is data that is shown, and proves nothing.
 */
import { resolve } from 'node:path';
import { mergedResults, readResults } from '../commands/read-results.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { addresseesOf } from './addressees.ts';
import type { ActionContext } from './context.ts';
import { postResult } from './post-result.ts';

const NOTE = '_Measured in a run that the pull request itself defines._';

export async function reportMode(context: ActionContext): Promise<ExitCode> {
  const { world, inputs, trigger } = context;
  if (trigger.kind !== 'workflow-run') throw notAWorkflowRun();
  const result = mergedResults(readResults(inputs.results.map((path) => resolve(world.cwd, path))));
  const to = await addresseesOf(context);
  await postResult(context, { config: null, result, ...to, sha: trigger.headSha, notes: [NOTE] });
  return EXIT.pass;
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
