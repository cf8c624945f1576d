/** How well the open model keeps its schedule, as figures and as warnings. */
import type { Warning } from '../../measurement.ts';
import { quantileSorted } from '../../quantile.ts';
import { GrowingSamples } from './growing-samples.ts';
import { rateMissed, startsDropped, startsLate } from './load-errors.ts';
import type { Punctuality } from './load-result.ts';

/** Above the jitter of a good machine; as latencies count from the time that was due, they grow by as much. */
export const LATE_SECONDS = 0.005;
/** Where more are late, the upper quantiles of latency are those of the generator. */
const TOLERATED_LATE_SHARE = 0.02;
const LOWEST_ACHIEVED_SHARE = 0.99;

/** Times are milliseconds of `performance.now()`. */
export class Schedule {
  readonly #rate: number;
  readonly #lateness = new GrowingSamples();
  #late = 0;
  #dropped = 0;
  #firstDue = Number.NaN;
  #lastDue = 0;
  #lastStart = 0;

  /** @param rate starts a second */
  constructor(rate: number) {
    this.#rate = rate;
  }

  due(at: number): void {
    if (Number.isNaN(this.#firstDue)) this.#firstDue = at;
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
    const started = this.#lateness.length;
    const due = started + this.#dropped;
    const lateness = this.#lateness.values().sort();
    const planned = (this.#lastDue - this.#firstDue) / 1000;
    const needed = (Math.max(this.#lastDue, this.#lastStart) - this.#firstDue) / 1000;
    // A schedule of n starts has n - 1 gaps; that of a single one says nothing of a rate.
    const achievedRate = needed > 0 ? (Math.max(0, started - 1) || 0) / needed : this.#rate;
    return {
      rate: this.#rate,
      achievedRate,
      achievedShare: due === 0 ? 0 : (started / due) * (needed > 0 ? planned / needed : 1),
      due,
      dropped: this.#dropped,
      lateShare: due === 0 ? 0 : (this.#late + this.#dropped) / due,
      lateness: {
        p50: started === 0 ? 0 : quantileSorted(lateness, 0.5),
        p99: started === 0 ? 0 : quantileSorted(lateness, 0.99),
      },
    };
  }
}

export function punctualityWarnings({ dropped, due, lateShare, achievedShare }: Punctuality): Warning[] {
  const warnings: Warning[] = [];
  if (dropped > 0) warnings.push(startsDropped(dropped, due));
  else if (lateShare > TOLERATED_LATE_SHARE) warnings.push(startsLate(lateShare, LATE_SECONDS * 1000));
  if (dropped === 0 && achievedShare < LOWEST_ACHIEVED_SHARE) warnings.push(rateMissed(achievedShare));
  return warnings;
}
