/** Strings by their UTF-8 bytes: names come again and again, and making a string of bytes is what costs. */

/** Longer ones, such as statements, are seldom the same. */
const LONGEST = 256;
/** A service that makes names without end must not fill the memory. */
const MOST = 20_000;

interface Entry {
  readonly bytes: Uint8Array;
  readonly text: string;
}

export class ByteStrings {
  readonly #entries = new Map<number, Entry[]>();
  #count = 0;

  textOf(bytes: Uint8Array, from: number, to: number): string {
    if (to - from > LONGEST) return decoded(bytes, from, to);
    const hash = hashOf(bytes, from, to);
    const alike = this.#entries.get(hash);
    if (alike !== undefined) {
      for (const entry of alike) if (equal(entry.bytes, bytes, from, to)) return entry.text;
    }
    const text = decoded(bytes, from, to);
    if (this.#count < MOST) {
      this.#count += 1;
      const entry = { bytes: bytes.slice(from, to), text };
      if (alike === undefined) this.#entries.set(hash, [entry]);
      else alike.push(entry);
    }
    return text;
  }
}

function decoded(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
}

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash;
}

function equal(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let index = 0; index < known.length; index += 1) {
    if (known[index] !== bytes[from + index]) return false;
  }
  return true;
}
