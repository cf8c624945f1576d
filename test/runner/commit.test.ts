import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readCommit } from '../../src/runner/commit.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spangate-test-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

function git(...args: readonly string[]): string {
  const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
  return execFileSync('git', [...identity, ...args], {
    cwd: directory,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

function repository(): string {
  git('init', '--initial-branch', 'main');
  mkdirSync(join(directory, '.spangate'));
  writeFileSync(join(directory, 'server.js'), '1\n');
  writeFileSync(join(directory, '.spangate', 'baseline.json'), '{}\n');
  git('add', '--all');
  git('commit', '--message', 'first');
  return git('rev-parse', 'HEAD');
}

test('a clean work tree has a commit and a branch', async () => {
  const sha = repository();
  expect(await readCommit(directory, {})).toEqual({ sha, branch: 'main', dirty: false });
});

test('a change makes it dirty', async () => {
  repository();
  writeFileSync(join(directory, 'server.js'), '2\n');
  expect(await readCommit(directory, {})).toMatchObject({ dirty: true });
});

test('neither a new baseline nor a file that git does not know makes it dirty', async () => {
  repository();
  writeFileSync(join(directory, '.spangate', 'baseline.json'), '{"id": 2}\n');
  writeFileSync(join(directory, 'trace.log'), '');
  expect(await readCommit(directory, {})).toMatchObject({ dirty: false });
});

test('a folder of the repository has the commit of the whole', async () => {
  const sha = repository();
  mkdirSync(join(directory, 'packages', 'api'), { recursive: true });
  writeFileSync(join(directory, 'server.js'), '2\n');
  expect(await readCommit(join(directory, 'packages', 'api'), {})).toEqual({
    sha,
    branch: 'main',
    dirty: true,
  });
});

test('a detached head, as on a CI, has the branch that the CI names', async () => {
  const sha = repository();
  git('checkout', '--detach');
  expect(await readCommit(directory, {})).toEqual({ sha, branch: null, dirty: false });
  expect(
    await readCommit(directory, { GITHUB_REF_NAME: '12/merge', GITHUB_HEAD_REF: 'faster' }),
  ).toMatchObject({
    branch: 'faster',
  });
});

test('there is none before the first commit, nor without a repository, nor without a folder', async () => {
  expect(await readCommit(directory, {})).toBeNull();
  git('init');
  expect(await readCommit(directory, {})).toBeNull();
  expect(await readCommit(join(directory, 'missing'), {})).toBeNull();
});
