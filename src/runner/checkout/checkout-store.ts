/**
 * The folder in which the checkouts of one repository lie, beside one another, under names of equal length. Each is
 * used by one run at a time; those that were set up stay for later runs, the newest of them.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { EXIT, UserError } from '../../errors.ts';
import type { Warning } from '../../measurement.ts';
import { type CheckoutLock, takeLock } from './checkout-lock.ts';
import type { Repository } from './repository.ts';
import { removeWorktree, worktreeFolders } from './worktree.ts';

/** Written when a checkout is complete and set up; without it, a folder is a left-over. */
export interface CheckoutMarker {
  readonly version: 1;
  readonly commit: string;
  /** Hash of the changes on top of the commit; null where there are none. */
  readonly changes: string | null;
  /** `CheckoutSetUp.key`; null where nothing was set up. */
  readonly setUp: string | null;
  /** Hash of what the set-up changed in files of the commit. */
  readonly tracked: string;
  readonly warnings: readonly Warning[];
}

/** A place for one checkout, for this run alone. */
export interface CheckoutSlot {
  readonly directory: string;
  readMarker(): CheckoutMarker | null;
  writeMarker(marker: CheckoutMarker): void;
  /** Those that were used last stay. There is a marker. */
  markUsed(): void;
  /** Removes marker, folder and work tree. */
  remove(): Promise<void>;
  /** Lets other runs have it. */
  release(): void;
}

/** More runs at once on one machine would measure one another. */
const MOST_SLOTS = 10;
const SLOT_NAME = /^[0-9a-f]{16}-\d$/;
/** Temporary files are renamed in a moment; an older one is a left-over. */
const TEMPORARY_AGE_MS = 10 * 60 * 1000;

export class CheckoutStore {
  /** Without links, so that it is what git and Node call it. */
  readonly folder: string;
  readonly #repository: Repository;

  /** @throws UserError `cache-in-work-tree` */
  constructor(cacheDirectory: string, repository: Repository) {
    this.#repository = repository;
    const id = createHash('sha256').update(repository.commonDirectory).digest('hex').slice(0, 12);
    mkdirSync(cacheDirectory, { recursive: true, mode: 0o700 });
    this.folder = join(realpathSync(cacheDirectory), id);
    refuseWorkTree(this.folder, repository);
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(this.folder, OWNER_FILE), `${repository.commonDirectory}\n`);
  }

  /**
   * The first free place for this content. Another run that has the same content in use, and the other arm of this
   * one, keep theirs.
   *
   * @throws UserError `checkouts-in-use`
   */
  take(content: string): CheckoutSlot {
    const key = createHash('sha256').update(content).digest('hex').slice(0, 16);
    for (let number = 0; number < MOST_SLOTS; number += 1) {
      const slot = this.#tryTake(`${key}-${number}`);
      if (slot !== null) return slot;
    }
    throw new UserError({
      code: 'checkouts-in-use',
      what: `${MOST_SLOTS} runs use a checkout of the same commit at this moment.`,
      where: this.folder,
      hint: 'Wait for them; runs at the same time on one machine measure one another. If none is running, remove that folder.',
      exitCode: EXIT.couldNotMeasure,
    });
  }

  /** Removes what killed runs left: folders without a marker, and work trees that git remembers without a folder. */
  async sweep(): Promise<void> {
    const remembered = (await worktreeFolders(this.#repository)).filter(
      (folder) => dirname(folder) === this.folder && !existsSync(folder),
    );
    const names = new Set([...this.#names(), ...remembered.map((folder) => basename(folder))]);
    for (const name of names) {
      const slot = SLOT_NAME.test(name) ? this.#tryTake(name) : null;
      if (slot === null) continue;
      try {
        if (slot.readMarker() === null || !existsSync(slot.directory)) await slot.remove();
      } catch (error) {
        // Such as files of a container that ran as root: they lie in no other run's way.
        if (!(error instanceof UserError)) throw error;
      } finally {
        slot.release();
      }
    }
    this.#removeTemporaries();
    await this.#sweepNeighbours();
  }

  /** Removes complete checkouts that nobody uses, but for the `keep` that were used last. */
  async evict(keep: number): Promise<void> {
    const complete = this.#names()
      .map((name) => ({ name, used: modified(join(this.folder, `${name}.json`)) }))
      .filter((entry): entry is { name: string; used: number } => entry.used !== null)
      .sort((left, right) => right.used - left.used);
    for (const { name } of complete.slice(keep)) {
      const slot = this.#tryTake(name);
      if (slot === null) continue;
      try {
        await slot.remove();
      } finally {
        slot.release();
      }
    }
  }

  #tryTake(name: string): CheckoutSlot | null {
    const directory = join(this.folder, name);
    const lock = takeLock(`${directory}.lock`);
    return lock === null ? null : new Slot(this.#repository, directory, lock);
  }

  #names(): readonly string[] {
    return readdirSync(this.folder).filter((name) => SLOT_NAME.test(name));
  }

  #removeTemporaries(): void {
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      const written = name.endsWith('.tmp') ? modified(path) : null;
      if (written !== null && Date.now() - written > TEMPORARY_AGE_MS) rmSync(path, { force: true });
    }
  }

  /**
   * Checkouts of clones that are gone, or were moved: git knows nothing of them any more. A clone that cannot be seen
   * from here may be that of another container with the same cache, so what was used lately stays.
   */
  async #sweepNeighbours(): Promise<void> {
    const cacheDirectory = dirname(this.folder);
    for (const name of readdirSync(cacheDirectory)) {
      const folder = join(cacheDirectory, name);
      const owner = /^[0-9a-f]{12}$/.test(name) ? readText(join(folder, OWNER_FILE))?.trim() : undefined;
      if (owner === undefined || owner === '' || existsSync(owner) || wasUsedLately(folder)) continue;
      await rm(folder, { recursive: true, force: true }).catch(() => {});
    }
  }
}

