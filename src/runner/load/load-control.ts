/**
 * The course of one load, whichever driver sends it: what each connection sends next, which phase it belongs to,
 * what is counted, and when the load ends. One object for all instances, so that all change phase together.
 */
import type { Warning } from '../../measurement.ts';
import type { Connection } from './connection.ts';
import { fieldsOf } from './json-field.ts';
import { neverSent, noAnswers, serviceDied, writesUsedUp } from './load-errors.ts';
import {
  type Clock,
  type LoadOptions,
  type LoadResult,
  type LoadTarget,
  SYSTEM_CLOCK,
} from './load-result.ts';
import { type Outgoing, outgoing } from './outgoing.ts';
import { RecentLatencies } from './recent-latencies.ts';
import { excerpt } from './redact.ts';
import { Stretch, type StretchRecord } from './stretch.ts';
import { instanceLoad, OperationTally } from './tally.ts';
import { WarmUp } from './warm-up.ts';
import { Cursor, isExpected, type WorkloadRequest } from './workload.ts';

const TICK_MS = 100;
const TICKS_PER_PROGRESS = 5;
/** A supervisor that restarts a service within this time is not punished. */
const REFUSED_SECONDS = 3;

interface InstanceState {
  readonly target: LoadTarget;
  readonly connections: readonly Connection[];
  cursor: Cursor;
  tallies: readonly OperationTally[];
  lastAnswer: number;
}

export class LoadControl {
  /** Resolves when the load is to stop; rejects when it failed or was aborted. */
  readonly finished: Promise<void>;
  readonly connections: readonly Connection[];
  readonly targets: readonly LoadTarget[];
  readonly timeoutSeconds: number;
  readonly #options: LoadOptions;
  readonly #clock: Clock;
  readonly #requests: readonly WorkloadRequest[];
  readonly #instances: readonly InstanceState[];
  readonly #warmUp: WarmUp;
  readonly #recent = new RecentLatencies();
  readonly #warnings: Warning[] = [];
  #resolve: () => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #serial: number;
  #phase: 'idle' | 'warm-up' | 'measured' | 'over' = 'idle';
  #phaseStart = 0;
  #answered = 0;
  #warm = false;
  #warmUpSeconds = 0;
  #stretch: Stretch | null = null;
  #record: StretchRecord | null = null;
  #ticks = 0;
  #tick: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.fail(this.#options.signal.reason);

