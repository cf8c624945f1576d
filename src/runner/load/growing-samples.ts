/** Numbers appended one by one without an object each. */
export class GrowingSamples {
  #values = new Float64Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** A copy. */
  values(): Float64Array {
    return this.#values.slice(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }
}
