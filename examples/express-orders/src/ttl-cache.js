/** A cache in the memory of the process. Many who ask for the same missing key wait for one load. */
export class TtlCache {
  #entries = new Map();
  #lifetimeMs;
  #now;

  /** @param {number} lifetimeSeconds 0 keeps nothing */
  constructor(lifetimeSeconds, now = Date.now) {
    this.#lifetimeMs = lifetimeSeconds * 1000;
    this.#now = now;
  }

  /**
   * @template T
   * @param {string} key
   * @param {() => Promise<T>} load called where there is no fresh value; a failure is not kept
   * @returns {Promise<T>}
   */
  get(key, load) {
    const found = this.#entries.get(key);
    if (found !== undefined && this.#now() < found.until) return found.value;
    const value = load();
    const entry = { value, until: this.#now() + this.#lifetimeMs };
    this.#entries.set(key, entry);
    value.catch(() => this.#entries.get(key) === entry && this.#entries.delete(key));
    return value;
  }
}
