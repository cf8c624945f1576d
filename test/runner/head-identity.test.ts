import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SameContentOptions, sameContent } from '../../src/runner/head-identity.ts';
import {
  commit,
  createRepository,
  GIT_ENVIRONMENT,
  type GitBench,
  git,
  openGitBench,
  stateOf,
  write,
} from './checkout/git-bench.ts';

let bench: GitBench;
let repository: string;

beforeEach(() => {
  bench = openGitBench();
  repository = join(bench.folder, 'project');
  createRepository(repository, {
    '.gitignore': 'node_modules\n',
    'package-lock.json': '{}\n',
    'README.md': 'read\n',
    'docs/guide.md': 'read\n',
    'api/server.js': '1\n',
    'api/templates/mail.md': 'Dear\n',
    'lib/money.js': '1\n',
    'spangate.yml': 'services: {}\n',
  });
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

function compared(base = 'HEAD', more: Partial<SameContentOptions> = {}) {
  const { signal } = bench.registry;
  return sameContent({ repository, base, inherited: GIT_ENVIRONMENT, signal, ...more });
}

test('a clean work tree has the content of its commit', async () => {
  expect(await compared()).toEqual({
    same: true,
    base: git(repository, 'rev-parse', 'HEAD'),
    changed: [],
    ignored: [],
  });
});

test('a new commit with the same files has the same content', async () => {
  commit(repository, { 'api/server.js': '2\n' });
  commit(repository, { 'api/server.js': '1\n' });
  expect(await compared('HEAD~2')).toMatchObject({ same: true });
  expect(await compared('HEAD^1')).toMatchObject({ same: false, changed: ['api/server.js'] });
});

test('a file that was only touched is the same', async () => {
  const later = new Date(Date.now() + 60_000);
  utimesSync(join(repository, 'api/server.js'), later, later);
  const before = stateOf(repository);
  expect(await compared()).toMatchObject({ same: true });
  expect(stateOf(repository)).toEqual(before);
});

test('ignored files, documentation and settings of the CI make no difference, and are named where git sees them', async () => {
  write(repository, { 'node_modules/a.js': '1', 'README.md': 'new\n', 'docs/guide.md': 'new\n' });
  commit(repository, { '.github/workflows/ci.yml': 'on: push\n', 'api/CHANGELOG.md': 'new\n' });
  write(repository, { '.spangate/baseline.json': '{}' });
  expect(await compared('HEAD^1')).toMatchObject({
    same: true,
    ignored: [
      '.github/workflows/ci.yml',
      '.spangate/baseline.json',
      'README.md',
      'api/CHANGELOG.md',
      'docs/guide.md',
    ],
  });
});

const CHANGES: [string, string, () => void][] = [
  ['a file of the service', 'api/server.js', () => write(repository, { 'api/server.js': '2\n' })],
  [
    'a text that the service may send',
    'api/templates/mail.md',
    () => write(repository, { 'api/templates/mail.md': 'Hi\n' }),
  ],
  ['a folder beside the service', 'lib/money.js', () => write(repository, { 'lib/money.js': '2\n' })],
  ['the lockfile', 'package-lock.json', () => write(repository, { 'package-lock.json': '{"a":1}\n' })],
  ['the configuration', 'spangate.yml', () => write(repository, { 'spangate.yml': 'limits: {}\n' })],
  ['a new file', 'api/new.js', () => write(repository, { 'api/new.js': '1' })],
  ['a file that is gone', 'lib/money.js', () => rmSync(join(repository, 'lib/money.js'))],
  ['a mode', 'api/server.js', () => chmodSync(join(repository, 'api/server.js'), 0o755)],
  [
    'a file that became a link',
    'lib/money.js',
    () => {
      rmSync(join(repository, 'lib/money.js'));
      symlinkSync('../api/server.js', join(repository, 'lib/money.js'));
    },
  ],
  [
    'a staged change',
    'api/server.js',
    () => {
      write(repository, { 'api/server.js': '2\n' });
      git(repository, 'add', '--all');
    },
  ],
  [
    'a file that git was told not to look at',
    'api/server.js',
    () => {
      write(repository, { 'api/server.js': '2\n' });
      git(repository, 'update-index', '--assume-unchanged', 'api/server.js');
    },
  ],
];

test.each(CHANGES)('%s makes a difference', async (_, path, change) => {
  change();
  expect(await compared()).toMatchObject({ same: false, changed: [path] });
});

test('a sparse work tree is the same, but for a skipped file that is there', async () => {
  git(repository, 'sparse-checkout', 'set', 'api');
  expect(await compared()).toMatchObject({ same: true });
  write(repository, { 'lib/money.js': '2\n' });
  expect(await compared()).toMatchObject({ same: false, changed: ['lib/money.js'] });
});

test('only what is listed counts, where somebody vouches for it', async () => {
  write(repository, { 'lib/money.js': '2\n' });
  const only = [join(repository, 'api'), join(repository, 'spangate.yml')];
  expect(await compared('HEAD', { only })).toMatchObject({ same: true, ignored: ['lib/money.js'] });
  write(repository, { 'spangate.yml': 'limits: {}\n' });
  expect(await compared('HEAD', { only })).toMatchObject({ same: false, changed: ['spangate.yml'] });
});

test('an unknown base, a bare repository and an abort are no answer', async () => {
  await expect(compared('nowhere')).rejects.toMatchObject({ code: 'ref-unknown' });
  const bare = join(bench.folder, 'bare.git');
  git(bench.folder, 'clone', '--quiet', '--bare', repository, bare);
  await expect(compared('HEAD', { repository: bare })).rejects.toMatchObject({ code: 'not-a-work-tree' });
  mkdirSync(join(bench.folder, 'plain'));
  await expect(compared('HEAD', { repository: join(bench.folder, 'plain') })).rejects.toMatchObject({
    code: 'not-a-repository',
  });
  bench.abort.abort('SIGINT');
  await expect(compared()).rejects.toBe('SIGINT');
});
