/** Which run, job and change of a CI this is, by the variables that each of them sets. Pure. */
import { ciName } from './ci-name.ts';

type Variables = Readonly<Record<string, string | undefined>>;

export interface CiRun {
  /** Such as `GitLab CI`. */
  readonly ci: string;
  /** Of the pipeline or build; empty where the CI does not say. */
  readonly run: string;
  /** From 1; null where the CI does not count them. */
  readonly attempt: number | null;
  /** What stays the same when the job is started once more, and differs between jobs. */
  readonly job: readonly string[];
  readonly pullRequest: number | null;
  /** Hash of the change's own last commit, where HEAD may be a merge that the CI has made. */
  readonly change: string | null;
  /** Hash of the commit that the CI says it runs; null where it does not. */
  readonly commit: string | null;
}

/** @returns null on a machine of one's own */
export function ciRun(env: Variables): CiRun | null {
  const ci = ciName(env);
  if (ci === null) return null;
  const said = BY_CI[ci]?.(env) ?? {};
  return {
    ci,
    run: said.run ?? '',
    attempt: counted(said.attempt),
    job: (said.job ?? []).map((part) => part ?? ''),
    pullRequest: numbered(said.pullRequest),
    change: hashOf(said.change),
    commit: hashOf(said.commit),
  };
}

interface Said {
  readonly run?: string | undefined;
  /** Counted from 1. */
  readonly attempt?: string | undefined;
  readonly job?: readonly (string | undefined)[];
  readonly pullRequest?: string | undefined;
  readonly change?: string | undefined;
  readonly commit?: string | undefined;
}

const github = (env: Variables): Said => ({
  run: env.GITHUB_RUN_ID,
  attempt: env.GITHUB_RUN_ATTEMPT,
  job: [env.GITHUB_WORKFLOW, env.GITHUB_JOB],
  pullRequest: /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? '')?.[1],
  commit: env.GITHUB_SHA,
});

const BY_CI: Readonly<Record<string, (env: Variables) => Said>> = {
  'GitHub Actions': github,
  'Gitea Actions': github,
  'Forgejo Actions': github,
  // A job that is retried has another CI_JOB_ID, and nothing that counts: the ledger does. Parallel jobs have names of their own.
  'GitLab CI': (env) => ({
    run: env.CI_PIPELINE_ID,
    job: [env.CI_JOB_NAME],
    pullRequest: env.CI_MERGE_REQUEST_IID,
    change: env.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA,
    commit: env.CI_COMMIT_SHA,
  }),
  // A build that is started again is another build: what stays is the name of the job, with the pull request in it.
  Jenkins: (env) => ({
    run: env.BUILD_TAG,
    job: [env.JOB_NAME, env.STAGE_NAME],
    pullRequest: env.CHANGE_ID,
    commit: env.GIT_COMMIT,
  }),
  // The id of a step is another one in each build; its key or label is not.
  Buildkite: (env) => ({
    run: env.BUILDKITE_BUILD_ID,
    attempt: following(env.BUILDKITE_RETRY_COUNT),
    job: [
      env.BUILDKITE_PIPELINE_SLUG,
      env.BUILDKITE_STEP_KEY || env.BUILDKITE_LABEL,
      env.BUILDKITE_PARALLEL_JOB,
    ],
    pullRequest: env.BUILDKITE_PULL_REQUEST,
    commit: env.BUILDKITE_COMMIT,
  }),
  // A workflow that is run again has another id; a pull request is named by its address.
  CircleCI: (env) => ({
    run: env.CIRCLE_WORKFLOW_ID,
    job: [env.CIRCLE_JOB, env.CIRCLE_NODE_INDEX],
    pullRequest: env.CIRCLE_PR_NUMBER || /\/(\d+)$/.exec(env.CIRCLE_PULL_REQUEST ?? '')?.[1],
    commit: env.CIRCLE_SHA1,
  }),
  'Azure Pipelines': (env) => ({
    run: env.BUILD_BUILDID,
    attempt: env.SYSTEM_JOBATTEMPT,
    job: [env.SYSTEM_DEFINITIONID, env.SYSTEM_STAGENAME, env.SYSTEM_JOBNAME],
    pullRequest: env.SYSTEM_PULLREQUEST_PULLREQUESTNUMBER || env.SYSTEM_PULLREQUEST_PULLREQUESTID,
    change: env.SYSTEM_PULLREQUEST_SOURCECOMMITID,
    commit: env.BUILD_SOURCEVERSION,
  }),
  'Bitbucket Pipelines': (env) => ({
    run: env.BITBUCKET_BUILD_NUMBER,
    attempt: env.BITBUCKET_STEP_RUN_NUMBER,
    job: [env.BITBUCKET_PARALLEL_STEP],
    pullRequest: env.BITBUCKET_PR_ID,
    commit: env.BITBUCKET_COMMIT,
  }),
  Drone: (env) => ({
    run: env.DRONE_BUILD_NUMBER,
    job: [env.DRONE_STAGE_NAME, env.DRONE_STEP_NAME],
    pullRequest: env.DRONE_PULL_REQUEST,
    commit: env.DRONE_COMMIT_SHA,
  }),
  'Travis CI': (env) => ({
    run: env.TRAVIS_BUILD_ID,
    // `17.2`, the second job of the build.
    job: [env.TRAVIS_JOB_NAME, /\.(\d+)$/.exec(env.TRAVIS_JOB_NUMBER ?? '')?.[1]],
    pullRequest: env.TRAVIS_PULL_REQUEST,
    change: env.TRAVIS_PULL_REQUEST_SHA,
    commit: env.TRAVIS_COMMIT,
  }),
};

function counted(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,5}$/.test(text) ? Number(text) : null;
}

function following(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) ? String(Number(text) + 1) : undefined;
}

/** Buildkite and Travis write `false` where there is none. */
function numbered(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,9}$/.test(text) ? Number(text) : null;
}

/** Buildkite writes `HEAD` where it was started without a commit. */
function hashOf(text: string | undefined): string | null {
  return text !== undefined && /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}
