/**
 * Files of the work tree as a commit on a branch of our own, for a pull request: where the default branch is protected,
 * nobody pushes to it, and a baseline in a file has to come by review. Work tree, index and branches stay as they are.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT, UserError } from '../errors.ts';
import { askGit, type Git, tellGit } from '../runner/checkout/git.ts';
import { COMMITTER } from './baseline-ref.ts';

export interface Proposal {
  readonly git: Git;
  readonly remote: string;
  /** Name without `refs/heads/`. It is replaced whole, whatever it holds. */
  readonly branch: string;
  /** Files and folders, absolute; those that are not there are left out. */
  readonly paths: readonly string[];
  /** First line of the commit. */
  readonly message: string;
}

/**
 * @returns whether anything differs from the commit that is checked out; where nothing does, nothing is pushed
 * @throws UserError `baseline-branch-refused`
 */
export async function pushProposal(proposal: Proposal): Promise<boolean> {
  const { git, remote, branch, message } = proposal;
  const tree = await writtenTree(proposal);
  if (tree === (await tellGit(git, ['rev-parse', 'HEAD^{tree}'])).trim()) return false;
  const own = { ...git, inherited: { ...git.inherited, ...COMMITTER } };
  const commit = (await tellGit(own, ['commit-tree', '-p', 'HEAD', '-m', message, tree])).trim();
  const ref = `refs/heads/${branch}`;
  const listed = await askGit(git, ['ls-remote', '--quiet', '--', remote, ref]);
  const [before = ''] = listed.output.split('\t');
  const { code, output, errors } = await askGit(git, [
    ...['push', '--quiet', '--no-verify', '--porcelain', `--force-with-lease=${ref}:${before.trim()}`],
    ...[remote, `${commit}:${ref}`],
  ]);
  if (code !== 0) throw refused(proposal, `${output}\n${errors}`);
  return true;
}

/** What is checked out, with these files as they are now. */
async function writtenTree({ git, paths }: Proposal): Promise<string> {
  const index = join(tmpdir(), `spangate-index-${randomBytes(6).toString('hex')}`);
  const own = { ...git, index };
  try {
    await tellGit(own, ['read-tree', 'HEAD']);
    const there = paths.filter((path) => existsSync(path));
    if (there.length > 0) await tellGit(own, ['add', '--force', '--all', '--', ...there]);
    return (await tellGit(own, ['write-tree'])).trim();
  } finally {
    rmSync(index, { force: true });
  }
}

function refused({ remote, branch }: Proposal, said: string): UserError {
  return new UserError({
    code: 'baseline-branch-refused',
    what: `The baseline was measured and not stored: ${remote} refused to take the branch ${branch}.`,
    detail: said
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-8),
    hint: 'May this job write, and does no rule protect that branch? On GitHub Actions: permissions: contents: write.',
    exitCode: EXIT.couldNotMeasure,
  });
}
