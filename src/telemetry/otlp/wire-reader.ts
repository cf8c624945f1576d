/**
 * Reads the wire format of protobuf, field by field, out of one buffer and without copying: what is not wanted is
 * skipped by its length. Source: https://protobuf.dev/programming-guides/encoding/
 */

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/** The bytes are no protobuf message, or end in the middle of one. */
export class MalformedMessage extends Error {
  /** Offset in the buffer. */
  readonly at: number;

  constructor(what: string, at: number) {
    super(`${what} at byte ${at}`);
    this.name = 'MalformedMessage';
    this.at = at;
  }
}

/** Groups are obsolete, and nothing else nests what is skipped: deeper ones are an attack. */
const DEEPEST_GROUP = 8;

/** A position in a buffer; fields are read in the order in which they are written. */
export class WireReader {
  readonly bytes: Uint8Array;
  at: number;
  /** Number and wire type of the field that `next` has found, and both together as they are written. */
  field = 0;
  type = 0;
  tag = 0;
  /** Where that field begins. */
  tagAt = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.at = 0;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * Goes to the next field of a message that ends at `end`.
   *
   * @returns false at its end
   * @throws MalformedMessage
   */
  next(end: number): boolean {
    if (this.at >= end) {
      if (this.at > end) throw new MalformedMessage('a field goes beyond its message', this.at);
      return false;
    }
    this.tagAt = this.at;
    const tag = this.varint();
    this.tag = tag;
    this.field = tag >>> 3;
    this.type = tag & 7;
    if (this.field === 0) throw new MalformedMessage('a field has the number 0', this.at);
    return true;
  }

  /** Whether the field found is `field` of that type; a field of another type is unknown, as the format says. */
  is(field: number, type: number): boolean {
    return this.field === field && this.type === type;
  }

  /** A number below 2^53 exactly; more are rounded. Ten bytes at most. */
  varint(): number {
    const { bytes, at } = this;
    // Short enough to be put in the place of its call: nearly all tags and lengths have one byte.
    if (at < bytes.length && (bytes[at] as number) < 0x80) {
      this.at = at + 1;
      return bytes[at] as number;
    }
    return this.#longVarint();
  }

  #longVarint(): number {
    const { bytes } = this;
    let { at } = this;
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 10; length += 1) {
      const byte = bytes[at] ?? -1;
      if (byte < 0) throw new MalformedMessage('a number is cut off', at);
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        this.at = at;
        return value;
      }
      scale *= 128;
    }
    throw new MalformedMessage('a number has more than ten bytes', at);
  }

  /** An int64: below zero it has all its ten bytes, of which `varint` would lose the last digits. */
  signedVarint(): number {
    const from = this.at;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let at = this.at - 1; at >= from; at -= 1)
      exact = (exact << 7n) | BigInt((this.bytes[at] as number) & 0x7f);
    return Number(BigInt.asIntN(64, exact));
  }

  /** End of the length-delimited field whose length is next; the reader then stands at its first byte. */
  endOfBytes(within: number): number {
    const length = this.varint();
    const end = this.at + length;
    if (!(end <= within)) throw new MalformedMessage('a field goes beyond its message', this.at);
    return end;
  }

  /** Low word of a fixed64; the high one is `fixed32()` behind it. */
  fixed32(): number {
    if (this.at + 4 > this.bytes.byteLength) throw new MalformedMessage('a number is cut off', this.at);
    const value = this.#view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }

  /** Puts a fixed64 as its high and its low word into `words`: as one number it would not be exact. */
  fixed64(words: Uint32Array, index: number): void {
    const { at } = this;
    if (at + 8 > this.bytes.byteLength) throw new MalformedMessage('a number is cut off', at);
    words[index] = this.#view.getUint32(at + 4, true);
    words[index + 1] = this.#view.getUint32(at, true);
    this.at = at + 8;
  }

  double(): number {
    if (this.at + 8 > this.bytes.byteLength) throw new MalformedMessage('a number is cut off', this.at);
    const value = this.#view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  /** Big-endian, as ids are written. */
  wordAt(at: number): number {
    return this.#view.getUint32(at, false);
  }

  text(end: number): string {
    const text = Buffer.from(this.bytes.buffer, this.bytes.byteOffset + this.at, end - this.at).toString();
    this.at = end;
    return text;
  }

  /** Goes behind the field that `next` has found. */
  skip(within: number): void {
    if (this.type === WIRE.bytes) {
      this.at = this.endOfBytes(within);
      return;
    }
    this.#skip(within, 0);
    if (this.at > within) throw new MalformedMessage('a field goes beyond its message', this.at);
  }

  #isAt(type: number): boolean {
    return this.type === type;
  }

  #skip(within: number, depth: number): void {
    if (this.type === WIRE.varint) this.varint();
    else if (this.type === WIRE.fixed64) this.at += 8;
    else if (this.type === WIRE.bytes) this.at = this.endOfBytes(within);
    else if (this.type === WIRE.fixed32) this.at += 4;
    else if (this.type === WIRE.startGroup && depth < DEEPEST_GROUP) {
      while (this.next(within) && !this.#isAt(WIRE.endGroup)) this.#skip(within, depth + 1);
    } else throw new MalformedMessage(`a field has the wire type ${this.type}`, this.at);
  }
}
