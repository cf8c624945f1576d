/** Waits behind the load until its messages are done: a queue outlasts those who fill it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordedFile } from '../../telemetry/chunk-reader.ts';
import type { RunningInstance } from '../instances.ts';
import type { CommandLoadResult } from './command-load.ts';
import { commandResult } from './command-result.ts';

const PAUSE_MS = 500;

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
  for (;;) {
    for (const [position, { telemetry, services, index }] of open) {
      const { spans } = await telemetry.recording(services, receivedOf(index));
      const { traces } = commandResult(spans, load, { position, until: Date.now() / 1000 });
      if (traces.rootSpans >= completedOf(load, position)) open.delete(position);
    }
    if (open.size === 0 || performance.now() > deadline) return;
    await delay(PAUSE_MS, null, { signal });
  }
}

function completedOf({ instances }: CommandLoadResult, position: number): number {
  return (instances[position]?.operations ?? []).reduce((sum, { completed }) => sum + completed, 0);
}
