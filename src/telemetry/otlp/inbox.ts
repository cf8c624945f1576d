/**
 * Keeps the bodies of OTLP requests while a round is measured, and decodes them behind it: the service under test is
 * answered at once and shares its cores with nobody who decodes. Past a memory limit it decodes as they come.
 */
import { decodeJsonTraces, MalformedJson } from './decode-json-traces.ts';
import { countSpans, TraceDecoder } from './decode-traces.ts';
import { OtlpSpan, SpanRows } from './span-rows.ts';
import { MalformedMessage } from './wire-reader.ts';

export type OtlpSignal = 'traces' | 'metrics' | 'logs';
export type OtlpEncoding = 'protobuf' | 'json';

export interface OtlpBody {
  readonly signal: OtlpSignal;
  readonly encoding: OtlpEncoding;
  /** Not compressed. */
  readonly bytes: Uint8Array;
}

export interface InboxQuality {
  readonly requests: number;
  readonly bytes: number;
  /** Requests that could not be read, or not to their end. */
  readonly malformed: number;
  /** Spans without ids, or with times that make no sense. */
  readonly refusedSpans: number;
  /** Requests that were decoded while the service was measured, since the memory limit was reached. */
  readonly decodedInline: number;
}

/** Half an hour of a thousand spans a second; a decoded span takes a quarter of the bytes that bring it. */
const MOST_BYTES = 512 * 1024 * 1024;

export class OtlpInbox {
  readonly #mostBytes: number;
  readonly #rows = new SpanRows();
  readonly #decoder = new TraceDecoder(this.#rows);
  readonly #span = new OtlpSpan();
  #bodies: OtlpBody[] = [];
  #keptBytes = 0;
  #requests = 0;
  #bytes = 0;
  #malformed = 0;
  #decodedInline = 0;

  /** @param mostBytes bodies that are kept, in all */
  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  get quality(): InboxQuality {
    return {
      requests: this.#requests,
      bytes: this.#bytes,
      malformed: this.#malformed,
      refusedSpans: this.#rows.refused,
      decodedInline: this.#decodedInline,
    };
  }

  /**
   * Looks at a body just closely enough to answer for it.
   *
   * @returns null, or why it is refused: nothing of it is kept then
   */
  accept(body: OtlpBody): string | null {
    this.#requests += 1;
    this.#bytes += body.bytes.byteLength;
    const problem = problemOf(body);
    if (problem !== null) {
      this.#malformed += 1;
      return problem;
    }
    // Nobody reads metrics and logs yet.
    if (body.signal !== 'traces') return null;
    if (this.#keptBytes + body.bytes.byteLength <= this.#mostBytes) {
      this.#bodies.push(body);
      this.#keptBytes += body.bytes.byteLength;
    } else {
      this.#decodedInline += 1;
      this.#decode(body);
    }
    return null;
  }

  /** Decodes all that is kept. */
  spans(): SpanRows {
    const bodies = this.#bodies;
    this.#bodies = [];
    this.#keptBytes = 0;
    for (const body of bodies) this.#decode(body);
    return this.#rows;
  }

  #decode({ encoding, bytes }: OtlpBody): void {
    try {
      if (encoding === 'protobuf') this.#decoder.decode(bytes);
      else decodeJsonTraces(new TextDecoder().decode(bytes), this.#rows, this.#span);
    } catch (error) {
      // The outside of a request was looked at; the inside of a span can still be broken.
      if (!(error instanceof MalformedMessage || error instanceof MalformedJson)) throw error;
      this.#malformed += 1;
    }
  }
}

/** The outside of protobuf down to the spans; of JSON whether it is any, and an object. */
function problemOf({ signal, encoding, bytes }: OtlpBody): string | null {
  try {
    if (encoding === 'protobuf') {
      if (signal === 'traces') countSpans(bytes);
    } else {
      const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        return 'the request is not an object';
    }
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
