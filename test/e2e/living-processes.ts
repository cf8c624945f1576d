/** Which processes a test has left behind, as /proc tells it. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Command lines of the living processes that were started with `variable` (`NAME=value`), or that work below
 * `folder`, for those that cleaned their environment.
 */
export function processesOf(variable: string, folder: string): readonly string[] {
  return processIds().flatMap((pid) => {
    const isOurs =
      `\0${read(pid, 'environ')}`.includes(`\0${variable}\0`) || workingFolder(pid).startsWith(folder);
    // A zombie has no command line any more: nothing of it runs.
    const line = isOurs ? read(pid, 'cmdline').replaceAll('\0', ' ').trim() : '';
    return line === '' ? [] : [`${pid} ${line}`];
  });
}

/** Values of `name` in the environments of living processes started with `variable`. */
export function valuesOf(name: string, variable: string): ReadonlySet<string> {
  const environments = processIds().map((pid) => read(pid, 'environ').split('\0'));
  return new Set(
    environments
      .filter((entries) => entries.includes(variable))
      .flatMap((entries) => entries.filter((entry) => entry.startsWith(`${name}=`)))
      .map((entry) => entry.slice(name.length + 1)),
  );
}

/** Command lines of living processes whose environment or arguments hold `text`. */
export function processesNaming(text: string): readonly string[] {
  return processIds().flatMap((pid) => {
    const line = read(pid, 'cmdline');
    const found = line.includes(text) || read(pid, 'environ').includes(text);
    return found && line !== '' ? [`${pid} ${line.replaceAll('\0', ' ').trim()}`] : [];
  });
}

function processIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function read(pid: number, file: 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It ended in the meantime, or is another user's.
    return '';
  }
}

function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}
