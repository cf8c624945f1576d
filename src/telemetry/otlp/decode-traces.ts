/**
 * Decodes `ExportTraceServiceRequest`, protobuf, reading only what the gate needs. Field numbers are those of
 * opentelemetry-proto 1.11.0, `trace.proto`, `common.proto` and `resource.proto`.
 *
 * A span is read once, and its attributes and events are jumped over by their length; they are gone back to only where
 * its name or its error depends on them. Names are known by their bytes, and no string is made of them again.
 */
import { API_KIND, STATUS_ERROR } from '../preload/ended-span.ts';
import { isBareMethod } from '../preload/http-name.ts';
import { AttributeKeys } from './attribute-keys.ts';
import { type ByteStrings, UNKNOWN_STRING } from './byte-strings.ts';
import { ERROR_ATTRIBUTES, EXCEPTION_ATTRIBUTES, OtlpSpan, READ_ATTRIBUTES } from './otlp-span.ts';
import { adjustedCountIn } from './sampling-threshold.ts';
import type { OtlpResource, SpanRecorder } from './span-recorder.ts';
import type { SpanRows } from './span-rows.ts';
import { WIRE, WireReader } from './wire-reader.ts';

const { varint, fixed64, bytes: BYTES, fixed32 } = WIRE;

/** Tags of the fields of a span: number and wire type, as they are written. */
const FIELD = {
  traceId: (1 << 3) | BYTES,
  spanId: (2 << 3) | BYTES,
  traceState: (3 << 3) | BYTES,
  parentId: (4 << 3) | BYTES,
  name: (5 << 3) | BYTES,
  kind: (6 << 3) | varint,
  start: (7 << 3) | fixed64,
  end: (8 << 3) | fixed64,
  attributes: (9 << 3) | BYTES,
  events: (11 << 3) | BYTES,
  links: (13 << 3) | BYTES,
  status: (15 << 3) | BYTES,
  flags: (16 << 3) | fixed32,
} as const;

const RESOURCE_ATTRIBUTES = ['service.name', 'process.pid'];
const ERROR_KEYS = new AttributeKeys(ERROR_ATTRIBUTES);
const ALL_KEYS = new AttributeKeys(READ_ATTRIBUTES);
const EXCEPTION_KEYS = new AttributeKeys(EXCEPTION_ATTRIBUTES);

/** Decodes requests one after another; what the rows have learnt of strings serves them all. */
export class TraceDecoder {
  readonly #rows: SpanRows;
  readonly #strings: ByteStrings;
  readonly #span = new OtlpSpan();
  #reader = new WireReader(new Uint8Array());
  readonly #resourceKeys: AttributeKeys;
  #resource: { service: string; pid: number; attributes?: Record<string, string> } = { service: '', pid: 0 };
  /** Where repeated fields of the span begin and end; equal where it has none. */
  #attributesAt = 0;
  #attributesEnd = 0;
  #eventsAt = 0;
  #eventsEnd = 0;
  /** Where each link begins and ends, one after the other. */
  readonly #links: number[] = [];
  /** Of the attribute that was read last. */
  #key = '';
  #value: string | number = '';

  /** @param splitBy attributes of resources that are kept */
  constructor(rows: SpanRows, splitBy: readonly string[] = []) {
    this.#resourceKeys = new AttributeKeys([...RESOURCE_ATTRIBUTES, ...splitBy]);
    this.#rows = rows;
    this.#strings = rows.strings;
  }

