import { existsSync, lstatSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkOutBase } from '../../../src/runner/base-checkout.ts';
import { openPreparedBase, preparedSetUp } from '../../../src/runner/checkout/prepared-set-up.ts';
import {
  commit,
  createRepository,
  GIT_ENVIRONMENT,
  type GitBench,
  git,
  openGitBench,
  write,
} from './git-bench.ts';

let bench: GitBench;
let repository: string;
/** As `git worktree add` in an earlier step makes it. */
let prepared: string;
let first: string;

beforeEach(() => {
  bench = openGitBench();
  repository = join(bench.folder, 'shop');
  prepared = join(bench.folder, 'elsewhere/base');
  first = createRepository(repository, { '.gitignore': 'node_modules\n' });
  commit(repository, { 'server.js': 'second\n' });
  git(repository, 'worktree', 'add', '--quiet', '--detach', prepared, 'HEAD^1');
  write(prepared, { 'node_modules/money/index.js': 'set up\n', 'built.js': 'built\n' });
});

afterEach(() => bench[Symbol.asyncDispose]());

const open = () => openPreparedBase({ directory: prepared, inherited: GIT_ENVIRONMENT });

async function checkedOut(ref = 'HEAD^1', key = 'one') {
  const setUp = preparedSetUp(await open(), key);
  return await checkOutBase({ ...bench.options(repository, { setUp }), ref });
}

test('a base that is set up is copied into a checkout of its own, with what git does not know', async () => {
  symlinkSync('money', join(prepared, 'node_modules/linked'));
  await using base = await checkedOut();
  const read = (path: string) => readFileSync(join(base.directory, path), 'utf8');
  expect(base.commit).toBe(first);
  expect([read('server.js'), read('node_modules/money/index.js'), read('built.js')]).toEqual([
    'first\n',
    'set up\n',
    'built\n',
  ]);
  expect(readlinkSync(join(base.directory, 'node_modules/linked'))).toBe('money');
  // It is still the checkout's own.
  expect(git(base.directory, 'rev-parse', '--show-toplevel')).toBe(base.directory);
  expect(git(prepared, 'rev-parse', 'HEAD')).toBe(first);
});

test('a clone does as well as a work tree of the same repository', async () => {
  const clone = join(bench.folder, 'clone');
  git(bench.folder, 'clone', '--quiet', repository, clone);
  git(clone, 'checkout', '--quiet', 'HEAD^1');
  write(clone, { 'node_modules/money/index.js': 'cloned\n' });
  prepared = clone;
  await using base = await checkedOut();
  expect(readFileSync(join(base.directory, 'node_modules/money/index.js'), 'utf8')).toBe('cloned\n');
  expect(lstatSync(join(base.directory, '.git')).isFile()).toBe(true);
});

test('what it had in an earlier run is not taken for what it has now', async () => {
  await (await checkedOut())[Symbol.asyncDispose]();
  write(prepared, { 'node_modules/money/index.js': 'set up again\n' });
  await using base = await checkedOut('HEAD^1', 'two');
  expect(readFileSync(join(base.directory, 'node_modules/money/index.js'), 'utf8')).toBe('set up again\n');
});

test('another commit is refused with both', async () => {
  const error = await checkedOut('HEAD').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'base-path-other-commit',
    message: expect.stringContaining(first.slice(0, 10)),
    where: prepared,
    hint: expect.stringContaining('Check that commit out there'),
  });
  expect(existsSync(join(prepared, 'server.js'))).toBe(true);
});

test('one whose set-up has changed a file of the commit is refused', async () => {
  write(prepared, { 'server.js': 'patched\n' });
  await expect(open()).rejects.toMatchObject({
    code: 'base-path-changed',
    message: expect.stringContaining('1 file that differs from its commit'),
    hint: expect.stringContaining('Check it out anew'),
  });
});

test('a folder that is no repository is told', async () => {
  prepared = join(bench.folder, 'logs');
  await expect(open()).rejects.toMatchObject({ code: 'not-a-repository' });
});
