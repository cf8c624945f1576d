/** Keeps the JSON file that describes this process up to date. */
import cluster from 'node:cluster';
import { closeSync, openSync, readSync, renameSync, writeFileSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';
import type { ProcessDetails } from '../process-details.ts';

/** Bundlers put their own helpers at the beginning of what they write, or name the files that follow. */
const BUNDLE_MARKS =
  /__webpack_require__|__nccwpck_require__|__commonJS(?:Min)?\b|\$parcel\$|^\/\/ ?(?:#region )?\S*node_modules\//m;

/** Enough to meet the first bundled package after a service's own imports. */
const SCANNED_BYTES = 262_144;

type Changing = Omit<ProcessDetails, 'pid' | 'threadId' | 'role' | 'runtime' | 'script' | 'bundled'>;

export class ProcessRecord {
  readonly #path: string;
  readonly #read: () => Changing;
  #bundled: boolean | null = null;
  #written = '';

  /** @param read what is known at the moment */
  constructor(path: string, read: () => Changing) {
    this.#path = path;
    this.#read = read;
  }

  /** Writes the file, whole or not at all, if something has changed. */
  write(): void {
    this.#bundled ??= looksBundled(process.argv[1]);
    const details: ProcessDetails = {
      ...this.#read(),
      pid: process.pid,
      threadId,
      role: role(),
      runtime: process.version,
      script: process.argv[1] ?? null,
      bundled: this.#bundled,
    };
    const text = `${JSON.stringify(details)}\n`;
    if (text === this.#written) return;
    try {
      writeFileSync(`${this.#path}.tmp`, text, { mode: 0o600 });
      renameSync(`${this.#path}.tmp`, this.#path);
      this.#written = text;
    } catch {
      // A full disk: the spans' file tells that too, and the service must go on.
    }
  }
}

function role(): ProcessDetails['role'] {
  if (!isMainThread) return 'thread';
  if (cluster.isWorker) return 'cluster-worker';
  return process.channel === undefined ? 'main' : 'child';
}

function looksBundled(script: string | undefined): boolean {
  if (script === undefined) return false;
  try {
    const descriptor = openSync(script, 'r');
    const head = Buffer.alloc(SCANNED_BYTES);
    const length = readSync(descriptor, head, 0, SCANNED_BYTES, 0);
    closeSync(descriptor);
    return BUNDLE_MARKS.test(head.toString('latin1', 0, length));
  } catch {
    // Not a file, such as the name of a package's folder.
    return false;
  }
}
