/**
 * Tells everybody what came out: files, outputs, summary, annotations, comment. What cannot be posted is said once,
 * and changes no verdict.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { limitPlaces } from '../commands/limit-places.ts';
import { writeReport } from '../commands/result-file.ts';
import type { GateResult } from '../compare/comparison.ts';
import type { Config } from '../config.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { exitCodeOf } from '../gate.ts';
import { postingProblem } from '../github/posting-problem.ts';
import { headShaOf } from '../github/pull-requests.ts';
import type { Annotation } from '../github/runner-door.ts';
import { markerOf, writeSticky } from '../github/sticky-comment.ts';
import { type Format, formatResult } from '../report/format.ts';
import { escapeText } from '../report/markdown-text.ts';
import { plainText } from '../report/phrase.ts';
import { logLine } from '../report/safe-text.ts';
import { viewOf } from '../report/view.ts';
import type { Addressees } from './addressees.ts';
import { commentBody } from './comment-body.ts';
import type { ActionContext } from './context.ts';
import { postCheckRun } from './post-check-run.ts';

/** What is written for an upload step, by the output that names it. */
export const REPORT_FILES: readonly {
  readonly output: string;
  readonly format: Format;
  readonly file: string;
}[] = [
  { output: 'result', format: 'json', file: 'spangate.json' },
  { output: 'markdown', format: 'markdown', file: 'spangate.md' },
  { output: 'html', format: 'html', file: 'spangate.html' },
  { output: 'junit', format: 'junit', file: 'spangate.xml' },
];

/**
 * A summary of more than a mebibyte is dropped whole. A character is three bytes at most, and steps share a page that
 * nobody scrolls for long.
 */
const SUMMARY_CHARACTERS = 250_000;

export interface Posting extends Partial<Addressees> {
  /** Null where the limits are not known here: then nothing is annotated. */
  readonly config: Config | null;
  readonly result: GateResult;
  readonly pullRequests: Addressees['pullRequests'];
  /** Of the commit that was measured. */
  readonly sha: string;
  /** Below the report, in Markdown. */
  readonly notes: readonly string[];
  /** What else could not be done or asked for, a sentence each. */
  readonly problems?: readonly string[];
}

/** @returns the exit code that the verdict means */
export async function postResult(context: ActionContext, posting: Posting): Promise<ExitCode> {
  const { result, config, notes } = posting;
  const { door } = context;
  const exitCode = exitCodeOf(result);
  writeFiles(context, result);
  const headline = logLine(plainText(viewOf(result).headline));
  const failed = result.comparisons.flatMap(({ rows }) => rows.filter(({ outcome }) => outcome === 'fail'));
  door.output('verdict', result.verdict);
  door.output('regressions', String(failed.length));
  door.output('summary', headline);
  door.output('exit-code', String(exitCode));
  const markdown = formatResult(result, 'markdown', { maxCharacters: SUMMARY_CHARACTERS });
  const annotations = config === null ? [] : annotationsOf(config, result);
  const problems = [
    ...(posting.problems ?? []),
    await door.summary([markdown, ...notes].join('\n\n')),
    posting.problem ?? (await postComment(context, posting)),
    await postCheckRun(context, posting, { exitCode, headline, annotations }),
  ];
  door.annotate([
    // What no row of this run shows, an earlier attempt found.
    ...(result.verdict === 'fail' && failed.length === 0
      ? [{ level: 'error', title: 'spangate', message: headline } as const]
      : []),
    ...annotations,
    ...problems.flatMap((problem) => (problem === null ? [] : [noticeOf(problem)])),
  ]);
  return exitCode;
}

function writeFiles({ door, reportDirectory }: ActionContext, result: GateResult): void {
  mkdirSync(reportDirectory, { recursive: true });
  door.output('report-directory', reportDirectory);
  for (const { output, format, file } of REPORT_FILES) {
    const path = join(reportDirectory, file);
    writeReport(path, formatResult(result, format));
    door.output(output, path);
  }
}

