/**
 * Which processes live, whose they are and where they listen, as Linux tells it in /proc. Other systems have no such
 * table: there only process groups are known, and a process that leaves its group is not found.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Clock ticks since boot: tells a process from a later one with the same id. */
  readonly startTime: number;
}

/** Every living process; zombies are left out, since nothing of them runs. Null where there is no /proc. */
export function livingProcesses(proc = '/proc'): readonly ProcessEntry[] | null {
  let names: readonly string[];
  try {
    names = readdirSync(proc);
  } catch {
    return null;
  }
  const entries: ProcessEntry[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readText(`${proc}/${name}/stat`);
    const entry = stat === null ? null : parseStat(stat);
    if (entry) entries.push(entry);
  }
  return entries.length === 0 ? null : entries;
}

/**
 * The line of /proc/<pid>/stat. The command's name may hold blanks and brackets, so fields count from the last one.
 * Source: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 *
 * @returns null for a zombie, a dead process, or another line
 */
export function parseStat(line: string): ProcessEntry | null {
  const pid = Number.parseInt(line, 10);
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = fields;
  const startTime = fields[19];
  if (!Number.isFinite(pid) || startTime === undefined || state === 'Z' || state === 'X') return null;
  return { pid, parent: Number(parent), group: Number(group), startTime: Number(startTime) };
}

/** Whether the process was started with all these variables, each written `NAME=value`. */
export function startedWith(pid: number, variables: readonly string[], proc = '/proc'): boolean {
  const environment = readText(`${proc}/${pid}/environ`);
  if (environment === null) return false;
  const padded = `\0${environment}\0`;
  return variables.every((variable) => padded.includes(`\0${variable}\0`));
}

/** The processes of `table` that descend from `ancestors`, without these. */
export function descendantsOf(
  table: readonly ProcessEntry[],
  ancestors: ReadonlySet<number>,
): readonly ProcessEntry[] {
  const found = new Set(ancestors);
  const descendants: ProcessEntry[] = [];
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const entry of table) {
      if (found.has(entry.pid) || !found.has(entry.parent)) continue;
      found.add(entry.pid);
      descendants.push(entry);
    }
  }
  return descendants;
}

/** TCP ports on which any of the processes listens, ascending. */
export function listeningPorts(pids: readonly number[], proc = '/proc'): readonly number[] {
  const inodes = new Set(pids.flatMap((pid) => socketInodes(pid, proc)));
  const ports = new Set<number>();
  for (const table of ['tcp', 'tcp6']) {
    for (const line of (readText(`${proc}/net/${table}`) ?? '').split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [, local, , state] = fields;
      const inode = fields[9];
      // 0A is TCP_LISTEN.
      if (state !== '0A' || local === undefined || inode === undefined || !inodes.has(inode)) continue;
      ports.add(Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16));
    }
  }
  return [...ports].sort((a, b) => a - b);
}

function socketInodes(pid: number, proc: string): readonly string[] {
  let descriptors: readonly string[];
  try {
    descriptors = readdirSync(`${proc}/${pid}/fd`);
  } catch {
    return [];
  }
  const inodes: string[] = [];
  for (const descriptor of descriptors) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${proc}/${pid}/fd/${descriptor}`))?.[1];
      if (inode !== undefined) inodes.push(inode);
    } catch {
      // Closed since the folder was read.
    }
  }
  return inodes;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
