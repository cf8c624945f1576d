/** The body of an answer: kept whole only where something of it is to be saved, as decoding it costs time. */

/** Of other answers: enough for a message. */
const KEPT_BYTES = 4096;

export class AnswerBody {
  #chunks: Uint8Array[] = [];
  #room = 0;

  /** @param whole whether all of it is wanted */
  begin(whole: boolean): void {
    this.#chunks = [];
    this.#room = whole ? Number.POSITIVE_INFINITY : KEPT_BYTES;
  }

  add(chunk: Uint8Array): void {
    if (this.#room <= 0) return;
    this.#room -= chunk.length;
    this.#chunks.push(chunk);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