/** Whoever comes back to a clone does so within days; until then its checkouts cost but room. */
const NEIGHBOUR_AGE_MS = 7 * 24 * 3600 * 1000;

/** Each run writes the owner when it begins, so what is in use was used lately too. */
function wasUsedLately(folder: string): boolean {
  const written = modified(join(folder, OWNER_FILE));
  return written !== null && Date.now() - written < NEIGHBOUR_AGE_MS;
}

/** By the file system: the files belong to somebody else, or cannot be written. */
function isRefused(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS', 'EBUSY'].includes((error as NodeJS.ErrnoException)?.code ?? '');
}

/** Holds the path of the repository that the checkouts belong to. */
const OWNER_FILE = 'repository.txt';

class Slot implements CheckoutSlot {
  readonly directory: string;
  readonly #repository: Repository;
  readonly #lock: CheckoutLock;

  constructor(repository: Repository, directory: string, lock: CheckoutLock) {
    this.directory = directory;
    this.#repository = repository;
    this.#lock = lock;
  }

  readMarker(): CheckoutMarker | null {
    try {
      const marker: Partial<CheckoutMarker> = JSON.parse(readFileSync(this.#markerPath, 'utf8'));
      return marker.version === 1 ? (marker as CheckoutMarker) : null;
    } catch {
      return null;
    }
  }

  writeMarker(marker: CheckoutMarker): void {
    const temporary = `${this.#markerPath}.${randomBytes(4).toString('hex')}.tmp`;
    writeFileSync(temporary, JSON.stringify(marker));
    renameSync(temporary, this.#markerPath);
  }

  async remove(): Promise<void> {
    // First: half a folder must not pass for a whole one.
    rmSync(this.#markerPath, { force: true });
    try {
      await removeWorktree(this.#repository, this.directory);
    } catch (error) {
      if (isRefused(error)) throw cannotRemove(this.directory, error);
      throw error;
    }
  }

  markUsed(): void {
    const now = new Date();
    utimesSync(this.#markerPath, now, now);
  }

  release(): void {
    this.#lock[Symbol.dispose]();
  }

  get #markerPath(): string {
    return `${this.directory}.json`;
  }
}

function cannotRemove(directory: string, error: unknown): UserError {
  return new UserError({
    code: 'checkout-not-removable',
    what: `What an earlier run left cannot be removed: ${(error as Error).message}.`,
    where: directory,
    hint: 'Remove that folder, as the user that its files belong to. A container that writes into a checkout should run as the user who runs spangate.',
    exitCode: EXIT.couldNotMeasure,
  });
}

/**
 * Below the work tree, Node and npm would look for what base lacks in the folders above, and find that of head:
 * `npm ci` in a folder without a package.json works on the one above.
 */
function refuseWorkTree(folder: string, { top }: Repository): void {
  if (top === null || !`${folder}${sep}`.startsWith(`${top}${sep}`)) return;
  throw new UserError({
    code: 'cache-in-work-tree',
    what: 'The checkouts of base and head cannot lie inside the work tree: they would find its packages.',
    where: folder,
    hint: 'Set XDG_CACHE_HOME to a folder outside the repository.',
    exitCode: EXIT.usage,
  });
}

function modified(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
