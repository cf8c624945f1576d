import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BasePlan, findBase } from '../../../src/runner/checkout/find-base.ts';
import { ciBase } from '../../../src/runner/ci-base.ts';
import { FakeOrigin, git } from '../../action/fake-origin.ts';

const SHOP = join(import.meta.dirname, '../../action/fixtures/shop');

let origin: FakeOrigin;

beforeEach(() => {
  origin = new FakeOrigin(SHOP);
});

afterEach(() => origin[Symbol.dispose]());

const find = (directory: string, plan: BasePlan) =>
  findBase({ git: { directory, inherited: { PATH: process.env.PATH, HOME: origin.folder } }, plan });

const messagesSince = (base: string, clone: string) =>
  git(clone, ['log', '--format=%s', `${base}..HEAD`]).split('\n');

/** A branch of three commits, while main went on by one. */
function branched(): { readonly began: string; readonly head: string; readonly main: string } {
  const began = origin.git('rev-parse', 'HEAD');
  origin.git('checkout', '--quiet', '-b', 'change');
  const head = ['one', 'two', 'three'].map((name) => origin.commit(name)).at(-1) ?? '';
  origin.push('change');
  origin.git('checkout', '--quiet', 'main');
  const main = origin.commit('main went on');
  origin.push('main');
  origin.git('checkout', '--quiet', 'change');
  return { began, head, main };
}

describe('of a merge commit in a clone of depth 1', () => {
  test('base is its first parent, and the messages of the change are there', async () => {
    const { head, main } = branched();
    const merge = origin.mergeRef(1, 'change');
    const plan = { kind: 'merged-into', branch: 'main', commits: 3, merge, change: head } as const;
    for (const depth of [1, 2]) {
      const clone = origin.checkout(merge, depth);
      expect(await find(clone, plan)).toEqual({ sha: main, how: 'the first parent of the merge commit' });
      expect(messagesSince(main, clone)).toEqual([expect.stringContaining('Merge'), 'three', 'two', 'one']);
    }
  });

  test('a merge that the job has made is not that of the CI, and the change is not its own base', async () => {
    const { head, main } = branched();
    const merge = origin.mergeRef(1, 'change');
    const clone = origin.checkout(head, null);
    git(clone, ['fetch', '--quiet', 'origin', 'main']);
    git(clone, ['merge', '--quiet', '--no-edit', 'FETCH_HEAD']);
    expect(git(clone, ['rev-parse', 'HEAD^1'])).toBe(head);
    const plan = { kind: 'merged-into', branch: 'main', commits: 3, merge, change: head } as const;
    expect(await find(clone, plan)).toEqual({ sha: main, how: 'where HEAD left main' });
  });

  test('a merge that the change itself has made says nothing of its target', async () => {
    const { main } = branched();
    origin.git('merge', '--quiet', '--no-edit', 'main');
    const head = origin.commit('after the merge');
    origin.push('change');
    const merge = origin.git('rev-parse', 'HEAD^1');
    const plan = { kind: 'merged-into', branch: 'main', commits: 5 } as const;
    for (const sha of [head, merge]) {
      const found = await find(origin.checkout(sha), { ...plan, merge: sha, change: sha });
      expect(found).toEqual({ sha: main, how: 'where HEAD left main' });
    }
  });
});

test('of a branch, base is where it began, which is fetched in steps', async () => {
  const { began, head } = branched();
  for (let n = 0; n < 30; n += 1) origin.commit(`more ${n}`);
  const newest = origin.git('rev-parse', 'HEAD');
  origin.push('change');
  for (const sha of [head, newest]) {
    const found = await find(origin.checkout(sha), { kind: 'branched-from', branch: 'main' });
    expect(found.sha).toBe(began);
  }
});

test('of a merge queue, base is the commit that the event names', async () => {
  const { main } = branched();
  const clone = origin.checkout(origin.mergeRef(2, 'change'));
  expect((await find(clone, { kind: 'commit', sha: main })).sha).toBe(main);
  expect(messagesSince(main, clone)).toEqual([expect.stringContaining('Merge'), 'three', 'two', 'one']);
});

