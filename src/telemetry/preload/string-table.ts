/** Interns strings as small numbers. */
import type { NewStrings } from '../recording-format.ts';

export class StringTable {
  readonly #limit: number;
  readonly #ids = new Map<string, number>();
  readonly #strings: string[] = [];

  /** @param limit ids are 1 to `limit`; a string over it has the id 0 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#strings.length;
  }

  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    if (this.#strings.length >= this.#limit) return 0;
    const id = this.#strings.push(text);
    this.#ids.set(text, id);
    return id;
  }

  /** The strings after the first `count`. */
  after(count: number): NewStrings {
    return { from: count + 1, strings: this.#strings.slice(count) };
  }
}
