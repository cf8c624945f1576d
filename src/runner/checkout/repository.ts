/** The repository that a folder belongs to. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';
import { askGit, type Git, tellGit } from './git.ts';

export interface Repository {
  /** Runs in `top`, or in the repository itself where that is bare. */
  readonly git: Git;
  /** Folder of the work tree, without links; null in a bare repository. */
  readonly top: string | null;
  /** The folder of git that all work trees of the repository share, without links. */
  readonly commonDirectory: string;
  readonly isShallow: boolean;
}

/** @throws UserError `not-a-repository`, `repository-not-trusted`, `git-missing` */
export async function openRepository(git: Git): Promise<Repository> {
  const { directory } = git;
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) throw notARepository(directory);
  // Without `--path-format`, which older versions of git do not know: what is relative is relative to the folder.
  const { code, output, errors } = await askGit(git, [
    'rev-parse',
    '--git-common-dir',
    '--is-shallow-repository',
    '--is-inside-work-tree',
  ]);
  if (code !== 0) throw refused(directory, errors);
  const [common = '', shallow, inside] = output.split('\n');
  const top = inside === 'true' ? (await tellGit(git, ['rev-parse', '--show-toplevel'])).trim() : null;
  const commonDirectory = realpathSync(resolve(directory, common));
  return {
    git: { ...git, directory: top ?? commonDirectory },
    top: top === null ? null : realpathSync(top),
    commonDirectory,
    isShallow: shallow === 'true',
  };
}

/** @throws UserError `not-a-work-tree` in a bare repository */
export function workTreeOf({ top, commonDirectory }: Repository): string {
  if (top !== null) return top;
  throw new UserError({
    code: 'not-a-work-tree',
    what: 'This repository is bare: it has no files of head to run.',
    where: commonDirectory,
    hint: 'Run spangate in a work tree of it: git worktree add <folder>',
    exitCode: EXIT.usage,
  });
}

function refused(directory: string, errors: string): UserError {
  const lines = errors.split('\n').filter((line) => line.trim() !== '');
  if (!/dubious ownership|unsafe repository/.test(errors)) return notARepository(directory, lines);
  return new UserError({
    code: 'repository-not-trusted',
    what: 'git does not read this repository, since it belongs to another user.',
    where: directory,
    detail: lines,
    hint: `In a container that is harmless: git config --global --add safe.directory ${directory}`,
    exitCode: EXIT.usage,
  });
}

function notARepository(directory: string, detail: readonly string[] = []): UserError {
  return new UserError({
    code: 'not-a-repository',
    what: 'This folder is in no git repository, so there is no base to compare with.',
    where: directory,
    detail,
    hint: 'Run spangate in a clone (on a CI: after the checkout step), or compare two folders: spangate ab <base> <head>',
    exitCode: EXIT.usage,
  });
}