/** @returns why there is no comment, where there should be one */
async function postComment(context: ActionContext, posting: Posting): Promise<string | null> {
  const { inputs, github, trigger, runUrl, door } = context;
  const { result, pullRequests, sha, notes } = posting;
  if (inputs.comment === 'never' || pullRequests.length === 0) return null;
  if (github === null) return 'No comment was posted, since the input github-token is empty.';
  if (await isOutdated(context)) return OUTDATED;
  const body = commentBody((maxCharacters) => formatResult(result, 'markdown', { maxCharacters }), {
    key: inputs.commentKey,
    sha,
    runUrl,
    notes,
  });
  const isClean = result.verdict === 'pass' || result.verdict === 'skipped';
  try {
    for (const pullRequest of pullRequests) {
      const marker = markerOf(inputs.commentKey);
      const onlyUpdate = inputs.comment === 'problems' && isClean;
      const outcome = await writeSticky(github, { pullRequest, marker, body, onlyUpdate });
      if (outcome !== null) door.output('comment-url', outcome.url);
    }
    return null;
  } catch (error) {
    const isFork = trigger.kind === 'pull-request' && trigger.isFork;
    return postingProblem({ what: 'The comment', error, isFork });
  }
}

const OUTDATED =
  'No comment was posted, since the pull request has another head by now: the comment is that of its run.';

/** A run that is slower than that of a newer commit must not write over what that one found. */
async function isOutdated({ github, trigger }: ActionContext): Promise<boolean> {
  if (github === null || trigger.kind !== 'pull-request') return false;
  const headSha = await headShaOf(github, trigger.number);
  return headSha !== null && headSha !== trigger.headSha;
}

function annotationsOf(config: Config, result: GateResult): readonly Annotation[] {
  return limitPlaces(config, result).map(({ kind, sentence, file, line }) => ({
    level: kind === 'failed' ? 'error' : 'warning',
    title: kind === 'failed' ? 'spangate: limit exceeded' : 'spangate: limit loosened',
    message: sentence,
    ...(file !== null && { file, line }),
  }));
}

function noticeOf(message: string): Annotation {
  return { level: 'notice', title: 'spangate', message: logLine(message) };
}

/** Where there is no result: what went wrong is said in all the same places. */
export async function postFailure(
  context: ActionContext,
  failure: {
    readonly sentence: string;
    readonly exitCode: ExitCode;
    readonly sha: string;
  } & Addressees,
): Promise<void> {
  const { door, inputs, github, runUrl, trigger } = context;
  const verdict = failure.exitCode === EXIT.couldNotMeasure ? 'error' : 'wrong-configuration';
  door.output('verdict', verdict);
  door.output('regressions', '0');
  door.output('summary', failure.sentence);
  door.output('exit-code', String(failure.exitCode));
  const markdown = `💥 ${escapeText(failure.sentence)}\n`;
  const problems = [await door.summary(markdown), failure.problem];
  const { pullRequests } = failure;
  if (github !== null && pullRequests.length > 0 && inputs.comment !== 'never') {
    const facts = { key: inputs.commentKey, sha: failure.sha, runUrl, notes: [] };
    const body = commentBody(() => markdown, facts);
    try {
      const marker = markerOf(inputs.commentKey);
      if (await isOutdated(context)) problems.push(OUTDATED);
      else {
        for (const pullRequest of pullRequests) {
          await writeSticky(github, { pullRequest, marker, body, onlyUpdate: false });
        }
      }
    } catch (error) {
      const isFork = trigger.kind === 'pull-request' && trigger.isFork;
      problems.push(postingProblem({ what: 'The comment', error, isFork }));
    }
  }
  door.annotate([
    { level: 'error', title: 'spangate', message: failure.sentence },
    ...problems.flatMap((problem) => (problem === null ? [] : [noticeOf(problem)])),
  ]);
}
