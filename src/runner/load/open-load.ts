/**
 * Open model: requests start when they are due, whether or not earlier ones are answered, as those of strangers do.
 * Latency counts from the time a request was due, so a service that stands still for a while is charged with all
 * requests of that while, not with the few that were in flight (no coordinated omission).
 */
import { deriveSeed, seededRandom } from '../../random.ts';
import type { Phase } from '../../telemetry/trace-id.ts';
import { Alarm } from './alarm.ts';
import { type ArrivalProcess, arrivalGaps, exactGaps } from './arrivals.ts';
import { BlockControl, type BlockLoadOptions } from './block-control.ts';
import type { Flight } from './flight.ts';
import type { LoadResult } from './load-result.ts';
import { logInSessions } from './login.ts';
import { punctualityWarnings, Schedule } from './punctuality.ts';
import { type Landing, Transport } from './transport.ts';

export interface OpenLoadOptions extends BlockLoadOptions {
  /** Starts a second, over all instances. */
  readonly rate: number;
  readonly arrivals: ArrivalProcess;
  /** Requests that may wait for their answers at once, over all instances; further starts wait too. */
  readonly maxInFlight?: number;
  /** A start that had to wait longer than that for others to be answered is dropped, and counted. */
  readonly latestStartSeconds?: number;
}

/** Of each instance, ahead of the load; a burst opens more, which then stay. */
const CONNECTIONS_AHEAD = 4;
/** Connections of 2k instances to one machine stay well below the usual limit of 1024 open files. */
const MAX_IN_FLIGHT = 256;
const LATEST_START_SECONDS = 1;
/** How often waiting starts are looked at while no answer comes. */
const EXPIRY_MS = 25;

/**
 * Logs `load.connections` sessions of every instance in, warms the instances up, then measures as many whole blocks
 * as come nearest to `durationSeconds` of arrivals, in one continuous stream.
 *
 * @throws UserError (exit 3): `login-failed`, `login-field-missing`, `service-died`, `no-answers`; the signal's
 *   reason when it is aborted
 * @throws RangeError where the rate is not above 0
 */
export async function runOpenLoad(options: OpenLoadOptions): Promise<LoadResult> {
  const { targets, signal, durationSeconds, load, rate } = options;
  signal.throwIfAborted();
  const planned = Math.max(1, Math.round((rate * durationSeconds) / targets.length));
  const stream = new Stream(options, planned * targets.length);
  const control = new BlockControl(
    options,
    await logInSessions(options, load.connections),
    ({ blocks }) => blocks >= planned,
  );
  const starts = new Starts(control, stream, options);
  await using transport = new Transport(targets, starts, load.timeoutSeconds);
  transport.open(CONNECTIONS_AHEAD);
  await using alarm = new Alarm(
    () => starts.startDue(),
    (error) => control.fail(error),
  );
  control.begin();
  try {
    starts.begin(transport, alarm);
    await control.finished;
  } finally {
    starts.stop();
  }
  const punctuality = starts.schedule.result();
  const result = control.result('open', transport);
  return { ...result, punctuality, warnings: [...result.warnings, ...punctualityWarnings(punctuality)] };
}

/** When the next request is due; the measured stretch has gaps of its own, however long the warm-up was. */
class Stream {
  /** Milliseconds of `performance.now()`. */
  due = 0;
  readonly #warmUp: Iterator<number, never>;
  readonly #measured: Iterator<number>;

  /** @param planned starts of the measured stretch */
  constructor({ arrivals, rate, seed }: OpenLoadOptions, planned: number) {
    const random = (part: number) => seededRandom(deriveSeed(seed, 6, part));
    this.#warmUp = arrivalGaps(arrivals, rate, random(0));
    this.#measured = exactGaps(arrivals, { rate, count: planned }, random(1)).values();
  }

  begin(): void {
    this.due = performance.now() + 1000 * this.#warmUp.next().value;
  }

  /** @param phase of the start that was due */
  advance(phase: Phase): void {
    const gap = phase === 'measured' ? this.#measured.next() : this.#warmUp.next();
    // One start after the last is asked for, which tells that the load is over.
    this.due += 1000 * (gap.done ? 0 : gap.value);
  }
}

class Starts implements Landing {
  readonly schedule: Schedule;
  readonly #control: BlockControl;
  readonly #stream: Stream;
  readonly #maxInFlight: number;
  readonly #latestStartMs: number;
  /** Due, and waiting for one of those in flight to land. */
  readonly #waiting: Flight[] = [];
  #inFlight = 0;
  #transport: Transport | null = null;
  #alarm: Alarm | null = null;
  #expiry: NodeJS.Timeout | undefined;

  constructor(control: BlockControl, stream: Stream, options: OpenLoadOptions) {
    this.#control = control;
    this.#stream = stream;
    this.schedule = new Schedule(options.rate);
    this.#maxInFlight = options.maxInFlight ?? MAX_IN_FLIGHT;
    this.#latestStartMs = (options.latestStartSeconds ?? LATEST_START_SECONDS) * 1000;
  }

  begin(transport: Transport, alarm: Alarm): void {
    this.#transport = transport;
    this.#alarm = alarm;
    this.#expiry = setInterval(() => this.#sendWaiting(), EXPIRY_MS);
    this.#stream.begin();
    alarm.set(this.#stream.due);
  }

  stop(): void {
    clearInterval(this.#expiry);
  }

  /** Starts all that is due, the one that the alarm rang for in any case. */
  startDue(): void {
    do {
      const flight = this.#control.next();
      // The load is ending: no more arrivals.
      if (!flight) return;
      flight.due = this.#stream.due;
      const { phase } = flight.turn;
      if (phase === 'measured') this.schedule.due(flight.due);
      this.#stream.advance(phase);
      this.#waiting.push(flight);
      this.#sendWaiting();
    } while (this.#stream.due <= performance.now());
    this.#alarm?.set(this.#stream.due);
  }

  answered(flight: Flight, at: number): void {
    this.#inFlight -= 1;
    this.#control.answer(flight, (at - flight.due) / 1000);
    this.#sendWaiting();
  }

  lost(flight: Flight, type: string): void {
    this.#inFlight -= 1;
    this.#control.lose(flight, type);
    this.#sendWaiting();
  }

  #sendWaiting(): void {
    for (;;) {
      const flight = this.#waiting[0];
      if (!flight) return;
      const full = this.#inFlight >= this.#maxInFlight;
      if (full && performance.now() - flight.due <= this.#latestStartMs) return;
      this.#waiting.shift();
      if (full) this.#drop(flight);
      else this.#send(flight);
    }
  }

  #send(flight: Flight): void {
    this.#inFlight += 1;
    this.#control.sent(flight);
    this.#transport?.send(flight);
    if (flight.turn.phase === 'measured') this.schedule.started(flight.due, flight.from);
  }

  #drop(flight: Flight): void {
    if (flight.turn.phase === 'measured') this.schedule.dropped();
    this.#control.drop(flight);
  }
}
