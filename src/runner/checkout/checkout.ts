/**
 * One arm of paired mode in a folder of its own: a commit, and for head what is not committed yet, set up by the
 * configured commands.
 *
 * Both arms are such checkouts, also the head whose work tree is at hand, so that nothing but their content tells them
 * apart: paths of equal length (they are in argv, the environment and stack traces, and move the stack), a fresh set-up
 * of the same age, no ignored files that only one of them has, no build that was made in steps. It also keeps what
 * head's set-up and services write out of the user's work tree. Binding one folder over another needs rights that a CI
 * does not give, and a link does not help: Node runs what the link leads to.
 */
import { existsSync } from 'node:fs';
import type { Warning } from '../../measurement.ts';
import type { ProcessRegistry } from '../process-registry.ts';
import { type CheckoutMarker, type CheckoutSlot, CheckoutStore } from './checkout-store.ts';
import { askGit, diskFull, type Git, saysDiskFull } from './git.ts';
import { missingContent } from './missing-content.ts';
import { openRepository, type Repository } from './repository.ts';
import { copyChanges, readChanges, type WorkTreeChanges } from './work-tree-changes.ts';
import { addWorktree } from './worktree.ts';

export interface CheckoutOptions {
  /** A folder of the user's repository. */
  readonly repository: string;
  /** Where checkouts are kept: absolute, outside the work tree. The same for both arms. */
  readonly cacheDirectory: string;
  /** Its signal ends everything, its processes end with spangate. */
  readonly registry: ProcessRegistry;
  /** Environment of spangate. */
  readonly inherited: Git['inherited'];
  /** Folder for logs; it exists. */
  readonly logDirectory: string;
  readonly setUp?: CheckoutSetUp;
  /** How many complete checkouts of the repository stay for later runs; 2 where it is left out, 0 for none. */
  readonly keep?: number;
}

/** What makes a fresh checkout ready to start. */
export interface CheckoutSetUp {
  /** Commands, variables, versions: a checkout that was set up with the same key is not set up again. */
  readonly key: string;
  /** @throws whatever makes the checkout useless; it is removed then */
  run(checkout: { readonly directory: string; readonly commit: string }): Promise<void>;
}

/** Disposed of, it is kept for later runs or removed; it never throws then, and a later run removes what is left. */
export interface Checkout extends AsyncDisposable {
  /** Top of the checkout, without links; of the same length for every checkout of the repository. */
  readonly directory: string;
  readonly commit: string;
  /** Set up by an earlier run. */
  readonly isReused: boolean;
  /** What the checkout lacks: submodules, files of git LFS. */
  readonly warnings: readonly Warning[];
}

export interface CheckoutSource {
  readonly commit: string;
  /** What is not committed, and the work tree that it is in. */
  readonly uncommitted?: { readonly top: string; readonly changes: WorkTreeChanges };
}

/** Enough for the base and a clean head: what is measured again after the next commit. */
const KEPT = 2;

/** @throws UserError as `openRepository` */
export function repositoryOf(options: CheckoutOptions): Promise<Repository> {
  const { repository, inherited, registry } = options;
  return openRepository({ directory: repository, inherited, signal: registry.signal });
}

/**
 * @throws UserError `git-failed`, `disk-full`, `checkouts-in-use`, `cache-in-work-tree`, and what the set-up throws;
 *   the reason of the registry's signal when aborted. Nothing of it is left then.
 */
export async function openCheckout(
  repository: Repository,
  source: CheckoutSource,
  options: CheckoutOptions,
): Promise<Checkout> {
  try {
    const store = new CheckoutStore(options.cacheDirectory, repository);
    await store.sweep();
    const slot = store.take(`${source.commit} ${changesHash(source) ?? ''}`);
    try {
      const reused = await reusable(repository, slot, { source, options });
      const marker = reused ?? (await build(repository, slot, { source, options }));
      slot.markUsed();
      return new StoredCheckout({
        store,
        slot,
        marker,
        isReused: reused !== null,
        keep: kept(source, options),
      });
    } catch (error) {
      await discard(slot);
      throw error;
    }
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw diskFull(options.cacheDirectory, [error.message], error);
  }
}

