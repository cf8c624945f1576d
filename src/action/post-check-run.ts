/** The check run of a result, where the workflow asks for one. */
import { relative, sep } from 'node:path';
import type { ExitCode } from '../errors.ts';
import { type CheckAnnotation, MOST_SUMMARY_CHARACTERS, writeCheckRun } from '../github/check-run.ts';
import { postingProblem } from '../github/posting-problem.ts';
import type { Annotation } from '../github/runner-door.ts';
import { formatResult } from '../report/format.ts';
import type { ActionContext } from './context.ts';
import type { Posting } from './post-result.ts';

export interface CheckFacts {
  readonly exitCode: ExitCode;
  readonly headline: string;
  readonly annotations: readonly Annotation[];
}

/** @returns why there is no check run, where there should be one */
export async function postCheckRun(
  context: ActionContext,
  { result, sha, notes }: Posting,
  { exitCode, headline, annotations }: CheckFacts,
): Promise<string | null> {
  const { inputs, github, trigger, runUrl } = context;
  // A result of a stranger's run makes no check that looks like one of ours.
  if (!inputs.checkRun || trigger.kind === 'workflow-run') return null;
  if (github === null) return 'No check run was written, since the input github-token is empty.';
  const isClean = result.verdict === 'pass' || result.verdict === 'skipped';
  const ended = exitCode === 0 ? (isClean ? 'success' : 'neutral') : 'failure';
  try {
    await writeCheckRun(github, {
      name: inputs.commentKey === 'default' ? 'spangate' : `spangate (${inputs.commentKey})`,
      headSha: sha,
      conclusion: inputs.mode === 'shadow' && exitCode !== 0 ? 'neutral' : ended,
      title: headline,
      summary: summaryOf(result, notes),
      annotations: annotations.flatMap((each) => checkAnnotation(context, each)),
      detailsUrl: runUrl,
    });
    return null;
  } catch (error) {
    const isFork = trigger.kind === 'pull-request' && trigger.isFork;
    return postingProblem({ what: 'The check run', error, isFork, needs: 'checks=write' });
  }
}

function summaryOf(result: Posting['result'], notes: readonly string[]): string {
  const foot = notes.map((note) => `\n\n${note}`).join('');
  const maxCharacters = MOST_SUMMARY_CHARACTERS - foot.length;
  return `${formatResult(result, 'markdown', { maxCharacters })}${foot}`;
}

const LEVELS = { error: 'failure', warning: 'warning', notice: 'notice' } as const;

/** What has no line in the repository cannot be shown there. */
function checkAnnotation({ world }: ActionContext, each: Annotation): readonly CheckAnnotation[] {
  const { file, line, level, title, message } = each;
  if (file === undefined || line === undefined) return [];
  const path = relative(world.env.GITHUB_WORKSPACE || world.cwd, file)
    .split(sep)
    .join('/');
  return path.startsWith('../') ? [] : [{ path, line, level: LEVELS[level], title, message }];
}
