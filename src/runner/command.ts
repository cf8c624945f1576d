/** A command that is run to its end, such as a migration. */
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { openLogFile } from './log-file.ts';
import type { ProcessExit } from './process-group.ts';
import type { ProcessRegistry } from './process-registry.ts';

export interface CommandOptions {
  /** For `sh -c`. */
  readonly command: string;
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets standard error, and standard output where it is not captured. */
  readonly logPath: string;
  readonly registry: ProcessRegistry;
  readonly timeoutSeconds: number;
  /** Ends it, besides the signal of the registry. */
  readonly signal?: AbortSignal;
  /** Whether `output` is wanted; at most `MOST_OUTPUT` characters of it are kept. */
  readonly capture?: boolean;
}

export interface CommandOutcome {
  /** Null where it was still running at the time-out, and was killed. */
  readonly exit: ProcessExit | null;
  readonly output: string;
  readonly lastLines: readonly string[];
}

const MOST_OUTPUT = 1024 * 1024;

/**
 * Runs it in a process group of its own; what it leaves behind is killed.
 *
 * @throws the reason of the signal when aborted; NodeJS.ErrnoException where the folder does not exist
 */
export async function runCommand(options: CommandOptions): Promise<CommandOutcome> {
  const { registry, capture = false } = options;
  registry.signal.throwIfAborted();
  using log = openLogFile(options.logPath);
  const group = registry.spawn({
    command: options.command,
    directory: options.directory,
    env: options.env,
    stdout: capture ? 'pipe' : log.descriptor,
    stderr: log.descriptor,
  });
  const output = readAll(group.child.stdout);
  // Not awaited where the command fails or is aborted.
  output.catch(() => {});
  const timer = new AbortController();
  try {
    const timeout = delay(options.timeoutSeconds * 1000, null, { signal: timer.signal });
    timeout.catch(() => {});
    const exit = await Promise.race([group.exited, timeout, registry.aborted, aborted(options.signal)]);
    await group.stop(0);
    return { exit, output: await output, lastLines: log.lastLines() };
  } finally {
    timer.abort();
    await group.stop(0);
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function readAll(stream: Readable | null): Promise<string> {
  let text = '';
  for await (const part of stream?.setEncoding('utf8') ?? []) {
    if (text.length < MOST_OUTPUT) text += part;
  }
  return text;
}
