/** Ids of spans that are cheap to make and cheap to write down again. */
import { randomBytes } from 'node:crypto';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace-base';

/** First words of span ids are random for each process and thread, second words are unique in it. */
export class LocalIdGenerator {
  /** The first 32 bits of every span id made here. */
  readonly high: number;
  readonly generateTraceId = new RandomIdGenerator().generateTraceId;
  readonly #bytes = randomBytes(8);
  #count = 0;

  constructor() {
    this.high = this.#bytes.readUInt32BE(0);
  }

  generateSpanId(): string {
    this.#count = (this.#count + 1) | 0;
    // A permutation of the numbers of 32 bits: neighbours look unlike, and none comes twice. Only 0 gives 0.
    const low = Math.imul(this.#count, 0x9e3779b1);
    this.#bytes[4] = low >>> 24;
    this.#bytes[5] = low >>> 16;
    this.#bytes[6] = low >>> 8;
    this.#bytes[7] = low;
    return this.#bytes.toString('hex');
  }
}
