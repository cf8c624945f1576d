/** A set of span ids, each two 32-bit words, by open addressing: one look at two arrays a span. */

/** At most three quarters of the places are taken, so that chains stay short. */
const FULLEST = 0.75;

export class SpanIdSet {
  #words: Uint32Array;
  #places: number;
  #count = 0;

  /** @param expected how many ids are to be kept; more make it grow */
  constructor(expected: number) {
    this.#places = placesFor(expected);
    this.#words = new Uint32Array(this.#places * 2);
  }

  /** @returns false where it was there already, and for the id of zeros, which is none */
  add(high: number, low: number): boolean {
    if (high === 0 && low === 0) return false;
    if (this.#count + 1 > this.#places * FULLEST) this.#grow();
    const place = this.#find(high, low);
    if (this.#words[place] !== 0 || this.#words[place + 1] !== 0) return false;
    this.#words[place] = high;
    this.#words[place + 1] = low;
    this.#count += 1;
    return true;
  }

  /** Place of the id, or the empty one where it belongs. */
  #find(high: number, low: number): number {
    const words = this.#words;
    // Ids are random in their low word, but for those of odd SDKs: both words, mixed once.
    let place = (Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca77) >>> 0) % this.#places;
    for (;;) {
      const at = place * 2;
      if (words[at] === high && words[at + 1] === low) return at;
      if (words[at] === 0 && words[at + 1] === 0) return at;
      place = place + 1 === this.#places ? 0 : place + 1;
    }
  }

  #grow(): void {
    const old = this.#words;
    this.#places *= 2;
    this.#words = new Uint32Array(this.#places * 2);
    for (let at = 0; at < old.length; at += 2) {
      const high = old[at] as number;
      const low = old[at + 1] as number;
      if (high === 0 && low === 0) continue;
      const place = this.#find(high, low);
      this.#words[place] = high;
      this.#words[place + 1] = low;
    }
  }
}

function placesFor(expected: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, expected / FULLEST)));
}
