/**
 * Whether head has the same content as base, so that there is nothing to measure.
 *
 * The whole repository counts, not the folder of the service alone: a service takes code from folders beside its own
 * (workspaces, `../shared`, a root lockfile), and no list of them is complete for all languages. A list that lacks
 * one would let a regression pass unmeasured; a folder too many costs a minute. Left out is what no service runs:
 * documentation, settings of editors, and those of the CI, which drive base and head alike.
 */
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Git } from './checkout/git.ts';
import { openRepository, workTreeOf } from './checkout/repository.ts';
import { resolveRef } from './checkout/resolve-ref.ts';
import { changedPaths } from './checkout/work-tree-changes.ts';

export interface SameContentOptions {
  /** A folder of the work tree of head. */
  readonly repository: string;
  /** Whatever names a commit for git. */
  readonly base: string;
  readonly inherited: Git['inherited'];
  readonly signal: AbortSignal;
  /**
   * Absolute files and folders: only these count. To be given where somebody vouches that nothing else is run; the
   * configuration file has to be among them, since limits and load are read from it.
   */
  readonly only?: readonly string[];
}

export interface ContentIdentity {
  /** True where `changed` is empty. */
  readonly same: boolean;
  /** Commit of base. */
  readonly base: string;
  /** Paths below the top of the work tree that differ, uncommitted and untracked ones too. Sorted. */
  readonly changed: readonly string[];
  /** Paths that differ and do not count. Sorted. */
  readonly ignored: readonly string[];
}

/**
 * Compares the files of the work tree with the commit of base; files that git ignores are not looked at.
 *
 * @throws UserError as `resolveRef` and `openRepository`; `not-a-work-tree` in a bare repository
 */
export async function sameContent(options: SameContentOptions): Promise<ContentIdentity> {
  const { inherited, signal } = options;
  const repository = await openRepository({ directory: options.repository, inherited, signal });
  const base = await resolveRef(repository, options.base);
  const top = workTreeOf(repository);
  const paths = await changedPaths({ ...repository.git, directory: top }, base, { untracked: true });
  const isListed = listedBy(options.only, top);
  const counts = (path: string) => isListed(path) && !isForPeople(path);
  const changed = paths.filter(counts);
  return { same: changed.length === 0, base, changed, ignored: paths.filter((path) => !counts(path)) };
}

const NAMES_FOR_PEOPLE =
  /(^|\/)(readme|changelog|changes|contributing|code_of_conduct|security|support|licen[cs]e|notice|authors|maintainers|codeowners)(\.(md|txt|rst|adoc))?$/i;
const DOCUMENTATION = /^docs?\/.*\.(md|mdx|txt|rst|adoc|png|jpe?g|gif|svg|webp)$/i;
const SETTINGS_OF_TOOLS =
  /^(\.github|\.gitlab|\.gitea|\.forgejo|\.circleci|\.buildkite|\.vscode|\.idea|\.changeset)\/|^(\.gitlab-ci\.yml|\.editorconfig)$/;
/** Stored baselines and the last run. */
const OWN = /(^|\/)\.spangate\//;

function isForPeople(path: string): boolean {
  return [NAMES_FOR_PEOPLE, DOCUMENTATION, SETTINGS_OF_TOOLS, OWN].some((pattern) => pattern.test(path));
}

function listedBy(only: readonly string[] | undefined, top: string): (path: string) => boolean {
  if (only === undefined) return () => true;
  const roots = only.map(withoutLinks);
  return (path) => {
    const full = resolve(top, path);
    return roots.some((root) => full === root || full.startsWith(root === '/' ? root : `${root}/`));
  };
}

/** As the top of the work tree is written. */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