  /** @throws MalformedMessage; spans before that place have been added */
  decode(body: Uint8Array): void {
    // Not the Buffer that it is: what reads bytes is twice as fast where it sees one class of them.
    const reader = new WireReader(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
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
      if (!this.#keyValue(reader.endOfBytes(end), this.#resourceKeys)) continue;
      if (this.#key === 'service.name') this.#resource.service = String(this.#value);
      else if (this.#key !== 'process.pid') {
        this.#resource.attributes = { ...this.#resource.attributes, [this.#key]: String(this.#value) };
      } else if (typeof this.#value === 'number') this.#resource.pid = this.#value;
    }
  }

  #scopeSpans(end: number, recorder: SpanRecorder): void {
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
    this.#span.clear();
    this.#attributesAt = this.#attributesEnd = this.#eventsAt = this.#eventsEnd = end;
    if (this.#links.length > 0) this.#links.length = 0;
    while (reader.next(end)) this.#readField(end);
    if (this.#links.length > 0 && this.#span.kind === API_KIND.consumer) this.#readLinks(end);
    this.#readDetails(end);
  }

  #readField(end: number): void {
    const reader = this.#reader;
    const span = this.#span;
    switch (reader.tag) {
      case FIELD.traceId:
        this.#id(span.traceId, end);
        break;
      case FIELD.spanId:
        this.#id(span.spanId, end);
        break;
      case FIELD.traceState:
        this.#traceState(reader.endOfBytes(end));
        break;
      case FIELD.parentId:
        this.#id(span.parentId, end);
        break;
      case FIELD.name:
        this.#name(reader.endOfBytes(end));
        break;
      case FIELD.kind:
        span.kind = Math.min(Math.max(reader.varint() - 1, 0), 4);
        break;
      case FIELD.start:
        reader.fixed64(span.times, 0);
        break;
      case FIELD.end:
        reader.fixed64(span.times, 2);
        break;
      case FIELD.attributes:
        if (this.#attributesAt === end) this.#attributesAt = reader.tagAt;
        reader.at = reader.endOfBytes(end);
        this.#attributesEnd = reader.at;
        break;
      case FIELD.events:
        if (this.#eventsAt === end) this.#eventsAt = reader.tagAt;
        reader.at = reader.endOfBytes(end);
        this.#eventsEnd = reader.at;
        break;
      case FIELD.links: {
        const endOfLink = reader.endOfBytes(end);
        this.#links.push(reader.at, endOfLink);
        reader.at = endOfLink;
        break;
      }
      case FIELD.status:
        this.#status(reader.endOfBytes(end));
        break;
      case FIELD.flags:
        span.flags = reader.fixed32();
        break;
      default:
        reader.skip(end);
    }
  }

  /** Behind the fields, which have no order: only messages that are consumed are looked for by their links. */
  #readLinks(end: number): void {
    const reader = this.#reader;
    const places = this.#links;
    const traceId = new Uint32Array(4);
    for (let index = 0; index < places.length; index += 2) {
      reader.at = places[index] ?? end;
      const endOfLink = places[index + 1] ?? end;
      traceId.fill(0);
      while (reader.next(endOfLink)) {
        if (reader.is(1, BYTES)) this.#id(traceId, endOfLink);
        else reader.skip(endOfLink);
      }
      if (traceId.some((word) => word > 0)) this.#span.addLink(traceId);
    }
    reader.at = end;
  }

  /** Attributes and events, as far as `SpanNames` and `errorTypeOf` ask for them. */
  #readDetails(end: number): void {
    const span = this.#span;
    const hasFailed = span.status.code === STATUS_ERROR;
    // What an internal span says of HTTP or a database is not looked at, and its error only where it is one.
    if (!hasFailed && span.kind === API_KIND.internal) return;
    const reader = this.#reader;
    if (this.#attributesAt < end) {
      const isRenamed =
        span.kind === API_KIND.client || (span.kind === API_KIND.server && isBareMethod(span.name));
      const keys = isRenamed ? ALL_KEYS : ERROR_KEYS;
      reader.at = this.#attributesAt;
      while (reader.at < this.#attributesEnd && reader.next(end)) {
        if (reader.tag !== FIELD.attributes) reader.skip(end);
        else if (this.#keyValue(reader.endOfBytes(end), keys)) span.setAttribute(this.#key, this.#value);
      }
    }
    if (this.#eventsAt < end && (hasFailed || span.kind === API_KIND.server)) {
      reader.at = this.#eventsAt;
      while (reader.at < this.#eventsEnd && reader.next(end)) {
        if (reader.tag === FIELD.events) this.#event(reader.endOfBytes(end));
        else reader.skip(end);
      }
    }
    reader.at = end;
  }

  /** Of another length than its kind of id, it is no id: the span is refused then. */
  #id(words: Uint32Array, within: number): void {
    const reader = this.#reader;
    const end = reader.endOfBytes(within);
    const isId = end - reader.at === words.length * 4;
    for (let index = 0; index < words.length; index += 1)
      words[index] = isId ? reader.wordAt(reader.at + index * 4) : 0;
    reader.at = end;
  }

  #traceState(end: number): void {
    const reader = this.#reader;
    this.#span.adjustedCount = adjustedCountIn(reader.bytes, reader.at, end);
    reader.at = end;
  }

  #name(end: number): void {
    const reader = this.#reader;
    const span = this.#span;
    span.nameId = this.#strings.idOf(reader.bytes, reader.at, end);
    if (span.nameId === UNKNOWN_STRING) span.name = reader.text(end);
    else span.name = this.#strings.text(span.nameId);
    reader.at = end;
  }

  /** @returns whether there is a text or a number under one of the keys; `#key` and `#value` have it then */
  #keyValue(end: number, keys: AttributeKeys): boolean {
    const reader = this.#reader;
    let key: string | null = null;
    let value: string | number | null = null;
    while (reader.next(end)) {
      if (reader.is(1, BYTES)) {
        const keyEnd = reader.endOfBytes(end);
        key = keys.find(reader.bytes, reader.at, keyEnd);
        // Writers put the key first.
        reader.at = key === null ? end : keyEnd;
      } else if (reader.is(2, BYTES)) value = this.#anyValue(reader.endOfBytes(end));
      else reader.skip(end);
    }
    if (key === null || value === null) return false;
    this.#key = key;
    this.#value = value;
    return true;
  }

  #anyValue(end: number): string | number | null {
    const reader = this.#reader;
    let value: string | number | null = null;
    while (reader.next(end)) {
      if (reader.is(1, BYTES)) value = this.#text(reader.endOfBytes(end));
      else if (reader.is(3, varint)) value = reader.varint();
      else if (reader.is(4, fixed64)) value = reader.double();
      else reader.skip(end);
    }
    return value;
  }

  #text(end: number): string {
    const reader = this.#reader;
    const text = this.#strings.textOf(reader.bytes, reader.at, end);
    reader.at = end;
    return text;
  }

  #event(end: number): void {
    const reader = this.#reader;
    let isException = false;
    const attributes: Record<string, string> = {};
    while (reader.next(end)) {
      if (reader.is(2, BYTES)) isException = this.#text(reader.endOfBytes(end)) === 'exception';
      else if (reader.is(3, BYTES)) {
        if (this.#keyValue(reader.endOfBytes(end), EXCEPTION_KEYS))
          attributes[this.#key] = String(this.#value);
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
