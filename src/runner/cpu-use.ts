/** How much CPU trees of processes use: read from /proc when the watch begins and when it ends, never in between. */
import { readdirSync, readFileSync } from 'node:fs';
import { descendantsOf, livingProcesses, type ProcessEntry } from './process-table.ts';

export interface CpuUse {
  /** CPU seconds of all processes a second of wall time: 1 is one full core. Null where the system does not tell. */
  readonly cpu: number | null;
  /** Seconds in which its threads ran or waited for a CPU, a second of wall time; null also where only the former is known. */
  readonly demand: number | null;
  /** Of the busiest of these threads. */
  readonly busiestThread: number | null;
}

interface Reading {
  /** Of all processes, and of their children that have ended. */
  readonly seconds: number;
  /** Busy seconds by thread. */
  readonly threads: ReadonlyMap<string, number>;
  /** Whether these seconds hold those in a run queue. */
  readonly knowsWaits: boolean;
}

/** USER_HZ: what /proc counts in, whatever the kernel's own tick is. Source: `man 5 proc_pid_stat`, `getconf CLK_TCK`. */
const TICKS_PER_SECOND = 100;

/**
 * @param leaders ids of the processes that lead the trees, each the leader of its group
 * @returns says what each of the trees used since the watch began
 */
export function watchCpu(
  leaders: readonly number[],
  now: () => number = () => performance.now(),
  proc = '/proc',
): () => readonly CpuUse[] {
  const before = readTrees(leaders, proc);
  const began = now();
  return () => {
    const seconds = (now() - began) / 1000;
    return readTrees(leaders, proc).map((after, index) => useBetween(before[index] ?? null, after, seconds));
  };
}

const UNKNOWN: CpuUse = { cpu: null, demand: null, busiestThread: null };

function useBetween(before: Reading | null, after: Reading | null, seconds: number): CpuUse {
  if (before === null || after === null || seconds <= 0) return UNKNOWN;
  const busy = [...after.threads].map(([thread, time]) => time - (before.threads.get(thread) ?? 0));
  return {
    // A process that nobody of the tree waited for takes its seconds with it.
    cpu: Math.max(0, after.seconds - before.seconds) / seconds,
    demand: after.knowsWaits ? busy.reduce((sum, time) => sum + Math.max(0, time), 0) / seconds : null,
    busiestThread: Math.min(1, Math.max(0, ...busy) / seconds),
  };
}

function readTrees(leaders: readonly number[], proc: string): readonly (Reading | null)[] {
  const table = leaders.length === 0 ? null : livingProcesses(proc);
  return leaders.map((leader) => (table === null ? null : readTree(treeOf(table, leader), proc)));
}

/** Its group, and what left the group: the workers of PostgreSQL lead groups of their own. */
function treeOf(table: readonly ProcessEntry[], leader: number): readonly ProcessEntry[] {
  const group = table.filter((entry) => entry.group === leader);
  return [...group, ...descendantsOf(table, new Set(group.map(({ pid }) => pid)))];
}

function readTree(processes: readonly ProcessEntry[], proc: string): Reading | null {
  let seconds = 0;
  let isKnown = false;
  let knowsWaits = false;
  const threads = new Map<string, number>();
  for (const { pid } of processes) {
    const times = ticksOf(readText(`${proc}/${pid}/stat`));
    if (times === null) continue;
    isKnown = true;
    seconds += (times.own + times.children) / TICKS_PER_SECOND;
    for (const { thread, busy, isScheduled } of threadsOf(pid, proc)) {
      threads.set(thread, busy);
      knowsWaits ||= isScheduled;
    }
  }
  return isKnown ? { seconds, threads, knowsWaits } : null;
}

interface ThreadTime {
  /** Id and start, which tell a thread from a later one with the same id. */
  readonly thread: string;
  readonly busy: number;
  readonly isScheduled: boolean;
}

function threadsOf(pid: number, proc: string): readonly ThreadTime[] {
  return folderEntries(`${proc}/${pid}/task`).flatMap((id) => {
    const folder = `${proc}/${pid}/task/${id}`;
    const times = ticksOf(readText(`${folder}/stat`));
    if (times === null) return [];
    const scheduled = scheduledSeconds(readText(`${folder}/schedstat`));
    const busy = scheduled ?? times.own / TICKS_PER_SECOND;
    return { thread: `${id} ${times.start}`, busy, isScheduled: scheduled !== null };
  });
}

/**
 * User and system time, of the process or thread itself and of the children that it waited for. The command's name
 * may hold blanks and brackets, so fields count from the last one.
 * Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function ticksOf(
  line: string | null,
): { readonly own: number; readonly children: number; readonly start: number } | null {
  const fields = (line ?? '')
    .slice((line ?? '').lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user, system, childUser, childSystem] = fields.slice(11, 15);
  const start = fields[19];
  if (user === undefined || system === undefined || childUser === undefined || childSystem === undefined)
    return null;
  return start === undefined ? null : { own: user + system, children: childUser + childSystem, start };
}

/**
 * Time on a CPU and time in a run queue, in nanoseconds: a thread that has to share its core is busy all the same.
 * Source: https://docs.kernel.org/scheduler/sched-stats.html (/proc/<pid>/schedstat)
 */
function scheduledSeconds(text: string | null): number | null {
  const [ran = Number.NaN, waited = Number.NaN] = (text ?? '').trim().split(' ').map(Number);
  // Kernels without these statistics have the file too, with zeros in it.
  return ran + waited > 0 ? (ran + waited) / 1e9 : null;
}

function folderEntries(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
