/** Which machines and versions are alike: runs of one fingerprint can tell each other's times. Pure. */
import { createHash } from 'node:crypto';
import type { Environment } from '../measurement.ts';

/** What decides how fast the same code runs, by name; null where it is not known. */
export type Likeness = readonly (readonly [name: string, value: string | number | null])[];

export function likenessOf(environment: Environment): Likeness {
  return [
    ['CPU', known(environment.cpuModel)],
    ['cores', environment.cores],
    ['CPU quota', environment.cpuQuota ?? 'none'],
    ['architecture', known(environment.architecture)],
    ['Node', majorOf(environment.serviceRuntime)],
    ['OpenTelemetry', minorOf(environment.openTelemetry)],
  ];
}

/** Enough to tell the machines of one project apart, and short enough for the name of a folder. */
const DIGITS = 12;

/** The same for all machines that are alike: the start of a SHA-256, in hexadecimal. */
export function fingerprintOf(environment: Environment): string {
  const text = JSON.stringify(likenessOf(environment));
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS);
}

function known(text: string): string | null {
  return text === '' || text === 'unknown' ? null : text;
}

/** `v20.20.2` → `20` */
function majorOf(version: string | null): string | null {
  return /^v?(\d+)\./.exec(version ?? '')?.[1] ?? null;
}

/** `2.12.0` → `2.12` */
function minorOf(version: string | null): string | null {
  return /^v?(\d+\.\d+)\b/.exec(version ?? '')?.[1] ?? null;
}
