/**
 * What is going on, on stderr. A person at a terminal gets one live line; a log gets a plain line now and then,
 * without control characters.
 */
import { paintOf, wantsColour } from './colour.ts';
import { shortenEnd } from './fit-text.ts';
import { logLine } from './safe-text.ts';
import { count, seconds, wallTime } from './units.ts';

export type ProgressPhase =
  | 'setting up'
  | 'starting'
  | 'warm-up'
  | 'measuring'
  | 'probing'
  | 'stopping'
  | 'comparing';

export interface LiveFigures {
  readonly p50Seconds?: number;
  readonly requests?: number;
  readonly remainingSeconds?: number;
}

export interface Progress extends Disposable {
  /** A line that stays, such as `measured 4 rounds`. */
  step(text: string): void;
  /** A warning that stays. */
  warn(text: string): void;
  scenario(name: string): void;
  /** `index` counts from 1. */
  round(index: number, total: number): void;
  phase(phase: ProgressPhase): void;
  live(figures: LiveFigures): void;
  /** Takes the live line away. Nothing is printed after it. */
  done(): void;
}

export interface ProgressOptions {
  readonly stream: { write(text: string): unknown; readonly columns?: number | undefined };
  readonly isTTY: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of any clock that does not step back. */
  readonly now: () => number;
}

/** A terminal shows no more than about ten changes a second that an eye can follow. */
const LIVE_INTERVAL_MS = 100;

/** A CI log needs a sign of life, since runners kill jobs that print nothing for minutes, and no more than that. */
const PLAIN_INTERVAL_MS = 10_000;

const CLEAR_LINE = '\r\u001b[2K';

export function createProgress(options: ProgressOptions): Progress {
  const ci = options.env.CI;
  const isLive = options.isTTY && (!ci || ci === 'false') && options.env.TERM !== 'dumb';
  return new StreamProgress(options, isLive);
}

class StreamProgress implements Progress {
  readonly #options: ProgressOptions;
  readonly #isLive: boolean;
  readonly #paint;
  #scenario = '';
  #round = '';
  /** 0 before the first. */
  #roundIndex = 0;
  #phase: ProgressPhase | null = null;
  #figures: LiveFigures = {};
  #shown = false;
  #lastShown: number;
  #done = false;

  constructor(options: ProgressOptions, isLive: boolean) {
    this.#options = options;
    this.#isLive = isLive;
    this.#paint = paintOf(wantsColour(options.env, options.isTTY));
    this.#lastShown = options.now();
  }

  step(text: string): void {
    this.#line(logLine(text));
  }

  warn(text: string): void {
    this.#line(`${this.#paint.yellow('warning:')} ${logLine(text)}`);
  }

  scenario(name: string): void {
    this.#scenario = name;
    this.#round = '';
    this.#roundIndex = 0;
    this.#phase = null;
    this.#figures = {};
  }

  round(index: number, total: number): void {
    this.#round = `round ${index}/${total}`;
    this.#roundIndex = index;
    this.#figures = {};
    this.#phase = null;
  }

  phase(phase: ProgressPhase): void {
    if (this.#phase === phase) return;
    this.#phase = phase;
    this.#figures = {};
    if (this.#isLive) this.#draw();
    // Most goes wrong in the first round, so a log shows all its phases; of the others it shows how they ended.
    else if (this.#roundIndex <= 1) this.#line(this.#status());
  }

  live(figures: LiveFigures): void {
    this.#figures = figures;
    const interval = this.#isLive ? LIVE_INTERVAL_MS : PLAIN_INTERVAL_MS;
    if (this.#done || this.#options.now() - this.#lastShown < interval) return;
    if (this.#isLive) this.#draw();
    else this.#line(this.#status());
  }

  done(): void {
    this.#clear();
    this.#done = true;
  }

  [Symbol.dispose](): void {
    this.done();
  }

  #status(): string {
    const { p50Seconds, requests, remainingSeconds } = this.#figures;
    return [
      logLine(this.#scenario),
      this.#round,
      this.#phase ?? '',
      remainingSeconds === undefined ? '' : `${wallTime(Math.ceil(remainingSeconds))} left`,
      p50Seconds === undefined ? '' : `p50 ${seconds(p50Seconds)}`,
      requests === undefined ? '' : `${count(requests)} requests`,
    ]
      .filter((part) => part !== '')
      .join(' · ');
  }

  #draw(): void {
    if (this.#done) return;
    // One column is left free: some terminals wrap as soon as the last one is written.
    const width = Math.max(20, (this.#options.stream.columns || 80) - 1);
    this.#options.stream.write(`${CLEAR_LINE}${this.#paint.dim(shortenEnd(this.#status(), width))}`);
    this.#shown = true;
    this.#lastShown = this.#options.now();
  }

  #line(text: string): void {
    if (this.#done) return;
    const wasShown = this.#shown;
    this.#clear();
    this.#options.stream.write(`${text}\n`);
    this.#lastShown = this.#options.now();
    if (wasShown) this.#draw();
  }

  #clear(): void {
    if (this.#shown) this.#options.stream.write(CLEAR_LINE);
    this.#shown = false;
  }
}