class StoredCheckout implements Checkout {
  readonly directory: string;
  readonly commit: string;
  readonly isReused: boolean;
  readonly warnings: readonly Warning[];
  readonly #store: CheckoutStore;
  readonly #slot: CheckoutSlot;
  readonly #keep: number;
  #disposal: Promise<void> | null = null;

  constructor(parts: {
    readonly store: CheckoutStore;
    readonly slot: CheckoutSlot;
    readonly marker: CheckoutMarker;
    readonly isReused: boolean;
    readonly keep: number;
  }) {
    this.directory = parts.slot.directory;
    this.commit = parts.marker.commit;
    this.isReused = parts.isReused;
    this.warnings = parts.marker.warnings;
    this.#store = parts.store;
    this.#slot = parts.slot;
    this.#keep = parts.keep;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<void> {
    if (this.#keep === 0) return await discard(this.#slot);
    this.#slot.release();
    await this.#store.evict(this.#keep).catch(() => {});
  }
}

/** A work tree with changes hardly comes back as it is; its checkout is not kept. */
function kept(source: CheckoutSource, { keep = KEPT }: CheckoutOptions): number {
  return changesHash(source) === null ? keep : 0;
}

/** The marker of a checkout that is complete, and whose files are as its set-up left them; else null. */
async function reusable(
  repository: Repository,
  slot: CheckoutSlot,
  { source, options }: { readonly source: CheckoutSource; readonly options: CheckoutOptions },
): Promise<CheckoutMarker | null> {
  const marker = slot.readMarker();
  if (marker === null || !existsSync(slot.directory)) return null;
  const isSame =
    marker.commit === source.commit &&
    marker.changes === changesHash(source) &&
    marker.setUp === (options.setUp?.key ?? null);
  if (!isSame) return null;
  const git = { ...repository.git, directory: slot.directory };
  const head = await askGit(git, ['rev-parse', '--verify', 'HEAD']);
  // Also no where git does not know the folder any more.
  if (head.code !== 0 || head.output.trim() !== source.commit) return null;
  return (await trackedHash(git, source.commit)) === marker.tracked ? marker : null;
}

async function build(
  repository: Repository,
  slot: CheckoutSlot,
  { source, options }: { readonly source: CheckoutSource; readonly options: CheckoutOptions },
): Promise<CheckoutMarker> {
  const { directory } = slot;
  const { commit, uncommitted } = source;
  const git = { ...repository.git, directory };
  await slot.remove();
  await addWorktree(repository, { directory, commit }, options);
  if (uncommitted) await copyChanges(uncommitted.changes, { source: uncommitted.top, target: directory });
  options.registry.signal.throwIfAborted();
  await options.setUp?.run({ directory, commit });
  options.registry.signal.throwIfAborted();
  const marker: CheckoutMarker = {
    version: 1,
    commit,
    changes: changesHash(source),
    setUp: options.setUp?.key ?? null,
    tracked: await trackedHash(git, commit),
    warnings: await missingContent(git),
  };
  slot.writeMarker(marker);
  return marker;
}

function changesHash({ uncommitted }: CheckoutSource): string | null {
  return uncommitted && uncommitted.changes.changes.length > 0 ? uncommitted.changes.hash : null;
}

async function trackedHash(git: Git, commit: string): Promise<string> {
  const { hash } = await readChanges(git, commit, { untracked: false });
  return hash;
}

/** What cannot be removed has no marker, and the next run tries again: it must not hide how this one ended. */
async function discard(slot: CheckoutSlot): Promise<void> {
  try {
    await slot.remove();
  } catch {
    // See above.
  } finally {
    slot.release();
  }
}

function isDiskFull(error: unknown): error is Error {
  if (!(error instanceof Error) || error.name === 'UserError') return false;
  return saysDiskFull([String((error as NodeJS.ErrnoException).code ?? ''), error.message]);
}
