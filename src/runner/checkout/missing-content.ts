/** What git does not put into a checkout by itself: submodules, and files of git LFS where that is not installed. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Warning } from '../../measurement.ts';
import { askGit, type Git, tellGit } from './git.ts';

/** Names in one sentence; there may be hundreds. */
const MOST_NAMES = 5;

/** @param git runs at the top of the checkout */
export async function missingContent(git: Git): Promise<readonly Warning[]> {
  const submodules = await emptySubmodules(git);
  const pointers = await largeFilePointers(git);
  const warnings: Warning[] = [];
  if (submodules.length > 0) {
    warnings.push({
      code: 'submodules-empty',
      message: `These submodules are not in the checkout: ${named(submodules)}. If a service needs them, begin its "setup" with: git submodule update --init --recursive.`,
    });
  }
  if (pointers.length > 0) {
    warnings.push({
      code: 'lfs-pointers',
      message: `These files hold only pointers of git LFS: ${named(pointers)}. Install git LFS (on GitHub Actions: actions/checkout with lfs: true), or begin "setup" with: git lfs pull.`,
    });
  }
  return warnings;
}

async function emptySubmodules(git: Git): Promise<readonly string[]> {
  if (!existsSync(join(git.directory, '.gitmodules'))) return [];
  const entries = (await tellGit(git, ['ls-files', '--stage', '-z'])).split('\0');
  return entries
    .filter((entry) => entry.startsWith('160000 '))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1))
    .filter((path) => isEmpty(join(git.directory, path)));
}

async function largeFilePointers(git: Git): Promise<readonly string[]> {
  const attributes = [':(top,glob)**/.gitattributes'];
  // No match is exit code 1, as is an error that does not matter here.
  const { code } = await askGit(git, ['grep', '-q', '-e', 'filter=lfs', '--', ...attributes]);
  if (code !== 0) return [];
  const found = await askGit(git, ['grep', '-l', '-z', '-e', '^version https://git-lfs.github.com/spec/v1']);
  return found.output.split('\0').filter((path) => path !== '');
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return true;
  }
}

function named(paths: readonly string[]): string {
  const more = paths.length - MOST_NAMES;
  const first = paths.slice(0, MOST_NAMES).join(', ');
  return more > 0 ? `${first} and ${more} more` : first;
}
