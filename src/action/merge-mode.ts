/** `mode: merge`: the results of a matrix, or of several services, as one verdict and one comment. */
import { resolve } from 'node:path';
import { page } from '../commands/page.ts';
import { mergedResults, readResults } from '../commands/read-results.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { formatResult } from '../report/format.ts';
import type { ActionContext } from './context.ts';
import { measuredSha } from './gate-mode.ts';
import { postResult } from './post-result.ts';

export async function mergeMode(context: ActionContext): Promise<ExitCode> {
  const { world, inputs, trigger } = context;
  const results = readResults(inputs.results.map((path) => resolve(world.cwd, path)));
  const { expected } = inputs;
  if (expected !== null && results.length < expected) throw missing(results.length, expected);
  const result = mergedResults(results);
  world.stdout.write(formatResult(result, 'terminal', page(world)));
  return await postResult(context, {
    config: null,
    result,
    pullRequests: trigger.kind === 'pull-request' ? [trigger.number] : [],
    sha: measuredSha(context, result),
    notes: [],
  });
}

/** A job that was cancelled, or never came to its end, is no pass. */
function missing(found: number, expected: number): UserError {
  return new UserError({
    code: 'results-missing',
    what: `${found} of ${expected} results are there, so there is no verdict.`,
    where: 'with: expected',
    hint: 'See which job did not end, and whether its upload step has if: always().',
    exitCode: EXIT.couldNotMeasure,
  });
}
