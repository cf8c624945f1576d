/**
 * Strings by their UTF-8 bytes, as small numbers: names come again and again, and making a string of bytes is what costs.
 */

/** Longer ones, such as statements, are seldom the same. */
export const LONGEST = 256;
/** A service that makes names without end must not fill the memory. */
const MOST = 20_000;
/** At least twice as many places as strings, so that a search ends soon; a power of two, so that a mask finds one. */
const PLACES = 65_536;

/** Id of a string that is not kept. */
export const UNKNOWN_STRING = -1;

export class ByteStrings {
  /** Ids, from 1, by a hash of the bytes, in the next free place. */
  readonly #places = new Uint16Array(PLACES);
  /** By id. */
  readonly #bytes: Uint8Array[] = [EMPTY];
  readonly #texts: string[] = [''];

  /** @returns the id of the string, from 0; `UNKNOWN_STRING` for one that is long, or came when there were too many */
  idOf(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    if (length === 0) return 0;
    if (length > LONGEST) return UNKNOWN_STRING;
    let place = hashOf(bytes, from, to) & (PLACES - 1);
    for (;;) {
      const id = this.#places[place] as number;
      // A copy: a part of the request would keep all of it in memory.
      if (id === 0) return this.#add(place, new Uint8Array(bytes.subarray(from, to)));
      if (isEqual(this.#bytes[id] as Uint8Array, { bytes, from, length })) return id;
      place = (place + 1) & (PLACES - 1);
    }
  }

  /** The string of an id that `idOf` gave. */
  text(id: number): string {
    return this.#texts[id] as string;
  }

  textOf(bytes: Uint8Array, from: number, to: number): string {
    const id = this.idOf(bytes, from, to);
    return id === UNKNOWN_STRING ? decoded(bytes, from, to) : this.text(id);
  }

  #add(place: number, bytes: Uint8Array): number {
    if (this.#texts.length > MOST) return UNKNOWN_STRING;
    const id = this.#texts.push(decoded(bytes, 0, bytes.length)) - 1;
    this.#bytes.push(bytes);
    this.#places[place] = id;
    return id;
  }
}

const EMPTY = new Uint8Array();

function decoded(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString();
}

/** FNV-1a, 32 bits, and its high bits mixed into the low ones: http://www.isthe.com/chongo/tech/comp/fnv/ */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return hash ^ (hash >>> 15);
}

function isEqual(
  known: Uint8Array,
  { bytes, from, length }: { readonly bytes: Uint8Array; readonly from: number; readonly length: number },
): boolean {
  if (known.length !== length) return false;
  for (let index = 0; index < length; index += 1) {
    if (known[index] !== bytes[from + index]) return false;
  }
  return true;
}
