/**
 * A check run on the commit that people know. Off unless asked for: the status of the job says the same, and GitHub
 * hangs a check run of a job's token under whichever workflow of the commit it likes.
 */
import type { GitHub } from './rest-client.ts';

export type CheckConclusion = 'success' | 'failure' | 'neutral';

export interface CheckAnnotation {
  /** Relative to the top of the repository. */
  readonly path: string;
  readonly line: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly title: string;
  readonly message: string;
}

export interface CheckRun {
  readonly name: string;
  readonly headSha: string;
  readonly conclusion: CheckConclusion;
  /** One line. */
  readonly title: string;
  /** Markdown. */
  readonly summary: string;
  readonly annotations: readonly CheckAnnotation[];
  /** Of the run in the CI; empty where it is not known. */
  readonly detailsUrl: string;
}

/** GitHub takes as many characters, and as many annotations in one request; further requests add theirs. */
export const MOST_SUMMARY_CHARACTERS = 65_535;
const MOST_ANNOTATIONS = 50;
const MOST_TITLE_CHARACTERS = 255;

/** @throws what octokit throws; see `postingProblem` */
export async function writeCheckRun({ rest, place }: GitHub, check: CheckRun): Promise<void> {
  const batches: (readonly CheckAnnotation[])[] = [];
  for (let at = 0; at < check.annotations.length; at += MOST_ANNOTATIONS) {
    batches.push(check.annotations.slice(at, at + MOST_ANNOTATIONS));
  }
  const [first = [], ...others] = batches;
  const { data } = await rest.checks.create({
    ...place,
    name: check.name,
    head_sha: check.headSha,
    status: 'completed',
    conclusion: check.conclusion,
    ...(check.detailsUrl !== '' && { details_url: check.detailsUrl }),
    output: outputOf(check, first),
  });
  for (const batch of others) {
    await rest.checks.update({ ...place, check_run_id: data.id, output: outputOf(check, batch) });
  }
}

function outputOf({ title, summary }: CheckRun, annotations: readonly CheckAnnotation[]) {
  return {
    title: title.slice(0, MOST_TITLE_CHARACTERS),
    summary: summary.slice(0, MOST_SUMMARY_CHARACTERS),
    annotations: annotations.map(({ path, line, level, title: own, message }) => ({
      path,
      start_line: line,
      end_line: line,
      annotation_level: level,
      title: own.slice(0, MOST_TITLE_CHARACTERS),
      message,
    })),
  };
}
