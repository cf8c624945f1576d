import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ancestryOf } from '../../src/runner/ancestry.ts';

let folder: string;
let repository: string;
const commits: Record<string, string> = {};

const IDENTITY = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b',
};

function git(...args: string[]): string {
  const env = { PATH: process.env.PATH, HOME: folder, ...IDENTITY };
  return execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8', env, stdio: 'pipe' }).trim();
}

function commit(name: string): void {
  git('commit', '--quiet', '--allow-empty', '-m', name);
  commits[name] = git('rev-parse', 'HEAD');
}

/** main: m1 - m2 - m3 - m4; feature from m1: f1 - merge of m3 - f2. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spangate-test-'));
  repository = join(folder, 'repository');
  execFileSync('git', ['init', '--quiet', '-b', 'main', repository]);
  for (const name of ['m1', 'm2', 'm3']) commit(name);
  git('tag', 'v1.0.0', commits.m2 ?? '');
  git('checkout', '--quiet', '-b', 'feature', commits.m1 ?? '');
  commit('f1');
  git('merge', '--quiet', '--no-ff', '-m', 'merge', commits.m3 ?? '');
  commit('f2');
  git('checkout', '--quiet', 'main');
  commit('m4');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const ask = (name: string, directory = repository) => ancestryOf({ directory, inherited: process.env }, name);

describe('the ancestry of a commit', () => {
  test('counts the steps to each ancestor, and knows no others', async () => {
    const { sha, distances, isShallow } = (await ask('main')) ?? expect.fail('no ancestry');
    expect(sha).toBe(commits.m4);
    expect(Object.entries(commits).map(([name, each]) => [name, distances.get(each)])).toEqual([
      ['m1', 3],
      ['m2', 2],
      ['m3', 1],
      ['f1', undefined],
      ['f2', undefined],
      ['m4', 0],
    ]);
    expect(isShallow).toBe(false);
  });

  test('goes by the shortest way where main was merged into a feature', async () => {
    const ancestry = await ask('feature');
    expect(
      ['f2', 'f1', 'm3', 'm2', 'm1'].map((name) => ancestry?.distances.get(commits[name] ?? '')),
    ).toEqual([0, 2, 2, 3, 3]);
  });

  test.each(['v1.0.0', 'm2'])('is known of a tag and of an abbreviated commit: %s', async (name) => {
    const ancestry = await ask(name === 'm2' ? (commits.m2 ?? '').slice(0, 8) : name);
    expect(ancestry?.sha).toBe(commits.m2);
  });

  test('is said to be cut in a shallow clone', async () => {
    const clone = join(folder, 'shallow');
    execFileSync('git', ['clone', '--quiet', '--depth', '2', `file://${repository}`, clone], {
      stdio: 'pipe',
    });
    const ancestry = await ask('HEAD', clone);
    expect(ancestry?.isShallow).toBe(true);
    expect([...(ancestry?.distances.keys() ?? [])]).toContain(commits.m3);
    expect(ancestry?.distances.get(commits.m1 ?? '')).toBeUndefined();
  });

  test.each([
    ['no such commit', 'no-such-branch', () => repository],
    ['an option in place of a name', '--all', () => repository],
    ['no repository', 'HEAD', () => folder],
    ['no folder', 'HEAD', () => join(folder, 'nowhere')],
  ])('is null where there is %s', async (_, name, directory) => {
    expect(await ask(name, directory())).toBeNull();
  });
});
