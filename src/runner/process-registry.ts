/**
 * All processes that a run has started. Each command runs in a process group of its own; whatever happens to
 * spangate, the groups die: `killAll` at exit, and a watchdog where spangate itself is killed with SIGKILL.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { ABORTED_GRACE_SECONDS, ProcessGroup } from './process-group.ts';
import { livingProcesses, startedWith } from './process-table.ts';

export interface SpawnOptions {
  /** For `sh -c`. */
  readonly command: string;
  readonly directory: string;
  /** The whole environment; the registry adds its two markers. */
  readonly env: Readonly<Record<string, string>>;
  /** File descriptors; the caller opens and closes them. `pipe` for standard output to be read by us. */
  readonly stdout: number | 'pipe';
  readonly stderr: number;
}

export interface ProcessRegistry extends AsyncDisposable {
  /** Value of `SPANGATE_RUN_ID` in every process of the run. */
  readonly runId: string;
  /** When it is aborted, all that runs is stopped, within `ABORTED_GRACE_SECONDS` and a little more. */
  readonly signal: AbortSignal;
  /** Rejects with the reason of the signal; never resolves. Made for `Promise.race`. */
  readonly aborted: Promise<never>;
  /** @throws the reason of the signal when aborted */
  spawn(options: SpawnOptions): ProcessGroup;
  /** Kills every process of the run at once, synchronously: usable in an `exit` handler. */
  killAll(): void;
}

export interface ProcessRegistryOptions {
  /** Letters and digits. */
  readonly runId: string;
  readonly signal?: AbortSignal;
}

/** Mark the processes of a run, so that those which left their group can be found. */
export const RUN_MARKER = 'SPANGATE_RUN_ID';
export const GROUP_MARKER = 'SPANGATE_PROCESS_GROUP';

export function createProcessRegistry(options: ProcessRegistryOptions): ProcessRegistry {
  return new Registry(options.runId, options.signal ?? new AbortController().signal);
}

class Registry implements ProcessRegistry {
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly aborted: Promise<never>;
  readonly #groups = new Set<ProcessGroup>();
  #watchdog: ChildProcess | null = null;
  #serial = 0;

  constructor(runId: string, signal: AbortSignal) {
    this.runId = runId;
    this.signal = signal;
    this.aborted = new Promise((_, reject) => {
      const abort = () => {
        reject(signal.reason);
        // All at once, whatever each of them is being waited for: a CI that cancels gives few seconds.
        void this.#stopAll();
      };
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort, { once: true });
    });
    // Whoever races with it sees the reason; nobody has to.
    this.aborted.catch(() => {});
  }

  spawn(options: SpawnOptions): ProcessGroup {
    this.signal.throwIfAborted();
    this.#watchdog ??= startWatchdog(this.runId);
    this.#serial += 1;
    const markers = {
      // Of the same length for every group: the size of the environment moves the stack.
      [GROUP_MARKER]: String(this.#serial).padStart(5, '0'),
      [RUN_MARKER]: this.runId,
    };
    const child = spawn('/bin/sh', ['-c', options.command], {
      cwd: options.directory,
      detached: true,
      env: sorted({ ...options.env, ...markers }),
      stdio: ['ignore', options.stdout, options.stderr],
    });
    const group = new ProcessGroup({
      child,
      markers: Object.entries(markers).map(([name, value]) => `${name}=${value}`),
      signal: this.signal,
      onGone: () => this.#forget(group),
    });
    if (child.pid !== undefined) {
      this.#groups.add(group);
      this.#tellWatchdog(`add ${child.pid}`);
    }
    return group;
  }

  killAll(): void {
    for (const group of this.#groups) group.kill();
    killMarked(`${RUN_MARKER}=${this.runId}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stopAll();
    killMarked(`${RUN_MARKER}=${this.runId}`);
    const watchdog = this.#watchdog;
    if (!watchdog || watchdog.exitCode !== null) return;
    const ended = new Promise((resolve) => watchdog.once('exit', resolve));
    watchdog.ref();
    watchdog.stdin?.end('done\n');
    await ended;
  }

  async #stopAll(): Promise<void> {
    await Promise.all([...this.#groups].map((group) => group.stop(ABORTED_GRACE_SECONDS)));
  }

  #forget(group: ProcessGroup): void {
    if (this.#groups.delete(group)) this.#tellWatchdog(`remove ${group.pid}`);
  }

  #tellWatchdog(line: string): void {
    this.#watchdog?.stdin?.write(`${line}\n`);
  }
}

/**
 * Waits on a pipe that only spangate holds open; when it closes without the word `done`, because spangate ended in
 * whatever way, kills what is left of the run. A shell rather than Node: it costs 1 MB and no CPU beside the service
 * that is measured. Several passes, since a process may fork while the table is read.
 */
const WATCHDOG = `
trap '' HUP INT TERM
groups=' '
while read -r word group; do
  case $word in
    add) groups="$groups$group " ;;
    remove) groups="\${groups%% $group *} \${groups#* $group }" ;;
    done) exit ;;
  esac
done
for group in $groups; do kill -KILL -- "-$group" 2>/dev/null; done
for pass in 1 2 3; do
  for file in $(grep -ls "SPANGATE_RUN_ID=$1" /proc/[0-9]*/environ); do
    process=\${file#/proc/}
    kill -KILL "\${process%/environ}" 2>/dev/null
  done
done
`;

function startWatchdog(runId: string): ChildProcess {
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'spangate-watchdog', runId], {
    cwd: '/',
    detached: true,
    // Neither the marker nor anything else of ours: it must not kill itself.
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Should it die, the run goes on: it is the second line of defence.
  watchdog.on('error', () => {});
  watchdog.stdin?.on('error', () => {});
  watchdog.unref();
  return watchdog;
}

/** Several passes: a process may fork while the table is read. One that was killed may be seen once more. */
function killMarked(marker: string): void {
  for (let pass = 0; pass < 3; pass += 1) {
    const marked = (livingProcesses() ?? []).filter(
      ({ pid }) => pid !== process.pid && startedWith(pid, [marker]),
    );
    if (marked.length === 0) return;
    for (const { pid } of marked) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone in the meantime.
      }
    }
  }
}

function sorted(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1)));
}
