/**
 * When a warm-up may end. The criterion pools all instances, so it cannot see which build an instance runs, and
 * stopping by it cannot favour one of them.
 */
import type { Rounds } from '../../config.ts';
import { quantileSorted } from '../../quantile.ts';
import { GrowingSamples } from './growing-samples.ts';
import type { LoadOptions } from './load-result.ts';

/** Requests after which V8 has optimised what a request runs, in the services that were tried. */
const ENOUGH_REQUESTS = 500;
/** Of an instance too slow for that: still more than a handful. */
const FEWEST_REQUESTS = 20;
const STEADY_SHARE = 0.03;
const SLICE_SECONDS = 0.5;
/** Two seconds now and the two seconds before. */
const SLICES_PER_WINDOW = 4;

export class WarmUp {
  readonly #plan: Rounds['warmUp'];
  readonly #counts: Uint32Array;
  readonly #slices: Float64Array[] = [];
  readonly #slice = new GrowingSamples();
  #sliceEnd = SLICE_SECONDS;
  #steady = false;

  constructor(plan: Rounds['warmUp'], instances: number) {
    this.#plan = plan;
    this.#counts = new Uint32Array(instances);
  }

  record(position: number, latency: number): void {
    this.#counts[position] = (this.#counts[position] as number) + 1;
    this.#slice.push(latency);
  }

  /** @param seconds since the warm-up began; asked several times a slice */
  state(seconds: number): 'on' | 'warm' | 'out of time' {
    if (this.#plan.kind === 'fixed') return seconds >= this.#plan.seconds ? 'warm' : 'on';
    if (seconds >= this.#sliceEnd) this.#closeSlice(seconds);
    if (this.#steady && this.#enough(seconds, this.#plan.atMostSeconds)) return 'warm';
    return seconds >= this.#plan.atMostSeconds ? 'out of time' : 'on';
  }

  #closeSlice(seconds: number): void {
    this.#sliceEnd = seconds + SLICE_SECONDS;
    this.#slices.push(this.#slice.values());
    this.#slice.clear();
    if (this.#slices.length > 2 * SLICES_PER_WINDOW) this.#slices.shift();
    const before = median(this.#slices.slice(0, -SLICES_PER_WINDOW));
    const now = median(this.#slices.slice(-SLICES_PER_WINDOW));
    this.#steady =
      this.#slices.length === 2 * SLICES_PER_WINDOW &&
      before !== null &&
      now !== null &&
      Math.abs(now - before) <= STEADY_SHARE * before;
  }

  /** A slow service gets half of the time limit instead of the full number of requests. */
  #enough(seconds: number, atMostSeconds: number): boolean {
    const fewest = Math.min(...this.#counts);
    return fewest >= (seconds >= atMostSeconds / 2 ? FEWEST_REQUESTS : ENOUGH_REQUESTS);
  }
}

/** As many writes a second as in the measured stretch, but never more in all. */
export function warmUpWrites({ warmUp, durationSeconds, load }: LoadOptions): number {
  const seconds = warmUp.kind === 'fixed' ? warmUp.seconds : warmUp.atMostSeconds;
  return Math.round(load.maxWrites * Math.min(1, seconds / durationSeconds));
}

function median(slices: readonly Float64Array[]): number | null {
  const length = slices.reduce((sum, slice) => sum + slice.length, 0);
  if (length === 0) return null;
  const all = new Float64Array(length);
  let at = 0;
  for (const slice of slices) {
    all.set(slice, at);
    at += slice.length;
  }
  return quantileSorted(all.sort(), 0.5);
}
