/** Baselines that are files, on a branch of their own for a pull request. */
import { dirname } from 'node:path';
import { pushProposal } from '../ref-store/proposed-branch.ts';
import { openRepository } from '../runner/checkout/repository.ts';
import type { World } from '../world.ts';

export interface BaselineBranch {
  readonly branch: string;
  /** Files and folders, absolute. */
  readonly files: readonly string[];
  readonly message: string;
}

/** @returns false where they are as they are committed. @throws UserError as `pushProposal` */
export async function pushBaselineBranch(
  { cwd, env, gitEnv, signal }: World,
  { branch, files, message }: BaselineBranch,
): Promise<boolean> {
  const directory = files[0] === undefined ? cwd : dirname(files[0]);
  const { git } = await openRepository({ directory, inherited: { ...env, ...gitEnv }, signal });
  return await pushProposal({ git, remote: 'origin', branch, paths: files, message });
}
