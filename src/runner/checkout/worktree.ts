/** Work trees of our own in the user's repository; those of the user are never touched. */
import { rm } from 'node:fs/promises';
import type { ProcessRegistry } from '../process-registry.ts';
import { askGit, type Git, runGit, tellGit } from './git.ts';
import type { Repository } from './repository.ts';

/**
 * Checks a commit out into a folder that does not exist yet, without a branch and without hooks.
 *
 * @throws UserError `git-failed` or `disk-full`; the reason of the registry's signal when aborted
 */
export async function addWorktree(
  { git }: Repository,
  { directory, commit }: { readonly directory: string; readonly commit: string },
  run: { readonly registry: ProcessRegistry; readonly logDirectory: string },
): Promise<void> {
  await runGit(git, ['worktree', 'add', '--force', '--detach', directory, commit], run);
}

/**
 * Removes the folder and what git remembers of it, whichever of the two is left. Works when the run is aborted.
 *
 * @throws NodeJS.ErrnoException where a file cannot be removed
 */
export async function removeWorktree(repository: Repository, directory: string): Promise<void> {
  const git = cleaning(repository);
  // Twice `--force`: with changed files, and though it may be locked.
  const removal = ['worktree', 'remove', '--force', '--force', directory];
  const { code } = await askGit(git, removal);
  if (code === 0) return;
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  // Git forgets a work tree whose folder is gone; it says no where it never knew this one.
  await askGit(git, removal);
}

/** Folders of all work trees that git remembers, also of those that are gone. */
export async function worktreeFolders(repository: Repository): Promise<readonly string[]> {
  const listing = await tellGit(cleaning(repository), ['worktree', 'list', '--porcelain']);
  return [...listing.matchAll(/^worktree (.*)$/gm)].map((match) => match[1] ?? '');
}

/** From the folder that all work trees share: the one that spangate runs in may be gone by then. */
function cleaning({ git, commonDirectory }: Repository): Git {
  return { directory: commonDirectory, inherited: git.inherited };
}
