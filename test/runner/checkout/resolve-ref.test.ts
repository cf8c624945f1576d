import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EXIT, UserError } from '../../../src/errors.ts';
import { openRepository } from '../../../src/runner/checkout/repository.ts';
import { resolveRef } from '../../../src/runner/checkout/resolve-ref.ts';
import {
  commit,
  createRepository,
  GIT_ENVIRONMENT,
  type GitBench,
  git,
  inShell,
  openGitBench,
} from './git-bench.ts';

let bench: GitBench;
/** Where it is cloned from. */
let origin: string;
let clone: string;

beforeEach(() => {
  bench = openGitBench();
  origin = join(bench.folder, 'origin');
  clone = join(bench.folder, 'clone');
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

async function resolved(directory: string, ref: string, env: Record<string, string> = {}): Promise<string> {
  const inherited = { ...GIT_ENVIRONMENT, ...env };
  return await resolveRef(await openRepository({ directory, inherited }), ref);
}

async function refusal(directory: string, ref: string): Promise<UserError> {
  const error = await resolved(directory, ref).then(
    () => null,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return error;
}

/** Does what the hint says. */
function follow(hint: string | undefined, directory: string): void {
  inShell(directory, /^Run: (.*)$/m.exec(hint ?? '')?.[1] ?? 'false');
}

describe('a ref', () => {
  test('is a branch, a tag, a hash or a beginning of it', async () => {
    const first = createRepository(origin);
    git(origin, 'tag', '--annotate', '--message', 'v1', 'v1');
    commit(origin, { 'server.js': 'second\n' });
    for (const ref of ['v1', 'HEAD^1', 'main~1', first, first.slice(0, 9)]) {
      expect(await resolved(origin, ref), ref).toBe(first);
    }
  });

  test('is the base of a merge commit, on a detached head', async () => {
    createRepository(origin);
    git(origin, 'switch', '--quiet', '--create', 'faster');
    const faster = commit(origin, { 'faster.js': '1\n' });
    git(origin, 'switch', '--quiet', 'main');
    const main = commit(origin, { 'other.js': '1\n' });
    git(origin, 'checkout', '--quiet', '--detach');
    git(origin, 'merge', '--quiet', '--no-ff', '--message', 'merge', 'faster');
    expect(await resolved(origin, 'HEAD^1')).toBe(main);
    expect(await resolved(origin, 'HEAD^2')).toBe(faster);
  });

  test('is found from a folder of the repository, and inside a hook', async () => {
    const first = createRepository(origin, { 'packages/api/server.js': '1\n' });
    const inner = join(origin, 'packages', 'api');
    const other = createRepository(clone);
    expect(await resolved(inner, 'main')).toBe(first);
    // Git sets these for its hooks; they would win over the folder.
    const hook = { GIT_DIR: join(clone, '.git'), GIT_INDEX_FILE: join(clone, '.git', 'index') };
    expect(await resolved(inner, 'main', hook)).toBe(first);
    expect(await resolved(clone, 'main', hook)).toBe(other);
  });

  test.each(['', '  ', '-x', '--upload-pack=touch owned', 'main\nHEAD'])('%j is refused', async (ref) => {
    createRepository(origin);
    expect(await refusal(origin, ref)).toMatchObject({ code: 'ref-refused', exitCode: EXIT.usage });
    expect(existsSync(join(origin, 'owned'))).toBe(false);
  });

  test('is no range and no file', async () => {
    createRepository(origin);
    for (const ref of ['main..main', 'HEAD:server.js']) {
      expect(await refusal(origin, ref)).toMatchObject({ code: 'ref-unknown' });
    }
  });
});

describe('a ref that is not there', () => {
  test('in a repository without a remote: the hint says where to look', async () => {
    createRepository(origin);
    const error = await refusal(origin, 'mian');
    expect(error.message).toBe('This clone knows no commit mian.');
    expect(error.hint).toContain('git branch --all');
  });

  test('was pushed since: the hint fetches it', async () => {
    createRepository(origin);
    git(bench.folder, 'clone', '--quiet', origin, clone);
    git(origin, 'branch', 'release/1.0');
    const error = await refusal(clone, 'origin/release/1.0');
    expect(error).toMatchObject({ code: 'ref-unknown', hint: 'Run: git fetch origin release/1.0' });
    follow(error.hint, clone);
    expect(await resolved(clone, 'origin/release/1.0')).toBe(git(origin, 'rev-parse', 'HEAD'));
  });

  test('is not kept by a clone of one branch: the hint fetches it by its whole name', async () => {
    createRepository(origin);
    git(origin, 'branch', 'other');
    git(bench.folder, 'clone', '--quiet', '--single-branch', origin, clone);
    const error = await refusal(clone, 'other');
    expect(error.hint).toBe(
      'Run: git fetch origin +refs/heads/other:refs/remotes/origin/other\nThen: --against origin/other',
    );
    follow(error.hint, clone);
    expect(await resolved(clone, 'origin/other')).toBe(git(origin, 'rev-parse', 'HEAD'));
  });

  test('is one of the remote alone: the hint names that', async () => {
    createRepository(origin);
    git(origin, 'branch', 'release');
    git(bench.folder, 'clone', '--quiet', origin, clone);
    expect((await refusal(clone, 'release')).hint).toBe('There is origin/release: --against origin/release');
  });

  test('is a parent that the first commit has not', async () => {
    createRepository(origin);
    const error = await refusal(origin, 'HEAD^1');
    expect(error).toMatchObject({ code: 'ref-unknown' });
    expect(error.hint).toContain('HEAD is there, and has no such parent');
  });
});

describe('a shallow clone', () => {
  beforeEach(() => {
    createRepository(origin);
    for (const number of [2, 3, 4]) commit(origin, { 'server.js': `${number}\n` });
    git(origin, 'branch', 'old', 'HEAD~3');
    git(bench.folder, 'clone', '--quiet', '--depth', '1', `file://${origin}`, clone);
  });

  test.each([
    ['HEAD^1', 1, 2],
    ['HEAD~3', 3, 4],
    ['main^^', 2, 3],
  ])('lacks %s: the hint deepens it by %d', async (ref, deepen, depth) => {
    const error = await refusal(clone, ref);
    expect(error).toMatchObject({ code: 'ref-not-fetched', exitCode: EXIT.usage });
    expect(error.hint).toContain(`git fetch --deepen=${deepen} origin`);
    expect(error.hint).toContain(`fetch-depth: ${depth}`);
    follow(error.hint, clone);
    expect(await resolved(clone, ref)).toBe(git(origin, 'rev-parse', ref));
  });

  test('lacks another branch: the hint fetches its newest commit alone', async () => {
    const error = await refusal(clone, 'origin/old');
    expect(error.code).toBe('ref-not-fetched');
    expect(error.hint).toBe('Run: git fetch --depth=1 origin +refs/heads/old:refs/remotes/origin/old');
    follow(error.hint, clone);
    expect(await resolved(clone, 'origin/old')).toBe(git(origin, 'rev-parse', 'old'));
  });

  test('lacks a commit: the hint fetches it by its hash, and asks for the whole of it', async () => {
    const hash = git(origin, 'rev-parse', 'HEAD~2');
    const error = await refusal(clone, hash);
    expect(error.hint).toBe(`Run: git fetch --depth=1 origin ${hash}`);
    follow(error.hint, clone);
    expect(await resolved(clone, hash)).toBe(hash);
    expect((await refusal(clone, git(origin, 'rev-parse', 'HEAD~3').slice(0, 10))).hint).toContain(
      'whole hash',
    );
  });

  test('of a merge commit, as a CI checks it out, is deepened to both parents', async () => {
    git(origin, 'switch', '--quiet', '--create', 'faster', 'HEAD~1');
    commit(origin, { 'faster.js': '1\n' });
    git(origin, 'switch', '--quiet', '--detach', 'main');
    git(origin, 'merge', '--quiet', '--no-ff', '--message', 'merge', 'faster');
    git(origin, 'update-ref', 'refs/pull/7/merge', 'HEAD');
    rmSync(clone, { recursive: true });
    mkdirSync(clone);
    git(clone, 'init', '--quiet');
    git(clone, 'remote', 'add', 'origin', `file://${origin}`);
    git(clone, 'fetch', '--quiet', '--depth=1', 'origin', '+refs/pull/7/merge:refs/remotes/pull/7/merge');
    git(clone, 'checkout', '--quiet', '--force', 'refs/remotes/pull/7/merge');
    const error = await refusal(clone, 'HEAD^1');
    follow(error.hint, clone);
    expect(await resolved(clone, 'HEAD^1')).toBe(git(origin, 'rev-parse', 'main'));
  });
});

describe('a folder', () => {
  test('that is in no repository is named', async () => {
    expect(await refusal(bench.folder, 'main')).toMatchObject({
      code: 'not-a-repository',
      where: bench.folder,
      exitCode: EXIT.usage,
    });
    expect(await refusal(join(bench.folder, 'missing'), 'main')).toMatchObject({ code: 'not-a-repository' });
  });

  test('of a repository that git does not trust gets the command that does', async () => {
    createRepository(origin);
    const inherited = { ...GIT_ENVIRONMENT, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' };
    await expect(openRepository({ directory: origin, inherited })).rejects.toMatchObject({
      code: 'repository-not-trusted',
      hint: `In a container that is harmless: git config --global --add safe.directory ${origin}`,
    });
  });

  test('cannot be asked where there is no git', async () => {
    createRepository(origin);
    await expect(
      openRepository({ directory: origin, inherited: { PATH: '/nonexistent' } }),
    ).rejects.toMatchObject({
      code: 'git-missing',
    });
  });
});
