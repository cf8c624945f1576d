/** Ids by text, filled up to a limit and then left as it is: what comes too late is worked out each time. */

/** Longer texts are not kept; few statements are longer, and they would fill the memory of the service. */
const TEXT_LIMIT = 8_192;

export class BoundedCache {
  readonly #limit: number;
  readonly #ids = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(text: string): number | undefined {
    return this.#ids.get(text);
  }

  set(text: string, id: number): void {
    if (this.#ids.size < this.#limit && text.length <= TEXT_LIMIT) this.#ids.set(text, id);
  }
}
