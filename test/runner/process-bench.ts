/** What tests of real processes share: a registry and a folder of their own, and a look at what still lives. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Dependency, Service } from '../../src/config.ts';
import { createPortPool } from '../../src/runner/free-port.ts';
import {
  createProcessRegistry,
  type ProcessRegistry,
  RUN_MARKER,
} from '../../src/runner/process-registry.ts';
import { livingProcesses, startedWith } from '../../src/runner/process-table.ts';

export const FIXTURES = join(import.meta.dirname, 'fixtures');
export const ports = createPortPool();

export interface Bench extends AsyncDisposable {
  readonly directory: string;
  readonly registry: ProcessRegistry;
  readonly abort: AbortController;
}

let benches = 0;

export function openBench(): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'spangate-test-'));
  const abort = new AbortController();
  benches += 1;
  const registry = createProcessRegistry({ runId: `test${process.pid}n${benches}`, signal: abort.signal });
  return {
    directory,
    registry,
    abort,
    async [Symbol.asyncDispose]() {
      await registry[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true });
    },
  };
}

/** Ids of the processes of a run that live. */
export function livingOf(runId: string): readonly number[] {
  return (livingProcesses() ?? [])
    .map((entry) => entry.pid)
    .filter((pid) => startedWith(pid, [`${RUN_MARKER}=${runId}`]));
}

export function service(start: string, changes: Partial<Service> = {}): Service {
  return {
    name: 'api',
    setup: null,
    start,
    directory: FIXTURES,
    env: {},
    ready: { kind: 'tcp' },
    startTimeoutSeconds: 20,
    stopTimeoutSeconds: 5,
    telemetry: 'auto',
    ...changes,
  };
}

export function dependency(changes: Partial<Dependency> = {}): Dependency {
  return {
    name: 'db',
    start: null,
    directory: FIXTURES,
    env: {},
    ready: { kind: 'tcp' },
    startTimeoutSeconds: 20,
    scope: 'per-instance',
    migrate: null,
    seed: null,
    reset: null,
    state: null,
    ...changes,
  };
}
