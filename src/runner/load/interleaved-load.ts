/**
 * Closed model over all instances together: a fixed number of requests in flight in all, each new one to the instance
 * whose turn it is in a shuffled block. An instance is never loaded harder because it answers faster, and all share
 * what the machine does at the moment.
 */
import { availableParallelism } from 'node:os';
import { BlockControl, type BlockLoadOptions } from './block-control.ts';
import type { Flight } from './flight.ts';
import type { LoadResult } from './load-result.ts';
import { logInSessions } from './login.ts';
import { type Landing, Transport } from './transport.ts';

export interface InterleavedLoadOptions extends BlockLoadOptions {
  /** Requests in flight in all; the number of cores where it is left out. */
  readonly inFlight?: number;
}

/** A service that refuses is not asked again in a busy loop. */
const PAUSE_MS = 50;

/**
 * Logs `load.connections` sessions of every instance in, warms the instances up, then measures them for at least
 * `durationSeconds`, in one continuous load that ends with a complete block.
 *
 * @throws UserError (exit 3): `login-failed`, `login-field-missing`, `service-died`, `no-answers`; the signal's
 *   reason when it is aborted
 * @throws RangeError where `inFlight` is not a whole number above 0
 */
export async function runInterleavedLoad(options: InterleavedLoadOptions): Promise<LoadResult> {
  const { targets, signal, durationSeconds, load } = options;
  const inFlight = options.inFlight ?? availableParallelism();
  if (!Number.isInteger(inFlight) || inFlight < 1) throw new RangeError(`${inFlight} requests in flight`);
  signal.throwIfAborted();
  const control = new BlockControl(
    options,
    await logInSessions(options, load.connections),
    ({ seconds }) => seconds >= durationSeconds,
  );
  const lanes = new Lanes(control);
  await using transport = new Transport(targets, lanes, load.timeoutSeconds);
  // All of them can be at one instance, when it is the slow one.
  transport.open(inFlight);
  control.begin();
  try {
    lanes.begin(transport, inFlight);
    await control.finished;
  } finally {
    lanes.stop();
  }
  return control.result('interleaved', transport);
}

/** As many senders as requests in flight; each sends its next request when its last one has landed. */
class Lanes implements Landing {
  readonly #control: BlockControl;
  readonly #pauses = new Set<NodeJS.Timeout>();
  #transport: Transport | null = null;

  constructor(control: BlockControl) {
    this.#control = control;
  }

  begin(transport: Transport, lanes: number): void {
    this.#transport = transport;
    for (let lane = 0; lane < lanes; lane += 1) this.#sendNext();
  }

  answered(flight: Flight, at: number): void {
    this.#control.answer(flight, (at - flight.from) / 1000);
    this.#sendNext();
  }

  lost(flight: Flight, type: string): void {
    if (this.#control.lose(flight, type) <= 1) {
      this.#sendNext();
      return;
    }
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      this.#sendNext();
    }, PAUSE_MS);
    this.#pauses.add(pause);
  }

  stop(): void {
    for (const pause of this.#pauses) clearTimeout(pause);
  }

  #sendNext(): void {
    const flight = this.#control.next();
    if (!flight) return;
    this.#control.sent(flight);
    this.#transport?.send(flight);
  }
}
