/**
 * Keeps two runs out of one checkout. The lock is a file that names its owner; that of a process which no longer
 * lives is taken over, by one process alone, however many try.
 */
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { parseStat } from '../process-table.ts';

/** Gives the lock back when it is disposed of. */
export interface CheckoutLock extends Disposable {
  readonly path: string;
}

interface Owner {
  readonly pid: number;
  /** Clock ticks since boot, which tell the process from a later one of the same id; null where no system tells. */
  readonly startTime: number | null;
  readonly host: string;
  /** Differs after every boot. */
  readonly boot: string | null;
  /** Process ids mean nothing in another namespace, such as that of another container. */
  readonly namespace: string | null;
  /** Of this one lock. */
  readonly token: string;
}

/**
 * Whether a process on another machine, or in another container, lives cannot be seen: while it does, it touches its
 * lock. A machine that was asleep, or busy with one set-up, is given time.
 */
const TOUCH_MS = 60 * 1000;
const FOREIGN_LOCK_AGE_MS = 30 * 60 * 1000;

/** A take-over is done in a moment; one that is older was killed in it. */
const TAKE_OVER_AGE_MS = 10 * 60 * 1000;

/**
 * @param path file that stands for what is locked; its folder exists
 * @returns null where a living process has it
 */
export function takeLock(path: string): CheckoutLock | null {
  const own: Owner = { ...thisProcess(), token: randomBytes(8).toString('hex') };
  const prepared = `${path}.${own.token}.tmp`;
  writeFileSync(prepared, JSON.stringify(own), { mode: 0o600 });
  try {
    if (!placeNew(prepared, path) && !takeOver(prepared, path)) return null;
  } finally {
    rmSync(prepared, { force: true });
  }
  const touching = setInterval(() => touch(path), TOUCH_MS);
  touching.unref();
  return {
    path,
    [Symbol.dispose]() {
      clearInterval(touching);
      if (readOwner(path)?.token === own.token) rmSync(path, { force: true });
    },
  };
}

function touch(path: string): void {
  const now = new Date();
  read(() => utimesSync(path, now, now));
}

/** Atomic, and never seen half written: the file is complete before it gets its name. */
function placeNew(prepared: string, path: string): boolean {
  try {
    linkSync(prepared, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Replaces the lock of a dead owner. Only who could create the file that is named after the token of that lock may
 * replace it, and looks once more before doing so: a lock with another token is somebody's own by now.
 */
function takeOver(prepared: string, path: string): boolean {
  const owner = readOwner(path);
  // Given back since we looked.
  if (owner === null && !existsSync(path)) return placeNew(prepared, path);
  if (owner !== null && !isStale(owner, path)) return false;
  const right = `${path}.${owner?.token ?? 'unreadable'}.takeover.tmp`;
  removeOld(right);
  try {
    writeFileSync(right, '', { flag: 'wx', mode: 0o600 });
  } catch {
    return false;
  }
  try {
    if (!existsSync(path) || readOwner(path)?.token !== owner?.token) return false;
    renameSync(prepared, path);
    return true;
  } finally {
    rmSync(right, { force: true });
  }
}

/** Null where the file is gone, or is empty, as a power cut can leave it. */
function readOwner(path: string): Owner | null {
  try {
    const owner: Partial<Owner> | null = JSON.parse(readFileSync(path, 'utf8'));
    return typeof owner?.pid === 'number' && typeof owner.token === 'string' ? (owner as Owner) : null;
  } catch {
    return null;
  }
}

function isStale(owner: Owner, path: string): boolean {
  const here = thisProcess();
  if (owner.host === here.host && owner.boot !== here.boot) return true;
  if (owner.host !== here.host || owner.namespace !== here.namespace)
    return isOlder(path, FOREIGN_LOCK_AGE_MS);
  if (!lives(owner.pid)) return true;
  const line = statLine(owner.pid);
  // Without /proc the id alone has to do. A zombie has a line, and holds nothing any more.
  return line !== null && parseStat(line)?.startTime !== (owner.startTime ?? undefined);
}

function thisProcess(): Omit<Owner, 'token'> {
  return {
    pid: process.pid,
    startTime: parseStat(statLine(process.pid) ?? '')?.startTime ?? null,
    host: hostname(),
    boot: read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: read(() => readlinkSync('/proc/self/ns/pid')),
  };
}

function statLine(pid: number): string | null {
  return read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function removeOld(path: string): void {
  if (isOlder(path, TAKE_OVER_AGE_MS)) rmSync(path, { force: true });
}

function isOlder(path: string, ageMs: number): boolean {
  const status = statSync(path, { throwIfNoEntry: false });
  return status !== undefined && Date.now() - status.mtimeMs > ageMs;
}

function read<T>(from: () => T): T | null {
  try {
    return from();
  } catch {
    return null;
  }
}
