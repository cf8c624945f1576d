/** Writes a file so that readers see the old content or the new one, never half of it, whatever happens. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Writes beside the file and renames. Synchronous, so that no signal handler of ours can run in between; should the
 * process be killed there, the next write takes away what it left.
 *
 * @throws NodeJS.ErrnoException; the file is as it was then
 */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  makeFolder(dirname(path));
  const target = resolved(path);
  const folder = dirname(target);
  const prefix = `.${basename(target)}.`;
  removeLeftOvers(folder, prefix);
  const temporary = join(folder, `${prefix}${process.pid}-${randomBytes(4).toString('hex')}.tmp`);
  try {
    const descriptor = openSync(temporary, 'wx', 0o644);
    try {
      writeFileSync(descriptor, content);
      // A rename may reach the disk before the content does: after a power cut the file would be empty.
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * With the folders above it. Node's own `recursive` says ENOENT where the disk is full or read-only
 * (https://github.com/nodejs/node/issues/42808), and with Node 20 it never returns for a folder in /proc.
 *
 * @throws NodeJS.ErrnoException
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Somebody else was quicker.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** The file itself where `path` is a link: a rename would replace the link. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Temporary files of processes that no longer live. */
function removeLeftOvers(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const pid = Number.parseInt(name.slice(prefix.length), 10);
    if (!Number.isInteger(pid) || lives(pid)) continue;
    rmSync(join(folder, name), { force: true });
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
