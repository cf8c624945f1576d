/** What a CI says of the commit that a change is to be compared with, by the variables that each of them sets. Pure. */
import type { BasePlan } from './checkout/find-base.ts';
import { ciName } from './ci-name.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Commits of a change whose messages are read, where the CI does not say how many it has. */
const USUAL_COMMITS = 50;

/** @returns null where this is no CI, no change, or the CI does not say where it is to be merged */
export function ciBase(env: Variables): BasePlan | null {
  const from = BY_CI[ciName(env) ?? ''];
  return from?.(env) ?? null;
}

const github = (env: Variables): BasePlan | null => {
  const { GITHUB_BASE_REF: branch, GITHUB_SHA: merge, GITHUB_REF: ref } = env;
  if (!branch) return { kind: 'parent' };
  // `refs/pull/17/merge`; elsewhere than on GitHub it may be `…/head`, and the commit that of the change itself.
  if (!merge || !ref?.endsWith('/merge')) return branchedFrom(branch);
  // A job may have checked out the change itself, whose own merge commits say nothing of the target.
  return { kind: 'merged-into', branch, commits: USUAL_COMMITS, merge };
};

const BY_CI: Readonly<Record<string, (env: Variables) => BasePlan | null>> = {
  'GitHub Actions': github,
  'Gitea Actions': github,
  'Forgejo Actions': github,
  // Of a pipeline for merged results the target's commit, else the one in which the change began.
  'GitLab CI': (env) =>
    commit(env.CI_MERGE_REQUEST_TARGET_BRANCH_SHA) ??
    commit(env.CI_MERGE_REQUEST_DIFF_BASE_SHA) ??
    branchedFrom(env.CI_MERGE_REQUEST_TARGET_BRANCH_NAME),
  Buildkite: (env) => branchedFrom(env.BUILDKITE_PULL_REQUEST_BASE_BRANCH),
  Jenkins: (env) => branchedFrom(env.CHANGE_TARGET),
  'Azure Pipelines': (env) =>
    branchedFrom(env.SYSTEM_PULLREQUEST_TARGETBRANCH?.replace(/^refs\/heads\//, '')),
  'Bitbucket Pipelines': (env) => branchedFrom(env.BITBUCKET_PR_DESTINATION_BRANCH),
  Drone: (env) => (env.DRONE_PULL_REQUEST ? branchedFrom(env.DRONE_TARGET_BRANCH) : null),
  'Travis CI': (env) =>
    env.TRAVIS_PULL_REQUEST && env.TRAVIS_PULL_REQUEST !== 'false' ? branchedFrom(env.TRAVIS_BRANCH) : null,
};

function commit(sha: string | undefined): BasePlan | null {
  return sha !== undefined && /^[0-9a-f]{40,64}$/.test(sha) ? { kind: 'commit', sha } : null;
}

function branchedFrom(branch: string | undefined): BasePlan | null {
  return branch ? { kind: 'branched-from', branch } : null;
}
