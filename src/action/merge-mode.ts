/** `mode: merge`: the results of a matrix, or of several services, as one verdict and one comment. */
import { resolve } from 'node:path';
import { page } from '../commands/page.ts';
import { mergedResults, readResults } from '../commands/read-results.ts';
import { assertComplete } from '../commands/run-merge.ts';
import type { ExitCode } from '../errors.ts';
import { formatResult } from '../report/format.ts';
import type { ActionContext } from './context.ts';
import { measuredSha } from './measured-sha.ts';
import { postResult } from './post-result.ts';

export async function mergeMode(context: ActionContext): Promise<ExitCode> {
  const { world, inputs, trigger } = context;
  const results = readResults(inputs.results.map((path) => resolve(world.cwd, path)));
  assertComplete(results.length, inputs.expected);
  const result = mergedResults(results);
  world.stdout.write(formatResult(result, 'terminal', page(world)));
  return await postResult(context, {
    config: null,
    result,
    pullRequests: trigger.kind === 'pull-request' ? [trigger.number] : [],
    sha: measuredSha(context, result.comparisons),
    notes: [],
  });
}
