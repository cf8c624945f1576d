/** One span of an OTLP request, as decoders fill it in and as the rules for names and errors read it. */
import type { Attributes, EndedSpan } from '../preload/ended-span.ts';
import { MOST_LINKS } from '../recording-format.ts';
import { UNKNOWN_STRING } from './byte-strings.ts';

/**
 * One span, filled in by a decoder and used again for the next one; the recorder's rules for names and errors read it
 * as they read a span of an SDK. Words of ids are most significant first.
 */
export class OtlpSpan implements EndedSpan {
  readonly traceId = new Uint32Array(4);
  readonly spanId = new Uint32Array(2);
  readonly parentId = new Uint32Array(2);
  name = '';
  /** Number of the name among those that one decoder knows; `UNKNOWN_STRING` where it gives none. */
  nameId = UNKNOWN_STRING;
  /** As the API counts them; OTLP counts from 1, and 0 is unspecified there. */
  kind = 0;
  /** Start and end in nanoseconds since 1970, each as a high and a low word, like the ids. */
  readonly times = new Uint32Array(4);
  readonly status = { code: 0 };
  flags = 0;
  /** How many spans it stands for, where a sampler says so. */
  adjustedCount = 1;
  /** Of those that decide about name and error. */
  attributes: Record<string, unknown> = NO_ATTRIBUTES;
  /** Only exceptions, with their type and message. */
  events: { readonly name: string; readonly attributes: Attributes }[] = NO_EVENTS;
  /** Of a CONSUMER span: the traces that it links to, 32 hex digits each. */
  links: { readonly context: { readonly traceId: string } }[] = NO_LINKS;
  // The clock's words are above; nobody who names a span asks for these.
  readonly startTime = ZERO;
  readonly duration = ZERO;

  clear(): void {
    const { traceId, spanId, parentId, times } = this;
    // Word by word: `fill` costs as much as all the rest.
    traceId[0] = traceId[1] = traceId[2] = traceId[3] = 0;
    spanId[0] = spanId[1] = parentId[0] = parentId[1] = 0;
    this.name = '';
    this.nameId = UNKNOWN_STRING;
    this.kind = 0;
    times[0] = times[1] = times[2] = times[3] = 0;
    this.status.code = 0;
    this.flags = 0;
    this.adjustedCount = 1;
    this.attributes = NO_ATTRIBUTES;
    this.events = NO_EVENTS;
    this.links = NO_LINKS;
  }

  /** @param traceId four words, most significant first */
  addLink(traceId: Uint32Array): void {
    if (this.links === NO_LINKS) this.links = [];
    if (this.links.length < MOST_LINKS) this.links.push({ context: { traceId: hexOf(traceId) } });
  }

  setAttribute(key: string, value: string | number): void {
    if (this.attributes === NO_ATTRIBUTES) this.attributes = {};
    this.attributes[key] = value;
  }

  /** @param attributes `exception.type` and `exception.message`, as far as they are there */
  addException(attributes: Attributes): void {
    if (this.events === NO_EVENTS) this.events = [];
    this.events.push({ name: 'exception', attributes });
  }

  spanContext() {
    return { traceId: hexOf(this.traceId), spanId: hexOf(this.spanId) };
  }
}

/** Shared by all spans without any: never written to. */
const NO_ATTRIBUTES: Record<string, unknown> = Object.freeze({});
const NO_EVENTS: { readonly name: string; readonly attributes: Attributes }[] = [];
const NO_LINKS: { readonly context: { readonly traceId: string } }[] = [];
const ZERO: readonly [number, number] = [0, 0];

/** What is read of an exception. */
export const EXCEPTION_ATTRIBUTES: readonly string[] = ['exception.type', 'exception.message'];

/** What the rules for errors ask for. */
export const ERROR_ATTRIBUTES: readonly string[] = [
  ...['http.response.status_code', 'http.status_code', 'error.type'],
  ...['rpc.response.status_code', 'rpc.grpc.status_code', 'db.response.status_code'],
];

/** What the rules for names and errors ask for. */
export const READ_ATTRIBUTES: readonly string[] = [
  ...ERROR_ATTRIBUTES,
  ...['db.system.name', 'db.system', 'db.query.summary', 'db.query.text', 'db.statement'],
  ...['db.collection.name', 'db.mongodb.collection', 'db.operation.name', 'db.operation'],
  ...['url.path', 'http.target', 'url.full', 'http.url'],
];

export function hexOf(words: Uint32Array): string {
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('');
}
