/** The last latencies, for the progress display only: small, so that its median costs nothing while measuring. */
const KEPT = 255;

export class RecentLatencies {
  readonly #ring = new Float64Array(KEPT);
  #count = 0;

  record(latency: number): void {
    this.#ring[this.#count % KEPT] = latency;
    this.#count += 1;
  }

  p50(): number | null {
    const sorted = this.#ring.slice(0, this.#count).sort();
    return sorted[sorted.length >> 1] ?? null;
  }
}
