/** A disk without room is the one reason for lost spans that the recorders cannot write down. */
import { statfsSync } from 'node:fs';

/** Less than that, and a quarter second of a busy service does not fit. */
const ROOM_BYTES = 1024 * 1024;

/** False also where nobody can say. */
export function isDiskFull(directory: string): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(directory);
    // Some file systems make inodes as they need them, and say 0 of 0.
    return bavail * bsize < ROOM_BYTES || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}
