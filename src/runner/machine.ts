/** What this machine is, and how busy it was. Linux tells most of it; elsewhere what is not told is null. */
import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment, RoundConditions } from '../measurement.ts';
import { ciName } from './ci-name.ts';

/** Reads a file of the system; null where there is none. Handed in by tests. */
export type ReadSystemFile = (path: string) => string | null;

/** @param env environment of spangate; the runtime and SDK of the services are filled in by who knows them */
export function readMachine(
  env: Readonly<Record<string, string | undefined>>,
  read: ReadSystemFile = readSystemFile,
): Environment {
  return {
    cpuModel: cpuModel(read),
    cores: usableCores(read),
    cpuQuota: cpuQuota(read),
    architecture: arch(),
    memoryBytes: totalmem(),
    platform: process.platform,
    kernel: release(),
    // Hosted runners of GitHub and Azure set both.
    image: [env.ImageOS, env.ImageVersion].filter(Boolean).join(' ') || null,
    ci: ciName(env),
    serviceRuntime: null,
    openTelemetry: null,
  };
}

/** CPUs that can be kept busy, at least one: those that there are, or the whole ones of a quota. */
export function coresToUse({ cores, cpuQuota }: Pick<Environment, 'cores' | 'cpuQuota'>): number {
  return Math.max(1, Math.min(cores, Math.floor(cpuQuota ?? cores)));
}

/** Begins to watch the machine; the function it returns says what it was like since then. */
export function startConditions(
  read: ReadSystemFile = readSystemFile,
  now: () => number = () => performance.now(),
): () => Pick<RoundConditions, 'steal' | 'pressure'> {
  const began = now();
  const cpuBefore = cpuTimes(read);
  const waitedBefore = microsecondsWaited(read);
  return () => {
    const cpu = cpuTimes(read);
    const waited = microsecondsWaited(read);
    const microseconds = (now() - began) * 1000;
    return {
      steal: cpu && cpuBefore ? share(cpu.steal - cpuBefore.steal, cpu.total - cpuBefore.total) : null,
      pressure: waited === null || waitedBefore === null ? null : share(waited - waitedBefore, microseconds),
    };
  };
}

/** Empty where it is not known: then nothing counts as a like machine. */
function cpuModel(read: ReadSystemFile): string {
  const model = cpus()[0]?.model.trim() ?? '';
  if (model !== '' && model !== 'unknown') return model;
  // Linux on ARM names no model, only who designed which core.
  const text = read('/proc/cpuinfo') ?? '';
  const implementer = /^CPU implementer\s*:\s*(\S+)/m.exec(text)?.[1];
  const part = /^CPU part\s*:\s*(\S+)/m.exec(text)?.[1];
  return implementer && part ? `ARM implementer ${implementer} part ${part}` : '';
}

/** CPUs that spangate and all that it starts have together: a quota counts too, and may be a fraction. */
export function availableCores(read: ReadSystemFile = readSystemFile): number {
  return Math.min(usableCores(read), cpuQuota(read) ?? Number.POSITIVE_INFINITY);
}

/** CPUs that this process may run on: `taskset` and cpusets count, quotas do not. */
function usableCores(read: ReadSystemFile): number {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(read('/proc/self/status') ?? '')?.[1];
  if (list === undefined) return cpus().length;
  return list.split(',').reduce((count, range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return count + last - first + 1;
  }, 0);
}

/**
 * CPUs that the tightest cgroup quota above this process allows; null without one.
 * Source: https://docs.kernel.org/admin-guide/cgroup-v2.html (cpu.max), and sched-bwc for version 1.
 */
export function cpuQuota(read: ReadSystemFile): number | null {
  const quotas: number[] = [];
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path === undefined) continue;
    for (const folder of withParents(path)) {
      const quota =
        controllers === ''
          ? quotaOf(read(join('/sys/fs/cgroup', folder, 'cpu.max')))
          : controllers?.split(',').includes('cpu')
            ? quotaOf(quotaOfVersion1(read, join('/sys/fs/cgroup/cpu', folder)))
            : null;
      if (quota !== null) quotas.push(quota);
    }
  }
  return quotas.length === 0 ? null : Math.min(...quotas);
}

/** Also the root: in a container without a namespace of its own the path is the host's, and is not there. */
function withParents(path: string): readonly string[] {
  const folders = [path];
  for (let folder = path; folder !== dirname(folder); folder = dirname(folder)) folders.push(dirname(folder));
  return folders;
}

function quotaOfVersion1(read: ReadSystemFile, folder: string): string | null {
  const quota = read(join(folder, 'cpu.cfs_quota_us'));
  const period = read(join(folder, 'cpu.cfs_period_us'));
  return quota === null || period === null ? null : `${quota.trim()} ${period.trim()}`;
}

/** `200000 100000` is 2; `max 100000` and `-1 100000` are no quota. */
function quotaOf(text: string | null): number | null {
  const [quota = Number.NaN, period = Number.NaN] = (text ?? '').trim().split(' ').map(Number);
  return quota > 0 && period > 0 ? quota / period : null;
}

/** In clock ticks, over all CPUs. Source: https://man7.org/linux/man-pages/man5/proc_stat.5.html */
function cpuTimes(read: ReadSystemFile): { readonly steal: number; readonly total: number } | null {
  const fields = /^cpu +(.+)$/m
    .exec(read('/proc/stat') ?? '')?.[1]
    ?.split(' ')
    .map(Number);
  const steal = fields?.[7];
  if (!fields || steal === undefined) return null;
  // Guest time, behind steal, is part of user time.
  return { steal, total: fields.slice(0, 8).reduce((sum, field) => sum + field, 0) };
}

/** Source: https://docs.kernel.org/accounting/psi.html */
function microsecondsWaited(read: ReadSystemFile): number | null {
  const total = /^some .*total=(\d+)/m.exec(read('/proc/pressure/cpu') ?? '')?.[1];
  return total === undefined ? null : Number(total);
}

/** Counters tick at different moments, so that a quotient can be a little off. */
function share(part: number, whole: number): number | null {
  return whole > 0 ? Math.min(1, Math.max(0, part / whole)) : null;
}

function readSystemFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
