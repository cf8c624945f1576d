/**
 * Decodes `ExportTraceServiceRequest`, protobuf, reading only what the gate needs. Field numbers are those of
 * opentelemetry-proto 1.11.0, `trace.proto`, `common.proto` and `resource.proto`.
 */
import { ByteStrings } from './byte-strings.ts';
import { adjustedCount } from './sampling-threshold.ts';
import {
  EXCEPTION_ATTRIBUTES,
  type OtlpResource,
  OtlpSpan,
  READ_ATTRIBUTES,
  type Recorder,
  type SpanRows,
} from './span-rows.ts';
import { WIRE, WireReader } from './wire-reader.ts';

const { varint, fixed64, bytes: BYTES, fixed32 } = WIRE;

/** A trace state is ASCII; what is not must not throw. */
const latin1 = new TextDecoder('latin1');

const WANTED: ReadonlySet<string> = new Set(READ_ATTRIBUTES);

/** Decodes requests one after another; what it has learnt of strings serves them all. */
export class TraceDecoder {
  readonly #rows: SpanRows;
  readonly #strings = new ByteStrings();
  readonly #span = new OtlpSpan();
  #reader = new WireReader(new Uint8Array());
  #resource: { service: string; pid: number } = { service: '', pid: 0 };

  constructor(rows: SpanRows) {
    this.#rows = rows;
  }

  /** @throws MalformedMessage; spans before that place have been added */
  decode(body: Uint8Array): void {
    const reader = new WireReader(body);
    this.#reader = reader;
    const end = body.byteLength;
    while (reader.next(end)) {
      if (reader.is(1, BYTES)) this.#resourceSpans(reader.endOfBytes(end));
      else reader.skip(end);
    }
  }

  #resourceSpans(end: number): void {
    const reader = this.#reader;
    const from = reader.at;
    this.#resource = { service: '', pid: 0 };
    // The resource may stand behind the spans: fields have no order.
    while (reader.next(end)) {
      if (reader.is(1, BYTES)) this.#readResource(reader.endOfBytes(end));
      else reader.skip(end);
    }
    const recorder = this.#rows.recorderOf(this.#resource satisfies OtlpResource);
    reader.at = from;
    while (reader.next(end)) {
      if (reader.is(2, BYTES)) this.#scopeSpans(reader.endOfBytes(end), recorder);
      else reader.skip(end);
    }
  }

  #readResource(end: number): void {
    const reader = this.#reader;
    while (reader.next(end)) {
      if (!reader.is(1, BYTES)) {
        reader.skip(end);
        continue;
      }
      this.#keyValue(reader.endOfBytes(end), (key, value) => {
        if (key === 'service.name') this.#resource.service = String(value);
        else if (key === 'process.pid' && typeof value === 'number') this.#resource.pid = value;
      });
    }
  }

  #scopeSpans(end: number, recorder: Recorder): void {
    const reader = this.#reader;
    while (reader.next(end)) {
      if (reader.is(2, BYTES)) {
        this.#readSpan(reader.endOfBytes(end));
        this.#rows.add(recorder, this.#span);
      } else reader.skip(end);
    }
  }

  #readSpan(end: number): void {
    const reader = this.#reader;
    const span = this.#span;
    span.clear();
    while (reader.next(end)) {
      const { field, type } = reader;
      if (field === 1 && type === BYTES) this.#id(span.traceId, end);
      else if (field === 2 && type === BYTES) this.#id(span.spanId, end);
      else if (field === 3 && type === BYTES) this.#traceState(reader.endOfBytes(end));
      else if (field === 4 && type === BYTES) this.#id(span.parentId, end);
      else if (field === 5 && type === BYTES) span.name = this.#text(end);
      else if (field === 6 && type === varint) span.kind = Math.min(Math.max(reader.varint() - 1, 0), 4);
      else if (field === 7 && type === fixed64) {
        span.startLow = reader.fixed32();
        span.startHigh = reader.fixed32();
      } else if (field === 8 && type === fixed64) {
        span.endLow = reader.fixed32();
        span.endHigh = reader.fixed32();
      } else if (field === 9 && type === BYTES) this.#attribute(reader.endOfBytes(end));
      else if (field === 11 && type === BYTES) this.#event(reader.endOfBytes(end));
      else if (field === 15 && type === BYTES) this.#status(reader.endOfBytes(end));
      else if (field === 16 && type === fixed32) span.flags = reader.fixed32();
      else reader.skip(end);
    }
  }

  /** Of another length than its kind of id, it is no id: the span is refused then. */
  #id(words: Uint32Array, within: number): void {
    const reader = this.#reader;
    const end = reader.endOfBytes(within);
    if (end - reader.at === words.length * 4) {
      for (let index = 0; index < words.length; index += 1)
        words[index] = reader.wordAt(reader.at + index * 4);
    } else words.fill(0);
    reader.at = end;
  }

  /** Not through the table of strings: with a random value in it, each is another one. */
  #traceState(end: number): void {
    const reader = this.#reader;
    if (end > reader.at) {
      this.#span.count = adjustedCount(latin1.decode(reader.bytes.subarray(reader.at, end)));
    }
    reader.at = end;
  }

  #text(within: number): string {
    const reader = this.#reader;
    const end = reader.endOfBytes(within);
    const text = this.#strings.textOf(reader.bytes, reader.at, end);
    reader.at = end;
    return text;
  }

  #attribute(end: number): void {
    const span = this.#span;
    this.#keyValue(end, (key, value) => span.setAttribute(key, value), WANTED);
  }

  /** Calls back with a text or a number; other values and keys that are not wanted are skipped. */
  #keyValue(
    end: number,
    found: (key: string, value: string | number) => void,
    wanted?: ReadonlySet<string>,
  ): void {
    const reader = this.#reader;
    let key = '';
    let value: string | number | null = null;
    while (reader.next(end)) {
      if (reader.is(1, BYTES)) {
        key = this.#text(end);
        // Writers put the key first.
        if (wanted !== undefined && !wanted.has(key)) {
          reader.at = end;
          return;
        }
      } else if (reader.is(2, BYTES)) value = this.#anyValue(reader.endOfBytes(end));
      else reader.skip(end);
    }
    if (value !== null && (wanted === undefined || wanted.has(key))) found(key, value);
  }

  #anyValue(end: number): string | number | null {
    const reader = this.#reader;
    let value: string | number | null = null;
    while (reader.next(end)) {
      if (reader.is(1, BYTES)) value = this.#text(end);
      else if (reader.is(3, varint)) value = reader.varint();
      else if (reader.is(4, fixed64)) value = reader.double();
      else reader.skip(end);
    }
    return value;
  }

  #event(end: number): void {
    const reader = this.#reader;
    let isException = false;
    const attributes: Record<string, string> = {};
    while (reader.next(end)) {
      if (reader.is(2, BYTES)) isException = this.#text(end) === 'exception';
      else if (reader.is(3, BYTES)) {
        this.#keyValue(
          reader.endOfBytes(end),
          (key, value) => {
            attributes[key] = String(value);
          },
          EXCEPTION_ATTRIBUTES,
        );
      } else reader.skip(end);
    }
    if (isException) this.#span.addException(attributes);
  }

  #status(end: number): void {
    const reader = this.#reader;
    while (reader.next(end)) {
      if (reader.is(3, varint)) this.#span.status.code = Math.min(reader.varint(), 2);
      else reader.skip(end);
    }
  }
}
