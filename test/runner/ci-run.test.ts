import { describe, expect, test } from 'vitest';
import { ciRun } from '../../src/runner/ci-run.ts';

const SHA = '1'.repeat(40);
const HEAD = '2'.repeat(40);

/** Variables of a first run, what is read of them, and those of the same job run again. */
const CASES = [
  {
    first: {
      ...{
        GITLAB_CI: 'true',
        CI_PIPELINE_ID: '900',
        CI_JOB_ID: '1',
        CI_JOB_NAME: 'spangate',
        CI_COMMIT_SHA: SHA,
      },
      ...{ CI_MERGE_REQUEST_IID: '17', CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: HEAD },
    },
    read: { ci: 'GitLab CI', run: '900', attempt: null, pullRequest: 17, change: HEAD, commit: SHA },
    again: { CI_JOB_ID: '2' },
  },
  {
    first: {
      ...{ JENKINS_URL: 'https://ci', BUILD_TAG: 'jenkins-shop-PR-17-1', JOB_NAME: 'shop/PR-17' },
      ...{ STAGE_NAME: 'spangate', CHANGE_ID: '17', GIT_COMMIT: SHA },
    },
    read: { ci: 'Jenkins', run: 'jenkins-shop-PR-17-1', attempt: null, pullRequest: 17, commit: SHA },
    again: { BUILD_TAG: 'jenkins-shop-PR-17-2' },
  },
  {
    first: {
      ...{ BUILDKITE: 'true', BUILDKITE_BUILD_ID: 'b1', BUILDKITE_JOB_ID: 'j1', BUILDKITE_RETRY_COUNT: '0' },
      ...{ BUILDKITE_PIPELINE_SLUG: 'shop', BUILDKITE_LABEL: 'spangate', BUILDKITE_COMMIT: SHA },
      ...{ BUILDKITE_PULL_REQUEST: '17', BUILDKITE_STEP_ID: 's1' },
    },
    read: { ci: 'Buildkite', run: 'b1', attempt: 1, pullRequest: 17, commit: SHA },
    again: { BUILDKITE_JOB_ID: 'j2', BUILDKITE_RETRY_COUNT: '1' },
  },
  {
    first: {
      ...{ CIRCLECI: 'true', CIRCLE_WORKFLOW_ID: 'w1', CIRCLE_BUILD_NUM: '5', CIRCLE_JOB: 'spangate' },
      ...{ CIRCLE_SHA1: SHA, CIRCLE_PULL_REQUEST: 'https://github.com/shop/shop/pull/17' },
    },
    read: { ci: 'CircleCI', run: 'w1', attempt: null, pullRequest: 17, commit: SHA },
    again: { CIRCLE_WORKFLOW_ID: 'w2', CIRCLE_BUILD_NUM: '6' },
  },
  {
    first: {
      ...{ GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: '1', GITHUB_JOB: 'gate' },
      ...{ GITHUB_REF: 'refs/pull/17/merge', GITHUB_SHA: SHA },
    },
    read: { ci: 'GitHub Actions', run: '7', attempt: 1, pullRequest: 17, commit: SHA },
    again: { GITHUB_RUN_ATTEMPT: '2' },
  },
] as const;

describe.each(CASES)('$read.ci', ({ first, read, again }) => {
  test('says which run, attempt, pull request and commit it is', () => {
    expect(ciRun(first)).toMatchObject(read);
  });

  test('names a job that is run again as before', () => {
    const job = ciRun(first)?.job;
    expect(job).not.toEqual([]);
    expect(ciRun({ ...first, ...again })?.job).toEqual(job);
  });
});

test('a branch without a pull request has none, and HEAD is no commit', () => {
  const branch = { BUILDKITE: 'true', BUILDKITE_PULL_REQUEST: 'false', BUILDKITE_COMMIT: 'HEAD' };
  expect(ciRun(branch)).toMatchObject({ run: '', attempt: null, pullRequest: null, commit: null });
});

test('a CI that is not known has a run without a name, and a machine of one’s own none', () => {
  expect(ciRun({ CI: 'true' })).toMatchObject({ ci: 'unknown CI', run: '', job: [] });
  expect(ciRun({})).toBeNull();
});
