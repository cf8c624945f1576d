/**
 * What started the workflow. The payload of an event holds text that strangers wrote (titles, branch names): only
 * numbers, hashes and flags are taken from it as they are, and branch names as text that git gets behind `--`.
 */
import { EXIT, UserError } from '../errors.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface PullRequest {
  readonly kind: 'pull-request';
  readonly number: number;
  readonly baseBranch: string;
  readonly headSha: string;
  /** What GitHub made by merging it into its target; null where the runner does not say. */
  readonly mergeSha: string | null;
  /** Commits of the pull request; 0 where the payload does not say. */
  readonly commits: number;
  readonly isFork: boolean;
  /**
   * A time at which the commit was the head already, by the clock of the server: ISO 8601, UTC. The dates of the commit
   * itself are whatever its author wrote. Null where the payload does not say.
   */
  readonly headSince: string | null;
  /** Name of the label that was added to this head, where that started the workflow. */
  readonly labelAdded: string | null;
}

export interface WorkflowRun {
  readonly kind: 'workflow-run';
  readonly runId: number;
  readonly headSha: string;
  /** What started that run. */
  readonly event: string;
}

export type Trigger =
  | PullRequest
  | WorkflowRun
  | { readonly kind: 'merge-group'; readonly baseSha: string }
  | {
      readonly kind: 'push';
      readonly isDefaultBranch: boolean;
      /** Null for a new branch. */
      readonly before: string | null;
    }
  /** Runs with the rights of the base branch, on behalf of whoever opened the pull request or wrote a comment. */
  | { readonly kind: 'privileged'; readonly event: string }
  /** `schedule`, `workflow_dispatch` and others. */
  | { readonly kind: 'other'; readonly event: string; readonly isDefaultBranch: boolean };

const PRIVILEGED: readonly string[] = ['pull_request_target', 'issue_comment', 'discussion_comment'];

/**
 * @param payload what the file of GITHUB_EVENT_PATH holds, parsed
 * @throws UserError `event-unreadable` where it lacks what an event of its name has
 */
export function triggerOf(env: Variables, payload: unknown): Trigger {
  const event = env.GITHUB_EVENT_NAME ?? '';
  if (PRIVILEGED.includes(event)) return { kind: 'privileged', event };
  const reader = new PayloadReader(event, payload);
  const defaultBranch = reader.optionalText(['repository', 'default_branch']);
  // GitHub runs schedules on the default branch alone, and their event has no repository in it.
  const isDefaultBranch =
    event === 'schedule' ||
    (env.GITHUB_REF_TYPE !== 'tag' && defaultBranch !== null && env.GITHUB_REF_NAME === defaultBranch);
  switch (event) {
    case 'pull_request':
      return {
        kind: 'pull-request',
        number: reader.number(['pull_request', 'number']),
        baseBranch: reader.text(['pull_request', 'base', 'ref']),
        headSha: reader.sha(['pull_request', 'head', 'sha']),
        mergeSha: SHA.test(env.GITHUB_SHA ?? '') ? (env.GITHUB_SHA ?? null) : null,
        commits: reader.optionalNumber(['pull_request', 'commits']) ?? 0,
        isFork:
          reader.optionalNumber(['pull_request', 'head', 'repo', 'id']) !==
          reader.optionalNumber(['pull_request', 'base', 'repo', 'id']),
        headSince: latestOf([
          reader.optionalText(['pull_request', 'updated_at']),
          reader.optionalText(['pull_request', 'head', 'repo', 'pushed_at']),
        ]),
        labelAdded:
          reader.optionalText(['action']) === 'labeled' ? reader.optionalText(['label', 'name']) : null,
      };
    case 'merge_group':
      return { kind: 'merge-group', baseSha: reader.sha(['merge_group', 'base_sha']) };
    case 'push':
      return { kind: 'push', isDefaultBranch, before: notZeros(reader.optionalText(['before'])) };
    case 'workflow_run':
      return {
        kind: 'workflow-run',
        runId: reader.number(['workflow_run', 'id']),
        headSha: reader.sha(['workflow_run', 'head_sha']),
        event: reader.text(['workflow_run', 'event']),
      };
    default:
      return { kind: 'other', event: event === '' ? 'unknown' : event, isDefaultBranch };
  }
}

/** How GitHub names the commit before the first one of a branch. */
function notZeros(sha: string | null): string | null {
  return sha !== null && SHA.test(sha) && !/^0+$/.test(sha) ? sha : null;
}

/** Null where one of them is not there: then nobody knows. */
function latestOf(times: readonly (string | null)[]): string | null {
  const known = times.map((time) => Date.parse(time ?? ''));
  return known.some(Number.isNaN) ? null : new Date(Math.max(...known)).toISOString();
}

const SHA = /^[0-9a-f]{40,64}$/;

type Path = readonly string[];

class PayloadReader {
  readonly #event: string;
  readonly #payload: unknown;

  constructor(event: string, payload: unknown) {
    this.#event = event;
    this.#payload = payload;
  }

  text(path: Path): string {
    return this.optionalText(path) ?? this.#missing(path);
  }

  sha(path: Path): string {
    const text = this.text(path);
    return SHA.test(text) ? text : this.#missing(path);
  }

  number(path: Path): number {
    return this.optionalNumber(path) ?? this.#missing(path);
  }

  optionalText(path: Path): string | null {
    const value = this.#at(path);
    return typeof value === 'string' && value !== '' ? value : null;
  }

  optionalNumber(path: Path): number | null {
    const value = this.#at(path);
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
  }

  #at(path: Path): unknown {
    let node = this.#payload;
    for (const key of path) node = (node as Record<string, unknown> | null | undefined)?.[key];
    return node;
  }

  #missing(path: Path): never {
    throw new UserError({
      code: 'event-unreadable',
      what: `The event ${this.#event} has no ${path.join('.')} that could be used.`,
      where: 'GITHUB_EVENT_PATH',
      hint: 'Run the action on pull_request, merge_group, push, schedule or workflow_dispatch.',
      exitCode: EXIT.usage,
    });
  }
}
