/**
 * The workflows of README and docs as they stand there, run by nektos/act. Needs `act` on the PATH, and Node 24, by which
 * GitHub's runner starts the action.
 */
import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeGitHub } from '../action/fake-github.ts';
import { FakeOrigin, git, pullRequestPayload, pushPayload } from '../action/fake-origin.ts';
import { BundledAction } from '../action/fake-runner.ts';
import { ActRunner, requireAct, type WorkflowOutcome } from './act-runner.ts';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const SHOP = join(REPOSITORY, 'test/action/fixtures/shop');
const README = documented('README.md', /^on: pull_request$/m);
const CACHED = documented('docs/github-action.md', /actions\/cache/);
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
  act = new ActRunner({
    'owner/spangate@v1': action.folder,
    'actions/cache@v6': join(import.meta.dirname, 'cache'),
  });
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

interface Run {
  readonly workflow: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly from?: FakeOrigin;
}

/**
 * As deep as the workflow asks for, with the ref that actions/checkout writes. act copies files, so without any ref
 * the folder `.git/refs` would be missing in its workspace.
 */
function cloneOf(sha: string, ref: string, { workflow, from = origin }: Run): string {
  const clone = from.checkout(sha, Number(/fetch-depth: (\d+)/.exec(workflow)?.[1] ?? 1));
  git(clone, ['update-ref', ref, sha]);
  return clone;
}

/** Opens a pull request with that change, and runs the workflow on it. */
async function pullRequest(change: (text: string) => string, run: Run): Promise<WorkflowOutcome> {
  const { workflow, env, from = origin } = run;
  from.git('checkout', '--quiet', '-B', 'change', 'main');
  from.edit('server.mjs', change);
  const headSha = from.commit('change');
  from.push('change');
  const clone = cloneOf(from.mergeRef(1, 'change'), 'refs/remotes/pull/1/merge', run);
  from.git('checkout', '--quiet', 'main');
  const payload = { number: 1, ...pullRequestPayload({ number: 1, headSha, commits: 1 }) };
  return await act.run(github, { workflow, ...(env && { env }), event: 'pull_request', payload, clone });
}

/** Runs the workflow as a push to main does. */
async function push(run: Run): Promise<WorkflowOutcome> {
  const { workflow, env, from = origin } = run;
  const sha = from.git('rev-parse', 'main');
  const clone = cloneOf(sha, 'refs/remotes/origin/main', run);
  const payload = { ...pushPayload(), after: sha, deleted: false };
  return await act.run(github, { workflow, ...(env && { env }), event: 'push', payload, clone });
}

const harmless = (text: string) => text.replace("'{}'", "'[]'");
const worse = (text: string) => text.replace('lookUps = 1', 'lookUps = 3');

describe('the workflow of README', () => {
  test('is green for a pull request that changes nothing that is measured, and says so in a comment', async () => {
    const run = await pullRequest(harmless, { workflow: README });
    expect(run, run.log).toMatchObject({ code: 0, jobs: { gate: 'success' }, survivors: [] });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toMatch(/✅ pass: \d+ rows unchanged in 1 operation/);
  });

  test('is red for an N+1 query, and names it in the comment', async () => {
    const run = await pullRequest(worse, { workflow: README });
    expect(run, run.log).toMatchObject({ code: 1, jobs: { gate: 'failure' }, survivors: [] });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain(
      '❌ fail: `order`: calls of `GET localhost/stock` in `shop` 1 -> 3 a request (N+1: was constant, is constant)',
    );
  });

  test('does not run on a push', async () => {
    const run = await push({ workflow: README });
    expect(run.jobs, run.log).toEqual({});
    expect(github.requests).toEqual([]);
  });
});

describe('the workflow of a stored baseline', () => {
  test('records on a push to main, with the job record alone', async () => {
    const run = await push({ workflow: RECORDED });
    expect(run, run.log).toMatchObject({ code: 0, survivors: [] });
    expect(run.jobs).toEqual({ record: 'success' });
    expect(origin.git('ls-remote', 'origin', 'refs/spangate/baselines')).toMatch(/^[0-9a-f]{40}\t/);
  });

  test('compares a pull request with what was recorded, with the job gate alone', async () => {
    const run = await pullRequest(worse, { workflow: RECORDED });
    expect(run, run.log).toMatchObject({ code: 1, survivors: [] });
    expect(run.jobs).toEqual({ gate: 'failure' });
    expect(github.comments[0]?.body).toContain('N+1');
  });
});

describe('the workflow of a base that is set up already', () => {
  test('installs the packages of base once, on main, and a pull request compares with that', async () => {
    using own = new FakeOrigin(SHOP);
    cpSync(join(import.meta.dirname, 'fixtures/packages'), own.work, { recursive: true });
    own.edit('server.mjs', (text) => `import { answer } from 'stock';\n${text.replace("'{}'", 'answer')}`);
    own.edit('spangate.yml', (text) =>
      text.replace('shop: node server.mjs', 'shop: { start: node server.mjs, setup: npm ci }'),
    );
    own.commit('packages');
    own.push('main');
    const log = join(own.folder, 'installed');
    const installed = () => readFileSync(log, 'utf8').trim().split('\n');
    const env = { INSTALLED: log, FAKE_CACHE: join(own.folder, 'cache'), npm_config_audit: 'false' };

    const pushed = await push({ workflow: CACHED, env, from: own });
    expect(pushed, pushed.log).toMatchObject({ code: 0, jobs: { gate: 'success' } });
    expect(installed()).toEqual([expect.stringMatching(/\/base$/)]);
    expect(github.requests).toEqual([]);

    const run = await pullRequest(worse, { workflow: CACHED, env, from: own });
    expect(run, run.log).toMatchObject({ code: 1, jobs: { gate: 'failure' }, survivors: [] });
    expect(github.comments[0]?.body).toContain('(N+1: was constant, is constant)');
    // That of head, in its own checkout.
    expect(installed().slice(1)).toEqual([expect.not.stringMatching(/\/base$/)]);
  });
});
