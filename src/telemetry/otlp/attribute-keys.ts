/** Finds out which of a few keys some bytes are, without making a string of them: most attributes are none of these. */

interface Key {
  readonly bytes: Uint8Array;
  readonly key: string;
}

const NONE: readonly Key[] = [];

export class AttributeKeys {
  /** Few keys have the same length. */
  readonly #byLength: (readonly Key[])[] = [];

  constructor(keys: readonly string[]) {
    const all = keys.map((key) => ({ key, bytes: new TextEncoder().encode(key) }));
    const longest = Math.max(0, ...all.map(({ bytes }) => bytes.length));
    for (let length = 0; length <= longest; length += 1) {
      const alike = all.filter(({ bytes }) => bytes.length === length);
      this.#byLength.push(alike.length === 0 ? NONE : alike);
    }
  }

  /** Null where it is none of the keys. */
  find(bytes: Uint8Array, from: number, to: number): string | null {
    const length = to - from;
    const alike = length < this.#byLength.length ? (this.#byLength[length] as readonly Key[]) : NONE;
    for (let index = 0; index < alike.length; index += 1) {
      const known = alike[index] as Key;
      if (endsAlike(known.bytes, bytes, from)) return known.key;
    }
    return null;
  }
}

/** From the end: keys of one namespace begin alike. */
function endsAlike(known: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let index = known.length - 1; index >= 0; index -= 1) {
    if (known[index] !== bytes[from + index]) return false;
  }
  return true;
}
