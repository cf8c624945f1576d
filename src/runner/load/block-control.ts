/**
 * A load in blocks, whichever model paces it: who is sent what next, which phase it belongs to, what is counted, and
 * when the load ends. Phases change only between blocks, so every instance is sent exactly the same requests.
 */
import type { Warning } from '../../measurement.ts';
import { deriveSeed, seededRandom } from '../../random.ts';
import { type BlockNumbering, blockOf } from '../../telemetry/block-durations.ts';
import { BlockPlan } from './block-plan.ts';
import { Flight } from './flight.ts';
import { LoadCourse } from './load-course.ts';
import { closingAnswers, neverSent, writesUsedUp } from './load-errors.ts';
import type { LoadOptions, LoadResult, LoadTarget } from './load-result.ts';
import { outgoing } from './outgoing.ts';
import type { Session } from './session.ts';
import { errorOfSilence, InstanceSilence } from './silence.ts';
import { instanceLoad, keepSaved, OperationTally } from './tally.ts';
import { warmUpWrites } from './warm-up.ts';
import type { Names, WorkloadRequest } from './workload.ts';

export interface BlockLoadOptions extends LoadOptions {
  /** Of the order in which the instances have their turns, and of arrivals; another one each round. */
  readonly seed: number;
}

interface InstanceState {
  readonly target: LoadTarget;
  readonly sessions: readonly Session[];
  tallies: readonly OperationTally[];
  sent: number;
  dropped: number;
  /** Requests in a row that got no answer; whether the last was refused. */
  failures: number;
  refused: boolean;
  readonly silence: InstanceSilence;
}

/** Some services close a connection after a thousand requests, which changes no figure. */
const TOLERATED_CLOSINGS = 0.01;

export class BlockControl {
  readonly #options: BlockLoadOptions;
  readonly #course: LoadCourse;
  readonly #requests: readonly WorkloadRequest[];
  readonly #instances: readonly InstanceState[];
  readonly #known: readonly Names[];
  readonly #isFull: (measured: { readonly seconds: number; readonly blocks: number }) => boolean;
  #plan: BlockPlan;
  #serial: number;
  /** Of the phase. */
  #firstSerial: number;
  #inFlight = 0;
  /** Set when the warm-up may end, which it does with its block. */
  #warm: boolean | null = null;
  #ending = false;

