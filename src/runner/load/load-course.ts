/**
 * The course of one load, whatever sends it: warm-up, measured stretch, end or failure, with the timers and figures
 * that belong to them. One for all instances, so that all change phase together.
 */
import type { Warning } from '../../measurement.ts';
import { type Clock, type LoadOptions, type LoadResult, SYSTEM_CLOCK } from './load-result.ts';
import { RecentLatencies } from './recent-latencies.ts';
import { Stretch, type StretchRecord } from './stretch.ts';
import { WarmUp } from './warm-up.ts';

const TICK_MS = 100;
const TICKS_PER_PROGRESS = 5;

/** What the load does where its course turns. */
export interface CourseTurns {
  /** The warm-up may end; called again and again until `measure` is. */
  warmedUp(warm: boolean): void;
  /** Called ten times a second while the load runs. */
  check(now: number): void;
  /** The load is over, for whatever reason. */
  stopped?(): void;
}

export class LoadCourse {
  /** Resolves when the load is to stop; rejects when it failed or was aborted. */
  readonly finished: Promise<void>;
  readonly clock: Clock;
  phase: 'idle' | 'warm-up' | 'measured' | 'over' = 'idle';
  readonly #options: LoadOptions;
  readonly #turns: CourseTurns;
  readonly #warmUp: WarmUp;
  readonly #recent = new RecentLatencies();
  readonly #warnings: Warning[] = [];
  #resolve: () => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #phaseStart = 0;
  #answered = 0;
  #warm = false;
  #warmUpSeconds = 0;
  #stretch: Stretch | null = null;
  #record: StretchRecord | null = null;
  #ticks = 0;
  #tick: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.fail(this.#options.signal.reason);

  constructor(options: LoadOptions, turns: CourseTurns) {
    this.#options = options;
    this.#turns = turns;
    this.clock = options.clock ?? SYSTEM_CLOCK;
    this.#warmUp = new WarmUp(options.warmUp, options.targets.length);
    this.finished = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // The driver awaits it a little later; a failure before that must not count as unhandled.
    this.finished.catch(() => {});
  }

  get over(): boolean {
    return this.phase === 'over';
  }

  /** Since the phase began. */
  get seconds(): number {
    return this.clock.now() - this.#phaseStart;
  }

  begin(): void {
    this.phase = 'warm-up';
    this.#phaseStart = this.clock.now();
    this.#options.signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#tick = setInterval(() => this.#onTick(), TICK_MS);
    if (this.#options.signal.aborted) this.#onAbort();
  }

  /** Goes from warm-up to the measured stretch. */
  measure(warm: boolean): void {
    this.#warm = warm;
    this.#warmUpSeconds = this.seconds;
    this.#answered = 0;
    this.phase = 'measured';
    // Begins first, so that it is never shorter than the phase.
    this.#stretch = new Stretch(this.clock);
    this.#phaseStart = this.clock.now();
  }

  /**
   * An answer to a request of the present phase.
   *
   * @param latency seconds
   */
  answered(position: number, latency: number): void {
    this.#answered += 1;
    this.#recent.record(latency);
    if (this.phase === 'warm-up') this.#warmUp.record(position, latency);
  }

  warn(warning: Warning): void {
    this.#warnings.push(warning);
  }

  /** Ends the measured stretch, and the load. */
  finish(): void {
    if (!this.#stretch || this.over) return;
    this.#record = this.#stretch.end();
    this.#stop();
    this.#resolve();
  }

  /** Ends the load with an error. */
  fail(reason: unknown): void {
    this.#stop();
    this.#reject(reason);
  }

  result(): Omit<LoadResult, 'driver' | 'instances'> {
    const record = this.#record;
    if (!record) throw new TypeError('the load has no result before it is over');
    return { warmUpSeconds: this.#warmUpSeconds, warm: this.#warm, ...record, warnings: this.#warnings };
  }

  #onTick(): void {
    const now = this.clock.now();
    if (this.phase === 'warm-up') {
      const state = this.#warmUp.state(now - this.#phaseStart);
      if (state !== 'on') this.#turns.warmedUp(state === 'warm');
    }
    this.#ticks += 1;
    if (this.#ticks % TICKS_PER_PROGRESS === 0) this.#progress(now - this.#phaseStart);
    if (!this.over) this.#turns.check(now);
  }

  #stop(): void {
    this.phase = 'over';
    clearInterval(this.#tick);
    this.#options.signal.removeEventListener('abort', this.#onAbort);
    this.#turns.stopped?.();
  }

  #progress(seconds: number): void {
    if (this.phase !== 'warm-up' && this.phase !== 'measured') return;
    const p50 = this.#recent.p50();
    this.#options.onProgress?.({ phase: this.phase, seconds, requests: this.#answered, p50 });
  }
}
