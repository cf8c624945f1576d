/** Waits behind the load until its messages are done: a queue outlasts those who fill it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordedFile } from '../../telemetry/chunk-reader.ts';
import type { RunningInstance } from '../instances.ts';
import type { CommandLoadResult } from './command-load.ts';
import { commandResult } from './command-result.ts';

/** Two flushes of the recorders. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4000;

/** Only spans are waited for. */
const NO_METRICS = { points: [], dropped: 0 };

/**
 * Until the root spans of all messages have come, or the time is up: what is missing then is said by whoever
 * reconciles.
 *
 * @param receivedOf spans of an instance that came to receivers of all instances
 */
export async function awaitMessages(
  load: CommandLoadResult,
  options: {
    readonly instances: readonly RunningInstance[];
    readonly receivedOf: (instance: number) => readonly RecordedFile[];
    readonly timeoutSeconds: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { instances, receivedOf, timeoutSeconds, signal } = options;
  const deadline = performance.now() + timeoutSeconds * 1000;
  const open = new Map(instances.entries());
  // To look is to decode, on the cores that the messages still need: at growing distances, and not at once.
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const left = Math.max(0, deadline - performance.now());
    await delay(Math.min(pause, left), null, { signal });
    for (const [position, { telemetry, services, index }] of open) {
      const { spans } = await telemetry.recording(services, {
        files: receivedOf(index),
        refusals: [],
        metrics: NO_METRICS,
      });
      const { traces } = commandResult(spans, load, { position, until: Date.now() / 1000 });
      if (traces.rootSpans >= completedOf(load, position)) open.delete(position);
    }
    if (open.size === 0 || performance.now() >= deadline) return;
  }
}

function completedOf({ instances }: CommandLoadResult, position: number): number {
  return (instances[position]?.operations ?? []).reduce((sum, { completed }) => sum + completed, 0);
}
