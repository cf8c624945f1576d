/** More history for a shallow clone, in steps. */
import { askGit, type Git } from './git.ts';
import { openRepository } from './repository.ts';

/** Whoever needs more sets the depth of the clone. */
const STEPS = [20, 80, 300] as const;

/** Fetches until `isEnough`, or there is no more; a fetch that fails is no fault, since less will have to do. */
export async function deepenedUntil(
  git: Git,
  remote: string,
  isEnough: () => Promise<boolean>,
): Promise<void> {
  for (const step of STEPS) {
    const { isShallow, git: top } = await openRepository(git);
    if (!isShallow || (await isEnough())) return;
    const { output } = await askGit(top, ['rev-parse', 'HEAD']);
    const options = ['--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head'];
    await askGit(top, ['fetch', ...options, `--deepen=${step}`, remote, output.trim()]);
  }
}
