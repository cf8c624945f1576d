/** What tests of interruptions share: a command held in some phase, a signal, and a look at what is left. */
import { expect, vi } from 'vitest';
import { valuesOf } from './living-processes.ts';
import type { Outcome, Project, Run } from './project.ts';

/** Services are asked first, and those that are deaf get two seconds: https://github.com/actions/runner kills at 7.5. */
export const MOST_SECONDS = 4;

export const ENDED = 'and all that was started has ended';

export interface Interrupted {
  readonly project: Project & Disposable;
  readonly run: Run;
}

/** Resolves when a process of the run is there. */
export async function runIdOf({ mark }: Project): Promise<string> {
  return await eventually(() => {
    const [runId] = valuesOf('SPANGATE_RUN_ID', `SPANGATE_E2E=${mark}`);
    expect(runId).toBeDefined();
    return String(runId);
  });
}

export function eventually<T>(look: () => T): Promise<T> {
  return vi.waitFor(look, { timeout: 5_000, interval: 20 });
}

export async function secondsToEnd(
  run: Run,
  signal: NodeJS.Signals,
): Promise<{ outcome: Outcome; seconds: number }> {
  const began = performance.now();
  run.process.kill(signal);
  const outcome = await run.outcome;
  return { outcome, seconds: (performance.now() - began) / 1000 };
}

export function lastLine({ stderr }: Outcome): string | undefined {
  return stderr.trimEnd().split('\n').at(-1);
}

export function expectNothingLeft(project: Project): void {
  expect(project.processes()).toEqual([]);
  expect(project.temporaryFiles()).toEqual([]);
  expect([...project.files().keys()].filter((path) => path.endsWith('.tmp'))).toEqual([]);
}

/** Should a test fail in between, nothing of it may run on. */
export function disposable(interrupted: Interrupted): Interrupted & Disposable {
  return {
    ...interrupted,
    [Symbol.dispose]() {
      interrupted.run.process.kill('SIGKILL');
      interrupted.project[Symbol.dispose]();
    },
  };
}
