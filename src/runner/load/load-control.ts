/**
 * The course of one load, whichever driver sends it: what each connection sends next, which phase it belongs to,
 * what is counted, and when the load ends. One object for all instances, so that all change phase together.
 */
import type { Warning } from '../../measurement.ts';
import { mintTraceId, traceparent } from '../../telemetry/trace-id.ts';
import type { Connection, Outgoing } from './connection.ts';
import { saveFields } from './json-field.ts';
import { noAnswers, serviceDied } from './load-errors.ts';
import {
  type Clock,
  type LoadOptions,
  type LoadProgress,
  type LoadResult,
  type LoadTarget,
  SYSTEM_CLOCK,
} from './load-result.ts';
import { excerpt } from './redact.ts';
import { instanceLoad, OperationTally } from './tally.ts';
import { WarmUp } from './warm-up.ts';
import { Cursor, type WorkloadRequest } from './workload.ts';

const TICK_MS = 100;
/** A supervisor that restarts a service within this time is not punished. */
const REFUSED_SECONDS = 3;
/**
 * Of the time of the generator's own event loop. Above it, answers wait for the generator and the latency is its
 * own: an M/D/1 queue waits half a service time at a utilisation of 0.5 and 4.5 service times at 0.9.
 */
const SATURATED_UTILISATION = 0.9;
const RECENT = 256;

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
  readonly #instances: readonly InstanceState[];
  readonly #warmUp: WarmUp;
  readonly #recent = new Float64Array(RECENT);
  readonly #warnings: Warning[] = [];
  #recentCount = 0;
  #serial = 0;
  #phase: 'idle' | 'warm-up' | 'measured' | 'over' = 'idle';
  #phaseStart = 0;
  #answered = 0;
  #warm = false;
  #warmUpSeconds = 0;
  #measuredFrom = 0;
  #measuredTo = 0;
  #measuredSeconds = 0;
  #cpu = process.cpuUsage();
  #loop = performance.eventLoopUtilization();
  #resolve: () => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #tick: NodeJS.Timeout | undefined;
  #end: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.fail(this.#options.signal.reason);

  constructor(options: LoadOptions, connections: readonly Connection[]) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.connections = connections;
    this.targets = options.targets;
    this.timeoutSeconds = options.load.timeoutSeconds;
    this.#warmUp = new WarmUp(options.warmUp, options.targets.length);
    const writes = this.#warmUpWrites();
    this.#instances = options.targets.map((target, position) => ({
      target,
      connections: connections.filter((connection) => connection.position === position),
      cursor: new Cursor(options.workload, writes),
      tallies: this.#newTallies(),
      lastAnswer: 0,
    }));
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Whoever drives awaits it a little later; a failure before that must not be an unhandled one.
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
    const instance = this.#instances[connection.position] as InstanceState;
    if (!instance.cursor.advance(connection.known)) {
      this.#nothingLeft();
      if (this.over || !instance.cursor.advance(connection.known)) return null;
    }
    const { cursor } = instance;
    const origin = {
      phase: this.#phase,
      instance: instance.target.instance,
      request: cursor.request,
      content: cursor.slot,
    };
    const serial = this.#serial;
    this.#serial += 1;
    connection.inFlight = true;
    connection.request = cursor.request;
    connection.phase = this.#phase;
    connection.sentAt = this.#clock.now();
    const content = (this.#options.workload.requests[cursor.request] as WorkloadRequest).contents[
      cursor.slot
    ];
    return {
      request: content?.fixed ?? this.#render(connection, cursor, serial),
      traceparent: traceparent(mintTraceId(this.#options.runTag, origin, serial)),
      cookie: connection.cookieHeader(),
    };
  }

  /** @param latency seconds */
  answer(connection: Connection, status: number, latency: number, body: string): void {
    const instance = this.#instances[connection.position] as InstanceState;
    const { template } = this.#options.workload.requests[connection.request] as WorkloadRequest;
    connection.inFlight = false;
    connection.failures = 0;
    connection.refused = false;
    instance.lastAnswer = this.#clock.now();
    const expected =
      template.expect.length === 0 ? status >= 200 && status < 400 : template.expect.includes(status);
    if (expected)
      for (const [name, value] of saveFields(template.save, body)) connection.known.set(name, value);
    if (connection.phase !== this.#phase) return;
    this.#answered += 1;
    this.#recent[this.#recentCount % RECENT] = latency;
    this.#recentCount += 1;
    if (this.#phase === 'warm-up') this.#warmUp.record(connection.position, latency);
    const tally = instance.tallies[connection.request] as OperationTally;
    tally.completed += 1;
    if (expected) tally.latencies.push(latency);
    else {
      tally.fail(`status ${status}`);
      tally.unexpected ??= { status, body: excerpt(body, [...connection.known.values()]) };
    }
  }

  /** A request that got no answer. */
  lose(connection: Connection, type: string): void {
    if (!connection.inFlight) return;
    connection.inFlight = false;
    connection.failures += 1;
    connection.refused = type === 'connection refused';
    if (connection.phase !== this.#phase) return;
    const instance = this.#instances[connection.position] as InstanceState;
    (instance.tallies[connection.request] as OperationTally).fail(type);
  }

  /** Ends the load with an error. */
  fail(reason: unknown): void {
    this.#stop();
    this.#reject(reason);
  }

  result(driver: LoadResult['driver'], warnings: readonly Warning[]): LoadResult {
    const cpu = this.#cpu;
    return {
      driver,
      warmUpSeconds: this.#warmUpSeconds,
      warm: this.#warm,
      measuredSeconds: this.#measuredSeconds,
      measuredFrom: this.#measuredFrom,
      measuredTo: this.#measuredTo,
      generatorCpu: (cpu.user + cpu.system) / 1e6 / this.#measuredSeconds,
      generatorSaturated: this.#loop.utilization > SATURATED_UTILISATION,
      instances: this.#instances.map(({ target, tallies }) =>
        instanceLoad(target.instance, tallies, this.#measuredSeconds),
      ),
      warnings: [...warnings, ...this.#warnings],
    };
  }

  #render(connection: Connection, cursor: Cursor, serial: number) {
    const { workload, runTag, targets } = this.#options;
    const content = (workload.requests[cursor.request] as WorkloadRequest).contents[cursor.slot];
    if (!content) throw new TypeError('a cursor points to a slot that is not there');
    const instance = targets[connection.position]?.instance ?? 0;
    return content.render(connection.known, () => uniqueStart(runTag, instance, serial));
  }

  #onTick(): void {
    const now = this.#clock.now();
    const seconds = now - this.#phaseStart;
    if (this.#phase === 'warm-up') {
      const state = this.#warmUp.state(seconds);
      if (state !== 'on') this.#measure(state === 'warm');
    }
    this.#progress(seconds);
    for (const instance of this.#instances) this.#checkAlive(instance, now);
  }

  #measure(warm: boolean): void {
    const { load, workload, durationSeconds, warmUp } = this.#options;
    const now = this.#clock.now();
    this.#warm = warm;
    this.#warmUpSeconds = now - this.#phaseStart;
    if (!warm && warmUp.kind === 'auto') {
      this.#warnings.push({
        code: 'not-warm',
        message: `Latency was not steady after a warm-up of ${warmUp.atMostSeconds} s; allow more time with \`rounds.warm-up\`.`,
      });
    }
    for (const instance of this.#instances) {
      instance.cursor = new Cursor(workload, load.maxWrites);
      instance.tallies = this.#newTallies();
    }
    this.#answered = 0;
    this.#phase = 'measured';
    this.#phaseStart = now;
    this.#measuredFrom = this.#clock.epoch();
    this.#cpu = process.cpuUsage();
    this.#loop = performance.eventLoopUtilization();
    this.#end = setTimeout(() => this.#finish(), durationSeconds * 1000);
  }

  #finish(): void {
    if (this.#phase !== 'measured') return;
    this.#measuredSeconds = this.#clock.now() - this.#phaseStart;
    this.#measuredTo = this.#clock.epoch();
    this.#cpu = process.cpuUsage(this.#cpu);
    this.#loop = performance.eventLoopUtilization(this.#loop);
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
    if (this.#phase === 'warm-up') {
      this.#measure(false);
      return;
    }
    const { load, durationSeconds } = this.#options;
    this.#warnings.push({
      code: 'writes-used-up',
      message: `The measured stretch ended before its ${durationSeconds} s, because every request writes and \`load.max-writes\` (${load.maxWrites}) was reached; raise it, or add a request that reads.`,
    });
    this.#finish();
  }

  #checkAlive(instance: InstanceState, now: number): void {
    if (this.#phase === 'over') return;
    const silent = now - instance.lastAnswer;
    const refused = instance.connections.every((connection) => connection.refused);
    if (refused && silent >= REFUSED_SECONDS) this.fail(serviceDied(instance.target.url, silent));
    else if (silent >= this.timeoutSeconds + REFUSED_SECONDS)
      this.fail(noAnswers(instance.target.url, silent));
  }

  #progress(seconds: number): void {
    const { onProgress } = this.#options;
    if (!onProgress || (this.#phase !== 'warm-up' && this.#phase !== 'measured')) return;
    const recent = this.#recent.slice(0, Math.min(RECENT, this.#recentCount)).sort();
    const p50 = recent[Math.floor(recent.length / 2)] ?? null;
    const progress: LoadProgress = { phase: this.#phase, seconds, requests: this.#answered, p50 };
    onProgress(progress);
  }

  #newTallies(): OperationTally[] {
    return this.#options.workload.requests.map(() => new OperationTally());
  }

  /** As many writes a second as in the measured stretch, but never more in all. */
  #warmUpWrites(): number {
    const { warmUp, durationSeconds, load } = this.#options;
    const seconds = warmUp.kind === 'fixed' ? warmUp.seconds : warmUp.atMostSeconds;
    return Math.ceil(load.maxWrites * Math.min(1, seconds / durationSeconds));
  }
}

/** Beginning of a version 4 UUID, unique in a run and of equal length for all: serial, instance, run tag. */
function uniqueStart(runTag: number, instance: number, serial: number): string {
  const hex = (value: number, digits: number): string => (value >>> 0).toString(16).padStart(digits, '0');
  const tag = hex(runTag, 8);
  return `${hex(serial, 8)}-${hex(instance, 2)}${tag.slice(0, 2)}-4${tag.slice(2, 5)}-8${tag.slice(5)}-`;
}
