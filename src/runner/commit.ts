/** Which commit is measured, as git tells it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Commit } from '../measurement.ts';

/** A repository on a slow network drive; nothing waits for it longer. */
const TIMEOUT_MS = 10_000;

/**
 * @param env environment of spangate: on a CI the work tree has no branch, and its variables name it
 * @returns null where there is no git, no repository or no commit yet
 */
export async function readCommit(
  directory: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Commit | null> {
  const sha = await git(directory, ['rev-parse', '--verify', 'HEAD']);
  if (sha === null) return null;
  const [branch, status] = await Promise.all([
    git(directory, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
    // Files that git does not know are left out: logs and builds would make every work tree dirty.
    git(directory, ['status', '--porcelain', '--untracked-files=no', '--', ':/', ':(top,exclude).spangate']),
  ]);
  return { sha, branch: branch ?? ciBranch(env), dirty: status === null || status !== '' };
}

/** Source branch of a pull request, or the branch that was pushed. */
function ciBranch(env: Readonly<Record<string, string | undefined>>): string | null {
  const names = [
    'GITHUB_HEAD_REF',
    'GITHUB_REF_NAME',
    'CI_MERGE_REQUEST_SOURCE_BRANCH_NAME',
    'CI_COMMIT_BRANCH',
    'BUILDKITE_BRANCH',
    'CIRCLE_BRANCH',
    'CHANGE_BRANCH',
    'BRANCH_NAME',
  ];
  return names.map((name) => env[name]).find(Boolean) ?? null;
}

async function git(directory: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', args, {
      cwd: directory,
      timeout: TIMEOUT_MS,
      // `git status` writes the index otherwise, and gets in the way of a git of the user's.
      env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' },
    });
    return stdout.trim();
  } catch {
    return null;
  }
}
