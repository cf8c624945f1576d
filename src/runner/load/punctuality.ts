/** How well the open model keeps its schedule, as figures and as warnings. */
import type { Warning } from '../../measurement.ts';
import { quantileSorted } from '../../quantile.ts';
import { GrowingSamples } from './growing-samples.ts';
import { rateMissed, startsDropped, startsLate } from './load-errors.ts';
import type { Punctuality } from './load-result.ts';

/** Above the jitter of a good machine; as latencies count from the time that was due, they grow by as much. */
export const LATE_SECONDS = 0.005;
/** Where more are late, the upper quantiles of latency are those of the generator. */
export const TOLERATED_LATE_SHARE = 0.02;
export const LOWEST_ACHIEVED_SHARE = 0.99;

/** Times are milliseconds of `performance.now()`. */
export class Schedule {
  readonly #rate: number;
  readonly #lateness = new GrowingSamples();
  #due = 0;
  #late = 0;
  #dropped = 0;
  #lastDue = 0;
  #lastStart = 0;

  /** @param rate starts a second */
  constructor(rate: number) {
    this.#rate = rate;
  }

  due(at: number): void {
    this.#due += 1;
    this.#lastDue = at;
  }

  started(due: number, at: number): void {
    const lateness = Math.max(0, at - due) / 1000;
    this.#lateness.push(lateness);
    if (lateness > LATE_SECONDS) this.#late += 1;
    this.#lastStart = at;
  }

  dropped(): void {
    this.#dropped += 1;
  }

  result(): Punctuality {
    const lateness = this.#lateness.values().sort();
    const overrun = Math.max(0, this.#lastStart - this.#lastDue) / 1000;
    const share = (count: number): number => (this.#due === 0 ? 0 : count / this.#due);
    const quantile = (q: number): number => (lateness.length === 0 ? 0 : quantileSorted(lateness, q));
    return {
      rate: this.#rate,
      achievedRate: this.#due === 0 ? 0 : lateness.length / (this.#due / this.#rate + overrun),
      due: this.#due,
      dropped: this.#dropped,
      lateShare: share(this.#late + this.#dropped),
      lateness: { p50: quantile(0.5), p99: quantile(0.99) },
    };
  }
}

export function punctualityWarnings(punctuality: Punctuality): Warning[] {
  const { dropped, due, lateShare, achievedRate, rate } = punctuality;
  if (dropped > 0) return [startsDropped(dropped, due)];
  const warnings: Warning[] = [];
  if (lateShare > TOLERATED_LATE_SHARE) warnings.push(startsLate(lateShare, LATE_SECONDS * 1000));
  if (achievedRate < LOWEST_ACHIEVED_SHARE * rate) warnings.push(rateMissed(achievedRate / rate));
  return warnings;
}