  /**
   * @param sessions of all instances, as many for each
   * @param serial of the first request; those below it went to logins
   * @param isFull asked between two blocks of the measured stretch: whether no more are to follow
   */
  constructor(
    options: BlockLoadOptions,
    from: { readonly sessions: readonly Session[]; readonly serial: number },
    isFull: (measured: { readonly seconds: number; readonly blocks: number }) => boolean,
  ) {
    this.#options = options;
    this.#requests = options.workload.requests;
    this.#serial = from.serial;
    this.#firstSerial = from.serial;
    this.#isFull = isFull;
    this.#instances = options.targets.map((target, position) => ({
      target,
      sessions: from.sessions.filter((session) => session.position === position),
      tallies: this.#newTallies(),
      sent: 0,
      dropped: 0,
      failures: 0,
      refused: false,
      silence: new InstanceSilence(),
    }));
    this.#known = (this.#instances[0]?.sessions ?? []).map((_, index) => ({
      has: (name) => this.#instances.every(({ sessions }) => sessions[index]?.known.has(name)),
    }));
    this.#plan = this.#newPlan(warmUpWrites(options), 0);
    this.#course = new LoadCourse(options, {
      warmedUp: (warm) => {
        this.#warm ??= warm;
      },
      check: (now) => this.#checkAlive(now),
    });
  }

  /** Resolves when all that was sent is answered or lost; rejects when the load failed or was aborted. */
  get finished(): Promise<void> {
    return this.#course.finished;
  }

  /** Whether the warm-up is over. */
  get isMeasuring(): boolean {
    return this.#course.phase === 'measured';
  }

  begin(): void {
    this.#course.begin();
  }

  /** What is to be sent now, or null where no more is: then the load ends once all that is in flight has landed. */
  next(): Flight | null {
    const { phase } = this.#course;
    if (phase === 'over' || phase === 'idle' || this.#ending) return null;
    if (this.#plan.atBoundary) this.#betweenBlocks();
    if (this.#ending) return null;
    const known = (session: number): Names => this.#known[session] as Names;
    if (!this.#plan.advance(known)) {
      this.#nothingLeft();
      // The end of a warm-up brings new writes; the end of the load does not.
      if (this.#ending || !this.#plan.advance(known)) return null;
    }
    return this.#flight();
  }

  /** A flight is on its way. */
  sent({ turn }: Flight): void {
    const instance = this.#instance(turn.position);
    instance.silence.sent(this.#course.clock.now());
    if (turn.phase === 'measured') instance.sent += 1;
  }

  /** @param latency seconds */
  answer(flight: Flight, latency: number): void {
    const { position, phase, request, session, index, block } = flight.turn;
    const instance = this.#instance(position);
    instance.failures = 0;
    instance.refused = false;
    instance.silence.answered(this.#course.clock.now());
    const answered = { request, session, status: flight.status, latency, body: flight.body, block };
    keepSaved(answered);
    if (phase === this.#course.phase) {
      this.#course.answered(position, latency);
      (instance.tallies[index] as OperationTally).answer(answered);
    }
    this.#land();
  }

  /**
   * A request that got no answer.
   *
   * @returns how many have got none from this instance since its last answer
   */
  lose({ turn }: Flight, type: string): number {
    const instance = this.#instance(turn.position);
    instance.failures += 1;
    instance.refused = type === 'connection refused';
    instance.silence.lost(this.#course.clock.now(), type);
    if (turn.phase === this.#course.phase) (instance.tallies[turn.index] as OperationTally).fail(type);
    this.#land();
    return instance.failures;
  }

  /** Instead of `sent`: it was due, and could not be started in time. */
  drop({ turn }: Flight): void {
    if (turn.phase === 'measured') this.#instance(turn.position).dropped += 1;
    this.#land();
  }

  warn(warning: Warning): void {
    this.#course.warn(warning);
  }

  /** Ends the load with an error. */
  fail(reason: unknown): void {
    this.#course.fail(reason);
  }

  /** @param answers and those of them that closed their connection */
  result(
    driver: LoadResult['driver'],
    { answers, closings }: { readonly answers: number; readonly closings: number },
  ): LoadResult {
    const course = this.#course.result();
    const closing = closings > TOLERATED_CLOSINGS * answers ? [closingAnswers(closings / answers)] : [];
    return {
      driver,
      ...course,
      instances: this.#instances.map(({ target, tallies, sent, dropped }) => ({
        ...instanceLoad(target.instance, tallies, course.measuredSeconds),
        sent,
        ...(driver === 'open' && { dropped }),
      })),
      blocks: this.#numbering,
      warnings: [...course.warnings, ...closing, ...this.#neverSent()],
    };
  }

  get #numbering(): BlockNumbering {
    return { firstSerial: this.#firstSerial, size: this.#instances.length };
  }

  #instance(position: number): InstanceState {
    return this.#instances[position] as InstanceState;
  }

  #betweenBlocks(): void {
    if (this.#course.phase === 'warm-up') {
      if (this.#warm !== null) this.#measure(this.#warm);
    } else if (this.#isFull({ seconds: this.#course.seconds, blocks: this.#plan.blocks })) this.#end();
  }

  #flight(): Flight {
    const { position, request: index, slot, session: sessionIndex } = this.#plan;
    const instance = this.#instance(position);
    const request = this.#requests[index] as WorkloadRequest;
    const session = instance.sessions[sessionIndex] as Session;
    const content = request.contents[slot];
    const { phase } = this.#course;
    if (!content || (phase !== 'warm-up' && phase !== 'measured')) throw new TypeError('no turn to send');
    const serial = this.#serial;
    this.#serial += 1;
    this.#inFlight += 1;
    const origin = { phase, instance: instance.target.instance, request: index, content: slot };
    const sending = outgoing(content, session, { runTag: this.#options.runTag, origin, serial });
    const block = blockOf(serial, this.#numbering);
    return new Flight({ position, phase, session, index, request, outgoing: sending, block });
  }

  #measure(warm: boolean): void {
    for (const instance of this.#instances) instance.tallies = this.#newTallies();
    // From the start of the sequence, so that what is measured does not depend on the length of the warm-up.
    this.#plan = this.#newPlan(this.#options.load.maxWrites, 1);
    this.#firstSerial = this.#serial;
    this.#course.measure(warm);
  }

  /** Only where all requests write and the writes are used up. */
  #nothingLeft(): void {
    if (this.#course.phase === 'warm-up') {
      this.#measure(false);
      return;
    }
    this.warn(writesUsedUp(this.#options.load.maxWrites, this.#options.durationSeconds));
    this.#end();
  }

  #end(): void {
    this.#ending = true;
    if (this.#inFlight === 0) this.#course.finish();
  }

  #land(): void {
    this.#inFlight -= 1;
    if (this.#ending && this.#inFlight === 0) this.#course.finish();
  }

  #checkAlive(now: number): void {
    for (const { target, refused, silence } of this.#instances) {
      const { timeoutSeconds } = this.#options.load;
      const seconds = silence.secondsAt(now);
      const error = errorOfSilence({ url: target.url, seconds, refused, timeoutSeconds });
      if (!error) continue;
      this.#course.fail(error);
      return;
    }
  }

  /** Requests that wait for a value which the answers of some instances never held. */
  #neverSent(): Warning[] {
    return this.#requests.flatMap(({ template, needs }, index) => {
      if (this.#instances.some(({ tallies }) => tallies[index]?.sent)) return [];
      const sessions = this.#instances.flatMap((instance) => instance.sessions);
      const unknown = needs.find((name) => sessions.some(({ known }) => !known.has(name)));
      if (unknown === undefined) return [];
      const partly = sessions.some(({ known }) => known.has(unknown));
      return [
        neverSent(template.name, unknown, partly ? 'the answers of some instances never held' : undefined),
      ];
    });
  }

  #newPlan(writes: number, part: number): BlockPlan {
    const { workload, targets, seed } = this.#options;
    const random = seededRandom(deriveSeed(seed, 5, part));
    return new BlockPlan(workload, { targets: targets.length, sessions: this.#known.length, writes, random });
  }

  #newTallies(): OperationTally[] {
    return this.#requests.map(() => new OperationTally());
  }
}
