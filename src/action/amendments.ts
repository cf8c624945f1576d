/** What people and earlier attempts have to say about a result, asked for only where that can change it. */
import { amendedResult } from '../commands/amended-result.ts';
import type { GateResult } from '../compare/comparison.ts';
import type { Config } from '../config.ts';
import { readAcceptances } from '../github/acceptances.ts';
import { readingProblem } from '../github/posting-problem.ts';
import { escapeText } from '../report/markdown-text.ts';
import type { ActionContext } from './context.ts';
import { earlierFailures } from './earlier-attempts.ts';

export interface Amended {
  readonly result: GateResult;
  /** Below the report, in Markdown. */
  readonly notes: readonly string[];
  /** What could not be asked for, once each. */
  readonly problems: readonly string[];
}

/** Never throws for what GitHub or git answer: then nothing is accepted, and nothing is known of earlier attempts. */
export async function amended(
  context: ActionContext,
  { result, config }: { readonly result: GateResult; readonly config: Config },
): Promise<Amended> {
  const before = await earlierFailures(context, { result, config });
  const judged = amendedResult(result, { claims: [], earlier: before.failures });
  if (judged.verdict !== 'fail') return { result: judged, notes: [], problems: before.problems };
  const people = await claimsOf(context);
  const both = amendedResult(result, { claims: people.claims, earlier: before.failures });
  const notes = both.verdict === 'fail' ? hintOf(context) : [];
  return { result: both, notes, problems: [...before.problems, ...people.problems] };
}

type Claims = Awaited<ReturnType<typeof readAcceptances>>;

async function claimsOf({
  github,
  trigger,
  inputs,
  world,
}: ActionContext): Promise<{ readonly claims: Claims; readonly problems: readonly string[] }> {
  if (github === null || trigger.kind !== 'pull-request') return { claims: [], problems: [] };
  const { number, headSha, headSince, labelAdded } = trigger;
  const query = { pullRequest: number, headSha, headSince, labelAdded, label: inputs.waiverLabel };
  try {
    return { claims: await readAcceptances(github, query), problems: [] };
  } catch (error) {
    world.signal.throwIfAborted();
    const problem = readingProblem('Labels and reviews of the pull request', error);
    return { claims: [], problems: [problem] };
  }
}

/** Nobody finds a label that the report does not name. */
function hintOf({ github, trigger, inputs }: ActionContext): readonly string[] {
  if (github === null || trigger.kind !== 'pull-request') return [];
  const label = escapeText(inputs.waiverLabel);
  return [
    `<sub>Somebody with write permission can accept this for this commit: the label “${label}”, or a line “spangate accept \\*: reason” in an approving review; then run this job again.</sub>`,
  ];
}