test('a target that went on since it was fetched is fetched again, and is told where that fails', async () => {
  const { began, main } = branched();
  origin.git('merge', '--quiet', '--no-edit', 'main');
  origin.push('change');
  const clone = origin.checkout(origin.git('rev-parse', 'HEAD'), null);
  git(clone, ['update-ref', 'refs/remotes/origin/main', began]);
  git(clone, ['remote', 'set-url', 'origin', `${origin.url}.gone`]);
  expect(await find(clone, { kind: 'branched-from', branch: 'main' })).toEqual({
    sha: began,
    how: 'where HEAD left main, as main was here: it could not be fetched',
  });
  git(clone, ['remote', 'set-url', 'origin', origin.url]);
  expect((await find(clone, { kind: 'branched-from', branch: 'main' })).sha).toBe(main);
});

test('what is nowhere is told with what to set', async () => {
  const clone = origin.checkout(origin.git('rev-parse', 'HEAD'));
  await expect(find(clone, { kind: 'commit', sha: 'a'.repeat(40) })).rejects.toMatchObject({
    code: 'base-not-found',
    hint: expect.stringContaining('fetch-depth: 0'),
  });
  await expect(find(clone, { kind: 'parent' })).rejects.toMatchObject({ code: 'base-not-found' });
  await expect(find(clone, { kind: 'branched-from', branch: 'gone' })).rejects.toMatchObject({
    code: 'base-not-found',
    detail: expect.arrayContaining([expect.stringContaining('gone')]),
  });
});

test('a branch whose name looks like an option is no option', async () => {
  const clone = origin.checkout(origin.git('rev-parse', 'HEAD'));
  const plan = { kind: 'branched-from', branch: '--upload-pack=touch owned' } as const;
  await expect(find(clone, plan)).rejects.toMatchObject({ code: 'base-not-found' });
  expect(git(clone, ['status', '--porcelain'])).toBe('');
});

describe('a CI says what a change is merged into', () => {
  const sha = 'b'.repeat(40);
  const cases: readonly (readonly [string, Record<string, string>, BasePlan | null])[] = [
    [
      'GitHub, on a pull request',
      {
        GITHUB_ACTIONS: 'true',
        GITHUB_BASE_REF: 'main',
        GITHUB_SHA: sha,
        GITHUB_REF: 'refs/pull/17/merge',
      },
      { kind: 'merged-into', branch: 'main', commits: 50, merge: sha },
    ],
    [
      'Gitea, whose commit is that of the change',
      {
        GITHUB_ACTIONS: 'true',
        GITEA_ACTIONS: 'true',
        GITHUB_BASE_REF: 'main',
        GITHUB_SHA: sha,
        GITHUB_REF: 'refs/pull/17/head',
      },
      { kind: 'branched-from', branch: 'main' },
    ],
    [
      'GitHub, where it does not say which commit is the merge',
      { GITHUB_ACTIONS: 'true', GITHUB_BASE_REF: 'main' },
      { kind: 'branched-from', branch: 'main' },
    ],
    ['GitHub, on a push', { GITHUB_ACTIONS: 'true' }, { kind: 'parent' }],
    [
      'GitLab, for merged results',
      {
        GITLAB_CI: 'true',
        CI_MERGE_REQUEST_TARGET_BRANCH_SHA: sha,
        CI_MERGE_REQUEST_DIFF_BASE_SHA: 'c'.repeat(40),
      },
      { kind: 'commit', sha },
    ],
    ['GitLab', { GITLAB_CI: 'true', CI_MERGE_REQUEST_DIFF_BASE_SHA: sha }, { kind: 'commit', sha }],
    [
      'Buildkite',
      { BUILDKITE: 'true', BUILDKITE_PULL_REQUEST_BASE_BRANCH: 'main' },
      { kind: 'branched-from', branch: 'main' },
    ],
    ['Jenkins', { JENKINS_URL: 'x', CHANGE_TARGET: 'main' }, { kind: 'branched-from', branch: 'main' }],
    [
      'Azure Pipelines',
      { TF_BUILD: 'True', SYSTEM_PULLREQUEST_TARGETBRANCH: 'refs/heads/main' },
      { kind: 'branched-from', branch: 'main' },
    ],
    ['CircleCI, which does not', { CIRCLECI: 'true', CIRCLE_BRANCH: 'change' }, null],
    ['nobody', {}, null],
  ];

  test.each(cases)('%s', (_, env, plan) => {
    expect(ciBase(env)).toEqual(plan);
  });
});
