/** The workflows of README and docs as they stand there, run by nektos/act. Needs `act` on the PATH, and Node 24 as GitHub's runner. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeGitHub } from '../action/fake-github.ts';
import { FakeOrigin, git, pullRequestPayload, pushPayload } from '../action/fake-origin.ts';
import { BundledAction } from '../action/fake-runner.ts';
import { ActRunner, requireAct, type WorkflowOutcome } from './act-runner.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const SHOP = join(REPOSITORY, 'test/action/fixtures/shop');
const README = documented('README.md', /^on: pull_request$/m);
const RECORDED = documented('docs/github-action.md', /mode: record/);

/** The one workflow of that page that matches. */
function documented(page: string, what: RegExp): string {
  const text = readFileSync(join(REPOSITORY, page), 'utf8');
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  const [found, ...others] = blocks.filter((block) => block.includes('\njobs:') && what.test(block));
  if (found === undefined || others.length > 0) throw new Error(`${page} has not one workflow of ${what}`);
  return found;
}

let action: BundledAction;
let origin: FakeOrigin;
let github: FakeGitHub;
let act: ActRunner;

beforeAll(() => {
  requireAct();
  action = new BundledAction();
  origin = new FakeOrigin(SHOP);
  act = new ActRunner({ 'owner/spangate@v1': action.folder });
  return () => {
    act[Symbol.dispose]();
    origin[Symbol.dispose]();
    action[Symbol.dispose]();
  };
});

beforeEach(async () => {
  github = await new FakeGitHub().listen();
  return () => github[Symbol.asyncDispose]();
});

/**
 * Of depth 1, with the ref that actions/checkout writes. act copies files, so without any ref the folder `.git/refs`
 * would be missing in its workspace.
 */
function cloneOf(sha: string, ref: string): string {
  const clone = origin.checkout(sha);
  git(clone, ['update-ref', ref, sha]);
  return clone;
}

/** Opens a pull request with that change, and runs the workflow on it. */
async function pullRequest(workflow: string, change: (text: string) => string): Promise<WorkflowOutcome> {
  origin.git('checkout', '--quiet', '-B', 'change', 'main');
  origin.edit('server.mjs', change);
  const headSha = origin.commit('change');
  origin.push('change');
  const clone = cloneOf(origin.mergeRef(1, 'change'), 'refs/remotes/pull/1/merge');
  origin.git('checkout', '--quiet', 'main');
  const payload = { number: 1, ...pullRequestPayload({ number: 1, headSha, commits: 1 }) };
  return await act.run(github, { workflow, event: 'pull_request', payload, clone });
}

const harmless = (text: string) => text.replace("'{}'", "'[]'");
const worse = (text: string) => text.replace('lookUps = 1', 'lookUps = 3');

describe('the workflow of README', () => {
  test('is green for a pull request that changes nothing that is measured, and says so in a comment', async () => {
    const run = await pullRequest(README, harmless);
    expect(run, run.log).toMatchObject({ code: 0, jobs: { gate: 'success' }, survivors: [] });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toMatch(/✅ pass: \d+ rows unchanged in 1 operation/);
  });

  test('is red for an N+1 query, and names it in the comment', async () => {
    const run = await pullRequest(README, worse);
    expect(run, run.log).toMatchObject({ code: 1, jobs: { gate: 'failure' }, survivors: [] });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain(
      '❌ fail: `order`: calls of `GET localhost/stock` in `shop` 1 -> 3 a request (N+1: was constant, is constant)',
    );
  });

  test('does not run on a push', async () => {
    const clone = cloneOf(origin.git('rev-parse', 'main'), 'refs/remotes/origin/main');
    const run = await act.run(github, { workflow: README, event: 'push', payload: pushPayload(), clone });
    expect(run, run.log).toMatchObject({ jobs: {} });
    expect(github.requests).toEqual([]);
  });
});

describe('the workflow of a stored baseline', () => {
  test('records on a push to main, with the job record alone', async () => {
    const sha = origin.git('rev-parse', 'main');
    const payload = { ...pushPayload(), after: sha, deleted: false };
    const clone = cloneOf(sha, 'refs/remotes/origin/main');
    const run = await act.run(github, { workflow: RECORDED, event: 'push', payload, clone });
    expect(run, run.log).toMatchObject({ code: 0, survivors: [] });
    expect(run.jobs).toEqual({ record: 'success' });
    expect(origin.git('ls-remote', 'origin', 'refs/spangate/baselines')).toMatch(/^[0-9a-f]{40}\t/);
  });

  test('compares a pull request with what was recorded, with the job gate alone', async () => {
    const run = await pullRequest(RECORDED, worse);
    expect(run, run.log).toMatchObject({ code: 1, survivors: [] });
    expect(run.jobs).toEqual({ gate: 'failure' });
    expect(github.comments[0]?.body).toContain('N+1');
  });
});
