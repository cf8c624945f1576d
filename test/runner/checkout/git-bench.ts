/** What tests of checkouts share: real repositories in a folder of their own, and a look at all that must not change. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { CheckoutOptions } from '../../../src/runner/checkout/checkout.ts';
import { createProcessRegistry, type ProcessRegistry } from '../../../src/runner/process-registry.ts';

/** Without settings of whoever runs the tests. */
export const GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 't',
  GIT_AUTHOR_EMAIL: 't@example.org',
  GIT_COMMITTER_NAME: 't',
  GIT_COMMITTER_EMAIL: 't@example.org',
};

export function git(directory: string, ...args: readonly string[]): string {
  return execFileSync('git', args, {
    cwd: directory,
    env: GIT_ENVIRONMENT,
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();
}

/** Runs a command as a user would who copies it from a hint. */
export function inShell(directory: string, command: string): void {
  execFileSync('/bin/sh', ['-c', command], { cwd: directory, env: GIT_ENVIRONMENT, stdio: 'pipe' });
}

export function write(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

/** A repository with one commit on `main`. */
export function createRepository(directory: string, files: Readonly<Record<string, string>> = {}): string {
  mkdirSync(directory, { recursive: true });
  git(directory, 'init', '--quiet', '--initial-branch', 'main');
  return commit(directory, { 'server.js': 'first\n', ...files });
}

/** @returns the hash */
export function commit(directory: string, files: Readonly<Record<string, string>>): string {
  write(directory, files);
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--allow-empty', '--message', 'change');
  return git(directory, 'rev-parse', 'HEAD');
}

export interface GitBench extends AsyncDisposable {
  readonly folder: string;
  readonly cache: string;
  readonly registry: ProcessRegistry;
  readonly abort: AbortController;
  options(repository: string, more?: Partial<CheckoutOptions>): CheckoutOptions;
}

let benches = 0;

/** @param name of the folder in which everything is */
export function openGitBench(name = 'bench'): GitBench {
  const outer = mkdtempSync(join(realpathSync(tmpdir()), 'spangate-test-'));
  const folder = join(outer, name);
  const logDirectory = join(folder, 'logs');
  mkdirSync(logDirectory, { recursive: true });
  const abort = new AbortController();
  benches += 1;
  const registry = createProcessRegistry({ runId: `git${process.pid}n${benches}`, signal: abort.signal });
  const cache = join(folder, 'cache');
  return {
    folder,
    cache,
    registry,
    abort,
    options: (repository, more = {}) => ({
      ...{ repository, cacheDirectory: cache, registry, inherited: GIT_ENVIRONMENT, logDirectory },
      ...more,
    }),
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      rmSync(outer, { recursive: true });
    },
  };
}

/** Hashes of all files below a folder, without `.git` of the top. */
export function filesOf(directory: string, below = ''): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of readdirSync(join(directory, below)).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    if (path === '.git') continue;
    const full = join(directory, path);
    const status = lstatSync(full);
    if (status.isSymbolicLink()) files[path] = `link ${readlinkSync(full)}`;
    else if (status.isDirectory()) Object.assign(files, filesOf(directory, path));
    else files[path] = `${(status.mode & 0o111).toString(8)} ${hashOf(full)}`;
  }
  return files;
}

/** Everything of the user's that a checkout must leave as it is: files, index, branches, stash, settings. */
export function stateOf(directory: string): unknown {
  const gitDirectory = git(directory, 'rev-parse', '--absolute-git-dir');
  const common = resolve(directory, git(directory, 'rev-parse', '--git-common-dir'));
  return {
    // Read first: `git status` may write the index.
    index: hashOf(join(gitDirectory, 'index')),
    head: readFileSync(join(gitDirectory, 'HEAD'), 'utf8'),
    config: readFileSync(join(common, 'config'), 'utf8'),
    status: git(directory, '--no-optional-locks', 'status', '--porcelain=v2', '--branch', '--ignored'),
    refs: git(directory, 'for-each-ref'),
    stash: git(directory, 'stash', 'list'),
    reflog: git(directory, 'reflog'),
    objects: git(directory, 'count-objects', '-v'),
    files: filesOf(directory),
  };
}

export function worktreesOf(directory: string): readonly string[] {
  const listing = git(directory, 'worktree', 'list', '--porcelain');
  return [...listing.matchAll(/^worktree (.*)$/gm)].map((match) => match[1] ?? '');
}

/** Names of the checkouts in the cache; nothing else may be there but what names it. */
export function checkoutsIn(cache: string): readonly string[] {
  if (!existsSync(cache)) return [];
  return readdirSync(cache).flatMap((id) =>
    readdirSync(join(cache, id)).filter((name) => !name.endsWith('.json') && name !== 'repository.txt'),
  );
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}
