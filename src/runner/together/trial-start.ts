/** Starts one instance of each build and stops them again: what they cost decides how many a round can have. */
import { readFileSync } from 'node:fs';
import {
  InstanceSet,
  type RunningInstance,
  type StartInstancesOptions,
  startInstances,
} from '../instances.ts';
import { livingProcesses } from '../process-table.ts';
import type { StartedInstance } from './instance-count.ts';

/** @throws UserError where one of them does not start; it says which */
export async function trialStart(
  options: Omit<StartInstancesOptions, 'index'>,
): Promise<readonly StartedInstance[]> {
  await options.dependencies.prepareRound(options.plans.flatMap(({ arm }) => arm ?? []));
  await using instances = new InstanceSet();
  await startInstances({ ...options, index: 0 }, instances);
  return instances.all.map((instance) => ({
    memoryBytes: memoryOf(instance),
    startSeconds: instance.services.reduce((sum, service) => sum + service.startSeconds, 0),
  }));
}

function memoryOf({ services }: RunningInstance): number | null {
  const groups = services.map((service) => service.pid);
  const members = (livingProcesses() ?? []).filter(({ group }) => groups.includes(group));
  const bytes = members.map(({ pid }) => ownMemory(pid));
  return bytes.every((each) => each === null)
    ? null
    : bytes.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

/** Bytes of a process that it shares with no other, as program text is shared. Source: `man 5 proc_pid_status`. */
function ownMemory(pid: number): number | null {
  try {
    const kilobytes = /^RssAnon:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
