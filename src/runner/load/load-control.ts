/**
 * The closed load, whichever driver sends it: what each connection sends next, which phase it belongs to, what is
 * counted, and when the load ends. Every instance walks the sequence at the pace of its own answers.
 */
import type { Warning } from '../../measurement.ts';
import type { Phase } from '../../telemetry/trace-id.ts';
import type { Connection } from './connection.ts';
import { LoadCourse } from './load-course.ts';
import { neverSent, writesUsedUp } from './load-errors.ts';
import type { LoadOptions, LoadResult, LoadTarget } from './load-result.ts';
import { type Outgoing, outgoing } from './outgoing.ts';
import { errorOfSilence } from './silence.ts';
import { instanceLoad, keepSaved, OperationTally } from './tally.ts';
import { warmUpWrites } from './warm-up.ts';
import { Cursor, type WorkloadRequest } from './workload.ts';

interface InstanceState {
  readonly target: LoadTarget;
  readonly connections: readonly Connection[];
  cursor: Cursor;
  tallies: readonly OperationTally[];
  /** Answers of the measured stretch to requests of the warm-up. */
  carried: number;
  lastAnswer: number;
}

export class LoadControl {
  readonly connections: readonly Connection[];
  readonly targets: readonly LoadTarget[];
  readonly timeoutSeconds: number;
  readonly #options: LoadOptions;
  readonly #course: LoadCourse;
  readonly #requests: readonly WorkloadRequest[];
  readonly #instances: readonly InstanceState[];
  #serial: number;
  #end: NodeJS.Timeout | undefined;

  /** @param serial of the first request; those below it went to logins */
  constructor(options: LoadOptions, connections: readonly Connection[], serial: number) {
    this.#options = options;
    this.#requests = options.workload.requests;
    this.#serial = serial;
    this.connections = connections;
    this.targets = options.targets;
    this.timeoutSeconds = options.load.timeoutSeconds;
    this.#instances = options.targets.map((target, position) => ({
      target,
      connections: connections.filter((connection) => connection.position === position),
      cursor: new Cursor(options.workload, warmUpWrites(options)),
      tallies: this.#newTallies(),
      carried: 0,
      lastAnswer: 0,
    }));
    this.#course = new LoadCourse(options, {
      warmedUp: (warm) => this.#measure(warm),
      check: (now) => {
        for (const instance of this.#instances) this.#checkAlive(instance, now);
      },
      stopped: () => clearTimeout(this.#end),
    });
  }

  /** Resolves when the load is to stop; rejects when it failed or was aborted. */
  get finished(): Promise<void> {
    return this.#course.finished;
  }

  get over(): boolean {
    return this.#course.over;
  }

  begin(): void {
    const now = this.#course.clock.now();
    for (const instance of this.#instances) instance.lastAnswer = now;
    this.#course.begin();
  }

  /** What a connection sends now, or null where it must send no more. The phase is decided here. */
  next(connection: Connection): Outgoing | null {
    if (this.#course.phase === 'over' || this.#course.phase === 'idle') return null;
    const instance = this.#instance(connection);
    if (!instance.cursor.advance(connection.known)) {
      this.#nothingLeft();
      // The end of a warm-up brings new writes; the end of the load does not.
      if (this.over || !instance.cursor.advance(connection.known)) return null;
    }
    const { request, slot } = instance.cursor;
    const { phase } = this.#course;
    const serial = this.#serial;
    this.#serial += 1;
    connection.inFlight = true;
    connection.request = request;
    connection.phase = phase;
    const { contents, saves } = this.#requests[request] as WorkloadRequest;
    connection.body.begin(saves.length > 0);
    const content = contents[slot];
    if (!content) throw new TypeError('a cursor points to a slot that is not there');
    const origin = {
      phase: this.#tracePhase(phase),
      instance: instance.target.instance,
      request,
      content: slot,
    };
    return outgoing(content, connection, { runTag: this.#options.runTag, origin, serial });
  }

  /** @param latency seconds */
  answer(connection: Connection, status: number, latency: number): void {
    const instance = this.#instance(connection);
    const request = this.#requests[connection.request] as WorkloadRequest;
    connection.inFlight = false;
    connection.failures = 0;
    connection.refused = false;
    instance.lastAnswer = this.#course.clock.now();
    const answered = { request, session: connection, status, latency, body: connection.body };
    keepSaved(answered);
    // Sent in one phase and answered in the next: it belongs to neither.
    if (connection.phase !== this.#course.phase) {
      if (this.#course.phase === 'measured') instance.carried += 1;
      return;
    }
    this.#course.answered(connection.position, latency);
    (instance.tallies[connection.request] as OperationTally).answer(answered);
  }

  /** A request that got no answer. */
  lose(connection: Connection, type: string): void {
    if (!connection.inFlight) return;
    connection.inFlight = false;
    connection.failures += 1;
    connection.refused = type === 'connection refused';
    if (connection.phase !== this.#course.phase) return;
    (this.#instance(connection).tallies[connection.request] as OperationTally).fail(type);
  }

  warn(warning: Warning): void {
    this.#course.warn(warning);
  }

  /** Ends the load with an error. */
  fail(reason: unknown): void {
    this.#course.fail(reason);
  }

  result(driver: LoadResult['driver']): LoadResult {
    const course = this.#course.result();
    return {
      driver,
      ...course,
      instances: this.#instances.map(({ target, tallies, carried }) => {
        const load = instanceLoad(target.instance, tallies, course.measuredSeconds);
        // A short stretch of a slow service would lose a good part of its answers, and the slower the more.
        const more = this.#options.measuredPhase === 'probe' ? carried / course.measuredSeconds : 0;
        return { ...load, throughput: load.throughput + more };
      }),
      warnings: [...course.warnings, ...this.#neverSent()],
    };
  }

  #tracePhase(phase: 'warm-up' | 'measured'): Phase {
    return phase === 'measured' ? (this.#options.measuredPhase ?? phase) : phase;
  }

  #instance(connection: Connection): InstanceState {
    return this.#instances[connection.position] as InstanceState;
  }

  #measure(warm: boolean): void {
    const { load, workload, durationSeconds } = this.#options;
    for (const instance of this.#instances) {
      // From the start of the sequence, so that what is measured does not depend on the length of the warm-up.
      instance.cursor = new Cursor(workload, load.maxWrites);
      instance.tallies = this.#newTallies();
    }
    this.#course.measure(warm);
    this.#end = setTimeout(() => this.#course.finish(), durationSeconds * 1000);
  }

  /** Only where all requests write and the writes are used up. */
  #nothingLeft(): void {
    if (this.#course.phase === 'warm-up') this.#measure(false);
    else {
      this.warn(writesUsedUp(this.#options.load.maxWrites, this.#options.durationSeconds));
      this.#course.finish();
    }
  }

  #checkAlive(instance: InstanceState, now: number): void {
    if (this.over) return;
    const error = errorOfSilence({
      url: instance.target.url,
      seconds: now - instance.lastAnswer,
      refused: instance.connections.every((connection) => connection.refused),
      timeoutSeconds: this.timeoutSeconds,
    });
    if (error) this.fail(error);
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
}
