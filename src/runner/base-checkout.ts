/** The arms of paired mode: base, which a ref names, and head, which is the work tree as it is now. */
import { homedir } from 'node:os';
import { EXIT, UserError } from '../errors.ts';
import type { Warning } from '../measurement.ts';
import { cacheFolder } from './cache-folder.ts';
import { type Checkout, type CheckoutOptions, openCheckout, repositoryOf } from './checkout/checkout.ts';
import { tellGit } from './checkout/git.ts';
import { workTreeOf } from './checkout/repository.ts';
import { resolveRef } from './checkout/resolve-ref.ts';
import { readChanges } from './checkout/work-tree-changes.ts';

export interface BaseCheckoutOptions extends CheckoutOptions {
  /** Whatever names a commit for git: `origin/main`, `HEAD^1`, a hash. */
  readonly ref: string;
}

export interface BaseCheckout extends Checkout {
  /** As it was given. */
  readonly ref: string;
}

export interface HeadCheckout extends Checkout {
  /** Whether there is anything in it that is not committed. */
  readonly isDirty: boolean;
  /** The work tree that it was copied from. */
  readonly source: string;
}

/**
 * @throws UserError `ref-refused`, `ref-unknown`, `ref-not-fetched` (with the fetch command), `not-a-repository`,
 *   `repository-not-trusted`, and as `openCheckout`; the reason of the registry's signal when aborted
 */
export async function checkOutBase(options: BaseCheckoutOptions): Promise<BaseCheckout> {
  const { ref } = options;
  const repository = await repositoryOf(options);
  const commit = await resolveRef(repository, ref);
  const checkout = await openCheckout(repository, { commit }, options);
  return extended(checkout, { ref });
}

/**
 * The commit of the work tree, with all that is changed, staged or new on top of it. Files that git ignores are left
 * out, as base has none either: what a service needs of them, its set-up has to make.
 *
 * @throws UserError as `checkOutBase`, `not-a-work-tree`, `no-commit`, `work-tree-changed` where a file is written to
 *   meanwhile
 */
export async function checkOutHead(options: CheckoutOptions): Promise<HeadCheckout> {
  const repository = await repositoryOf(options);
  const top = workTreeOf(repository);
  const git = { ...repository.git, directory: top };
  const commit = await headCommit(git, top);
  const changes = await readChanges(git, commit, { untracked: true });
  const checkout = await openCheckout(repository, { commit, uncommitted: { top, changes } }, options);
  const warnings = [...checkout.warnings, ...repositoryWarnings(changes.repositories)];
  return extended(checkout, { isDirty: changes.changes.length > 0, source: top, warnings });
}

/** `$XDG_CACHE_HOME/spangate/checkouts`, by default below `~/.cache`. */
export function checkoutCacheDirectory(
  env: Readonly<Record<string, string | undefined>>,
  home: string = homedir(),
): string {
  return cacheFolder('checkouts', env, home);
}

async function headCommit(git: Parameters<typeof tellGit>[0], top: string): Promise<string> {
  try {
    return (await tellGit(git, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).trim();
  } catch (cause) {
    if (!(cause instanceof UserError) || cause.code !== 'git-failed') throw cause;
    throw new UserError({
      code: 'no-commit',
      what: 'This repository has no commit yet.',
      where: top,
      hint: 'Commit, and compare with that: spangate gate --against HEAD',
      exitCode: EXIT.usage,
      cause,
    });
  }
}

function repositoryWarnings(repositories: readonly string[]): readonly Warning[] {
  if (repositories.length === 0) return [];
  return [
    {
      code: 'repositories-not-copied',
      message: `Changes in these submodules or repositories inside the work tree are not measured: ${repositories.join(', ')}. Commit them there, and their new state here.`,
    },
  ];
}

/** The same checkout, with more to tell. */
function extended<More extends object>(checkout: Checkout, more: More): Checkout & More {
  const { directory, commit, isReused, warnings } = checkout;
  return {
    ...{ directory, commit, isReused, warnings },
    ...more,
    [Symbol.asyncDispose]: () => checkout[Symbol.asyncDispose](),
  };
}
