/** What all commands that measure have in common: their options, and how their session ends. */
import type { Config } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import type { SpanTaker } from '../runner/round-options.ts';
import type { World } from '../world.ts';
import type { ConfigOptions } from './chosen-config.ts';
import { Interruption } from './interruption.ts';
import { openSession, type Session } from './session.ts';

export interface MeasuringOptions extends ConfigOptions {
  readonly seed?: number;
}

/**
 * Runs `work` in a session; stderr says what the session leaves behind.
 *
 * @throws what `work` throws, and `Interruption` where a signal came before the session had ended
 */
export async function measuring<T>(
  world: World,
  options: { readonly loaded: Config; readonly seed?: number; readonly onSpans?: SpanTaker | undefined },
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const seed = options.seed ?? world.now().getTime() >>> 0;
  const session = await openSession(world, { config: options.loaded, seed, onSpans: options.onSpans });
  const outcome = await settled(work(session));
  if (!outcome.succeeded && !world.signal.aborted) session.keepLogs();
  const { rounds, logs } = await session.end();
  // Also where the signal came last of all: nobody who stopped a gate expects its verdict.
  if (world.signal.aborted) throw new Interruption(rounds);
  for (const line of [...(outcome.succeeded ? [] : rounds), ...logs]) {
    world.stderr.write(`spangate: ${line}\n`);
  }
  if (!outcome.succeeded) throw explained(outcome.error, session.directory);
  return outcome.value;
}

/** A disk that fills up stops a run wherever it happens to write. */
function explained(error: unknown, directory: string): unknown {
  const { code = '', path, syscall } = error as NodeJS.ErrnoException;
  // Node's recursive mkdir makes ENOENT of ENOSPC.
  const isFull = FULL.has(code) || (code === 'ENOENT' && syscall === 'mkdir');
  if (error instanceof UserError || !isFull || !path?.startsWith(directory)) return error;
  return new UserError({
    code: 'temporary-folder-full',
    what: `Logs and recordings cannot be written: the disk is ${code === 'EROFS' ? 'read-only' : 'full'}.`,
    where: { file: directory },
    hint: 'Make room there (df -h), or name a folder on another disk by the variable TMPDIR.',
    exitCode: EXIT.couldNotMeasure,
    cause: error,
  });
}

const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

type Outcome<T> =
  | { readonly succeeded: true; readonly value: T }
  | { readonly succeeded: false; readonly error: unknown };

async function settled<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { succeeded: true, value: await work };
  } catch (error) {
    return { succeeded: false, error };
  }
}