  /** @param serial of the first request; those below it went to logins */
  constructor(options: LoadOptions, connections: readonly Connection[], serial: number) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#requests = options.workload.requests;
    this.#serial = serial;
    this.connections = connections;
    this.targets = options.targets;
    this.timeoutSeconds = options.load.timeoutSeconds;
    this.#warmUp = new WarmUp(options.warmUp, options.targets.length);
    const cursor = () => new Cursor(options.workload, this.#warmUpWrites());
    this.#instances = options.targets.map((target, position) => ({
      target,
      connections: connections.filter((connection) => connection.position === position),
      cursor: cursor(),
      tallies: this.#newTallies(),
      lastAnswer: 0,
    }));
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The driver awaits it a little later; a failure before that must not count as unhandled.
    this.finished.catch(() => {});
  }

  get over(): boolean {
    return this.#phase === 'over';
  }

  begin(): void {
    this.#phase = 'warm-up';
    this.#phaseStart = this.#clock.now();
    for (const instance of this.#instances) instance.lastAnswer = this.#phaseStart;
    this.#options.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    if (this.#options.signal.aborted) this.#onAbort();
  }

  /** What a connection sends now, or null where it must send no more. The phase is decided here. */
  next(connection: Connection): Outgoing | null {
    if (this.#phase === 'over' || this.#phase === 'idle') return null;
    const instance = this.#instance(connection);
    if (!instance.cursor.advance(connection.known)) {
      this.#nothingLeft();
      // The end of a warm-up brings new writes; the end of the load does not.
      if (this.over || !instance.cursor.advance(connection.known)) return null;
    }
    const { request, slot } = instance.cursor;
    const serial = this.#serial;
    this.#serial += 1;
    connection.inFlight = true;
    connection.request = request;
    connection.phase = this.#phase;
    const { contents, saves } = this.#requests[request] as WorkloadRequest;
    connection.body.begin(saves.length > 0);
    const content = contents[slot];
    if (!content) throw new TypeError('a cursor points to a slot that is not there');
    const origin = { phase: this.#phase, instance: instance.target.instance, request, content: slot };
    return outgoing(content, connection, { runTag: this.#options.runTag, origin, serial });
  }

  /** @param latency seconds */
  answer(connection: Connection, status: number, latency: number): void {
    const instance = this.#instance(connection);
    const request = this.#requests[connection.request] as WorkloadRequest;
    connection.inFlight = false;
    connection.failures = 0;
    connection.refused = false;
    instance.lastAnswer = this.#clock.now();
    const expected = isExpected(request.template, status);
    if (expected && request.saves.length > 0)
      connection.keep(fieldsOf(request.saves, connection.body.text()));
    // Sent in one phase and answered in the next: it belongs to neither.
    if (connection.phase !== this.#phase) return;
    this.#answered += 1;
    this.#recent.record(latency);
    if (this.#phase === 'warm-up') this.#warmUp.record(connection.position, latency);
    const tally = instance.tallies[connection.request] as OperationTally;
    tally.completed += 1;
    if (expected) tally.latencies.push(latency);
    else {
      tally.fail(`status ${status}`);
      tally.unexpected ??= {
        status,
        body: excerpt(connection.body.text(), connection.secrets(request.template)),
      };
    }
  }

  /** A request that got no answer. */
  lose(connection: Connection, type: string): void {
    if (!connection.inFlight) return;
    connection.inFlight = false;
    connection.failures += 1;
    connection.refused = type === 'connection refused';
    if (connection.phase !== this.#phase) return;
    (this.#instance(connection).tallies[connection.request] as OperationTally).fail(type);
  }

  warn(warning: Warning): void {
    this.#warnings.push(warning);
  }

  /** Ends the load with an error. */
  fail(reason: unknown): void {
    this.#stop();
    this.#reject(reason);
  }

  result(driver: LoadResult['driver']): LoadResult {
    const record = this.#record;
    if (!record) throw new TypeError('the load has no result before it is over');
    return {
      driver,
      warmUpSeconds: this.#warmUpSeconds,
      warm: this.#warm,
      ...record,
      instances: this.#instances.map(({ target, tallies }) =>
        instanceLoad(target.instance, tallies, record.measuredSeconds),
      ),
      warnings: [...this.#warnings, ...this.#neverSent()],
    };
  }

  #instance(connection: Connection): InstanceState {
    return this.#instances[connection.position] as InstanceState;
  }

  #onTick(): void {
    const now = this.#clock.now();
    if (this.#phase === 'warm-up') {
      const state = this.#warmUp.state(now - this.#phaseStart);
      if (state !== 'on') this.#measure(state === 'warm');
    }
    this.#ticks += 1;
    if (this.#ticks % TICKS_PER_PROGRESS === 0) this.#progress(now - this.#phaseStart);
    for (const instance of this.#instances) this.#checkAlive(instance, now);
  }

  #measure(warm: boolean): void {
    const { load, workload, durationSeconds } = this.#options;
    this.#warm = warm;
    this.#warmUpSeconds = this.#clock.now() - this.#phaseStart;
    for (const instance of this.#instances) {
      // From the start of the sequence, so that what is measured does not depend on the length of the warm-up.
      instance.cursor = new Cursor(workload, load.maxWrites);
      instance.tallies = this.#newTallies();
    }
    this.#answered = 0;
    this.#phase = 'measured';
    this.#phaseStart = this.#clock.now();
    this.#stretch = new Stretch(this.#clock);
    this.#end = setTimeout(() => this.#finish(), durationSeconds * 1000);
  }

  #finish(): void {
    if (!this.#stretch || this.over) return;
    this.#record = this.#stretch.end();
    this.#stop();
    this.#resolve();
  }

  #stop(): void {
    this.#phase = 'over';
    clearInterval(this.#tick);
    clearTimeout(this.#end);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
  }

  /** Only where all requests write and the writes are used up. */
  #nothingLeft(): void {
    if (this.#phase === 'warm-up') this.#measure(false);
    else {
      this.warn(writesUsedUp(this.#options.load.maxWrites, this.#options.durationSeconds));
      this.#finish();
    }
  }

  #checkAlive(instance: InstanceState, now: number): void {
    if (this.over) return;
    const silent = now - instance.lastAnswer;
    const refused = instance.connections.every((connection) => connection.refused);
    if (refused && silent >= REFUSED_SECONDS) this.fail(serviceDied(instance.target.url, silent));
    else if (silent >= this.timeoutSeconds + REFUSED_SECONDS)
      this.fail(noAnswers(instance.target.url, silent));
  }

  #progress(seconds: number): void {
    if (this.#phase !== 'warm-up' && this.#phase !== 'measured') return;
    const p50 = this.#recent.p50();
    this.#options.onProgress?.({ phase: this.#phase, seconds, requests: this.#answered, p50 });
  }

  /** Requests that wait for a value which no answer held. */
  #neverSent(): Warning[] {
    return this.#requests.flatMap(({ template, needs }, index) => {
      const unknown = needs.find((name) => this.connections.every(({ known }) => !known.has(name)));
      const sent = this.#instances.some(({ tallies }) => tallies[index]?.sent);
      return unknown === undefined || sent ? [] : [neverSent(template.name, unknown)];
    });
  }

  #newTallies(): OperationTally[] {
    return this.#requests.map(() => new OperationTally());
  }

  /** As many writes a second as in the measured stretch, but never more in all. */
  #warmUpWrites(): number {
    const { warmUp, durationSeconds, load } = this.#options;
    const seconds = warmUp.kind === 'fixed' ? warmUp.seconds : warmUp.atMostSeconds;
    return Math.round(load.maxWrites * Math.min(1, seconds / durationSeconds));
  }
}
