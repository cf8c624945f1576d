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
  /** Requests in flight in all, while it is measured; `usualInFlight` where it is left out. */
  readonly inFlight?: number;
  /** The same in the warm-up. */
  readonly warmUpInFlight?: number;
}

/**
 * One core is left to the load generator. With a request in flight for each core, three processes share two of them:
 * identical instances then differed by 2.8 % at p50 instead of 2.1 %, with twice the requests (docs/load-models.md).
 */
export function usualInFlight(cores: number): number {
  return Math.max(1, cores - 1);
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
  const cores = availableParallelism();
  const inFlight = options.inFlight ?? usualInFlight(cores);
  // Nothing is measured in the warm-up, so that nothing is disturbed: as much as the machine can do.
  const most = Math.max(inFlight, options.warmUpInFlight ?? 2 * cores);
  if (!Number.isInteger(inFlight) || inFlight < 1) throw new RangeError(`${inFlight} requests in flight`);
  signal.throwIfAborted();
  const control = new BlockControl(
    options,
    await logInSessions(options, load.connections),
    ({ seconds }) => seconds >= durationSeconds,
  );
  const lanes = new Lanes(control, inFlight);
  await using transport = new Transport(targets, lanes, load.timeoutSeconds);
  // All of them can be at one instance, when it is the slow one.
  transport.open(most);
  control.begin();
  try {
    lanes.begin(transport, most);
    await control.finished;
  } finally {
    lanes.stop();
  }
  return control.result('interleaved', transport);
}

/** As many senders as requests in flight; each sends its next request when its last one has landed. */
class Lanes implements Landing {
  readonly #control: BlockControl;
  readonly #measured: number;
  readonly #pauses = new Set<NodeJS.Timeout>();
  #transport: Transport | null = null;
  #lanes = 0;

  /** @param measured how many go on when the warm-up is over */
  constructor(control: BlockControl, measured: number) {
    this.#control = control;
    this.#measured = measured;
  }

  begin(transport: Transport, lanes: number): void {
    this.#transport = transport;
    this.#lanes = lanes;
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
    if (this.#lanes > this.#measured && this.#control.isMeasuring) {
      this.#lanes -= 1;
      return;
    }
    const flight = this.#control.next();
    if (!flight) return;
    this.#control.sent(flight);
    this.#transport?.send(flight);
  }
}
