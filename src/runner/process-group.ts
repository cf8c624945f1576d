/** One command and all that it started: waits for its end, and ends all of it. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { descendantsOf, livingProcesses, type ProcessEntry, startedWith } from './process-table.ts';

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface StopOutcome {
  /** Whether something was still running after the grace time and had to be killed. */
  readonly hung: boolean;
  /** Processes that even SIGKILL did not end in time (they hang in the kernel). */
  readonly survivors: readonly number[];
}

export interface ProcessGroupOptions {
  /** Leader of its own group: spawned with `detached`. */
  readonly child: ChildProcess;
  /** `NAME=value` of the variables that every process of the group was started with. */
  readonly markers: readonly string[];
  readonly signal: AbortSignal;
  readonly onGone: () => void;
}

/** A CI cancels with SIGINT and kills 7.5 s later: all services must be gone before. */
export const ABORTED_GRACE_SECONDS = 2;

/** A killed process ends as soon as the kernel lets it; one that waits for a broken disk may never. */
const KILL_WAIT_SECONDS = 5;

export class ProcessGroup {
  /** Id of the leader and of the group; -1 where the shell could not be started. */
  readonly pid: number;
  readonly child: ChildProcess;
  /** Settles when the leader has ended; rejects where it could not be started. */
  readonly exited: Promise<ProcessExit>;
  #exit: ProcessExit | null = null;
  #stopping: Promise<StopOutcome> | null = null;
  readonly #markers: readonly string[];
  readonly #signal: AbortSignal;
  readonly #onGone: () => void;

  constructor(options: ProcessGroupOptions) {
    this.child = options.child;
    this.pid = options.child.pid ?? -1;
    this.#markers = options.markers;
    this.#signal = options.signal;
    this.#onGone = options.onGone;
    this.exited = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('exit', (code, signal) => {
        this.#exit = { code, signal };
        resolve(this.#exit);
      });
    });
    // Whoever waits sees the failure; nobody has to.
    this.exited.catch(() => {});
  }

  /** How the leader ended; null while it runs. */
  get exit(): ProcessExit | null {
    return this.#exit;
  }

  /** Whether `stop` was called: an end is expected from then on. */
  get stopping(): boolean {
    return this.#stopping !== null;
  }

  /** SIGTERM, `graceSeconds` to end, SIGKILL. Settles when no process of the group is left. Repeated calls wait too. */
  stop(graceSeconds: number): Promise<StopOutcome> {
    this.#stopping ??= this.#stop(graceSeconds);
    return this.#stopping;
  }

  /** SIGKILL to all of it, without waiting. */
  kill(): void {
    if (this.pid !== -1) this.#send('SIGKILL', this.members());
  }

  /** Living processes of the group, and those that left it but carry its markers. */
  members(): readonly ProcessEntry[] {
    return this.#living((entry) => startedWith(entry.pid, this.#markers));
  }

  async #stop(graceSeconds: number): Promise<StopOutcome> {
    if (this.pid === -1) return { hung: false, survivors: [] };
    const isStray = this.#strays();
    let living = this.#living(isStray);
    this.#send(
      'SIGTERM',
      living.filter((entry) => entry.group === this.pid),
    );
    living = await this.#waitUntilGone(graceSeconds, isStray);
    const hung = living.length > 0;
    const deadline = performance.now() + KILL_WAIT_SECONDS * 1000;
    while (living.length > 0 && performance.now() < deadline) {
      this.#send('SIGKILL', living);
      await delay(5);
      living = this.#living(isStray);
    }
    this.#onGone();
    return { hung, survivors: living.map((entry) => entry.pid) };
  }

  /** Tells the processes that left the group: by the markers, or as descendants that cleaned their environment. */
  #strays(): (entry: ProcessEntry) => boolean {
    const members = new Set(this.members().map((entry) => entry.pid));
    const descendants = descendantsOf(livingProcesses() ?? [], members);
    const known = new Set(descendants.map((entry) => `${entry.pid} ${entry.startTime}`));
    return (entry) => known.has(`${entry.pid} ${entry.startTime}`) || startedWith(entry.pid, this.#markers);
  }

  async #waitUntilGone(
    seconds: number,
    isStray: (entry: ProcessEntry) => boolean,
  ): Promise<readonly ProcessEntry[]> {
    const began = performance.now();
    let straysTold = false;
    for (let pause = 2; ; pause = Math.min(pause * 1.5, 50)) {
      const living = this.#living(isStray);
      const limit = this.#signal.aborted ? Math.min(seconds, ABORTED_GRACE_SECONDS) : seconds;
      if (living.length === 0 || performance.now() - began >= limit * 1000) return living;
      if (!straysTold && living.every((entry) => entry.group !== this.pid)) {
        // Those that started them are gone, so they had their chance to end them in their own way.
        straysTold = true;
        this.#send('SIGTERM', living);
      }
      await (this.#exit ? delay(pause) : Promise.race([delay(pause), this.exited]));
    }
  }

  #living(isStray: (entry: ProcessEntry) => boolean): readonly ProcessEntry[] {
    const table = livingProcesses();
    if (table) return table.filter((entry) => entry.group === this.pid || isStray(entry));
    // Without a table the group can only be asked as a whole; its leader stands for it.
    return this.#groupLives() ? [{ pid: this.pid, parent: 0, group: this.pid, startTime: 0 }] : [];
  }

  /** The group by one call, so that a process forked meanwhile gets it too; the others one by one. */
  #send(signal: NodeJS.Signals, entries: readonly ProcessEntry[]): void {
    const targets = new Set(entries.map((entry) => (entry.group === this.pid ? -this.pid : entry.pid)));
    for (const target of targets) {
      try {
        process.kill(target, signal);
      } catch {
        // Gone in the meantime.
      }
    }
  }

  #groupLives(): boolean {
    try {
      process.kill(-this.pid, 0);
      return true;
    } catch {
      return false;
    }
  }
}
