/**
 * How a work tree differs from a commit, uncommitted and untracked files too, and a copy of just that. Nothing is
 * written to the repository: no commit, no stash, no object, no index.
 */
import { createHash } from 'node:crypto';
import { constants, createReadStream, type Stats } from 'node:fs';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readlink,
  realpath,
  rm,
  symlink,
  utimes,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';
import { type Git, tellGit } from './git.ts';

export type WorkTreeChange =
  /** Was in the commit, and is no file any more. */
  | { readonly path: string; readonly kind: 'gone' }
  | { readonly path: string; readonly kind: 'file'; readonly mode: number; readonly hash: string }
  | { readonly path: string; readonly kind: 'link'; readonly target: string };

export interface WorkTreeChanges {
  /** Sorted by path. */
  readonly changes: readonly WorkTreeChange[];
  /** Of all changes and their contents; the same for the same content. */
  readonly hash: string;
  /** Submodules and other repositories inside this one that differ: their content is not looked at. */
  readonly repositories: readonly string[];
}

/**
 * @param git runs at the top of the work tree
 * @param options.untracked whether files count that git does not know and does not ignore
 */
export async function readChanges(
  git: Git,
  commit: string,
  options: { readonly untracked: boolean },
): Promise<WorkTreeChanges> {
  const changes: WorkTreeChange[] = [];
  const repositories: string[] = [];
  for (const path of await changedPaths(git, commit, options)) {
    const change = await describe(git.directory, path);
    if (change === 'repository') repositories.push(path.replace(/\/$/, ''));
    else changes.push(change);
  }
  const hash = createHash('sha256')
    .update(JSON.stringify([changes, repositories]))
    .digest('hex');
  return { changes, hash, repositories };
}

/** Paths below the top that may differ from the commit, sorted; those of other repositories may end in a slash. */
export async function changedPaths(
  git: Git,
  commit: string,
  { untracked }: { readonly untracked: boolean },
): Promise<readonly string[]> {
  const paths = new Set(await differing(git, commit));
  for (const path of await hiddenPaths(git)) paths.add(path);
  if (untracked) {
    const others = await tellGit(git, ['ls-files', '--others', '--exclude-standard', '-z']);
    for (const path of zeroSeparated(others)) paths.add(path);
  }
  return [...paths].sort();
}

/**
 * Makes the files of `target`, a checkout of the same commit, those of `source`.
 *
 * @throws UserError `work-tree-changed` where a file is another one by now than when the changes were read
 */
export async function copyChanges(
  { changes }: WorkTreeChanges,
  { source, target }: { readonly source: string; readonly target: string },
): Promise<void> {
  // First: a folder may stand now where a file or a link was.
  for (const { path, kind } of changes) {
    if (kind === 'gone') await rm(join(target, path), { recursive: true, force: true });
  }
  for (const change of changes) {
    if (change.kind === 'gone') continue;
    const to = join(target, change.path);
    await mkdir(dirname(to), { recursive: true });
    await refuseOutside(dirname(to), target);
    await rm(to, { recursive: true, force: true });
    if (change.kind === 'link') {
      await symlink(change.target, to);
      continue;
    }
    // Shares the blocks of the disk where the file system can.
    await copyFile(join(source, change.path), to, constants.COPYFILE_FICLONE).catch(
      changedMeanwhile(change.path),
    );
    await chmod(to, change.mode);
    if ((await hashOf(to)) !== change.hash) throw changed(change.path);
  }
}

/**
 * `git diff` writes the index, whatever it is told, where a file was touched and not changed. So it gets a copy. Git
 * looks at the content of files that are as new as the index: the copy must not be newer.
 */
async function differing(git: Git, commit: string): Promise<readonly string[]> {
  const index = resolve(git.directory, (await tellGit(git, ['rev-parse', '--git-path', 'index'])).trimEnd());
  const folder = await mkdtemp(join(tmpdir(), 'spangate-index-'));
  try {
    const copy = join(folder, 'index');
    const written = await statusOf(index);
    if (written !== null) {
      await copyFile(index, copy);
      const second = Math.floor(written.mtimeMs / 1000);
      await utimes(copy, second, second);
    }
    const comparison = ['--name-only', '-z', '--no-renames', '--no-ext-diff', '--ignore-submodules=none'];
    return zeroSeparated(await tellGit({ ...git, index: copy }, ['diff', ...comparison, commit, '--']));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Files that git was told not to look at: `assume-unchanged`, and `skip-worktree` where they are there all the same.
 * Whoever marked them usually did so because they are changed.
 */
async function hiddenPaths(git: Git): Promise<readonly string[]> {
  const entries = zeroSeparated(await tellGit(git, ['ls-files', '-v', '-z']));
  const hidden: string[] = [];
  for (const entry of entries) {
    const tag = entry.slice(0, 1);
    const path = entry.slice(2);
    if (tag === 'H') continue;
    const isSkipped = tag.toUpperCase() === 'S';
    const isAssumed = tag !== tag.toUpperCase();
    if (isSkipped ? (await statusOf(join(git.directory, path))) !== null : isAssumed) hidden.push(path);
  }
  return hidden;
}

async function describe(top: string, path: string): Promise<WorkTreeChange | 'repository'> {
  const full = join(top, path);
  const status = await statusOf(full);
  if (status?.isSymbolicLink()) return { path, kind: 'link', target: await readlink(full) };
  if (status?.isFile()) {
    const hash = await hashOf(full).catch(unreadable(path));
    return { path, kind: 'file', mode: status.mode & 0o777, hash };
  }
  // Git lists a folder only where that is a repository, or a file of the commit was in its place.
  if (status?.isDirectory() && (path.endsWith('/') || (await statusOf(join(full, '.git'))) !== null)) {
    return 'repository';
  }
  return { path, kind: 'gone' };
}

async function statusOf(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
}

/** A link on the way would have the copy written to where it points. */
async function refuseOutside(folder: string, target: string): Promise<void> {
  const real = await realpath(folder);
  const top = await realpath(target);
  if (real !== top && !real.startsWith(top + sep)) throw new Error(`${folder} leads out of ${target}`);
}

function zeroSeparated(text: string): readonly string[] {
  return text.split('\0').filter((part) => part !== '');
}

function unreadable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new UserError({
      code: 'work-tree-unreadable',
      what: `The file ${path} of the work tree cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      hint: 'Check its permissions, or name it in .gitignore if the service does not need it.',
      exitCode: EXIT.couldNotMeasure,
      cause,
    });
  };
}

function changedMeanwhile(path: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    throw error.code === 'ENOENT' ? changed(path) : error;
  };
}

function changed(path: string): UserError {
  return new UserError({
    code: 'work-tree-changed',
    what: `The work tree was changed while it was copied: ${path}`,
    hint: 'Start again, and let nothing write to the work tree for the first seconds.',
    exitCode: EXIT.couldNotMeasure,
  });
}
