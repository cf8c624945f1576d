/**
 * Collects spans of OTLP requests as the rows that recorders write, one file for each resource, so that both ways of
 * getting spans meet in the same span table.
 */
import type { RecordedFile } from '../chunk-reader.ts';
import { foldIds } from '../name-folding.ts';
import type { Attributes, EndedSpan } from '../preload/ended-span.ts';
import { errorTypeOf, httpStatusOf } from '../preload/error-type.ts';
import { ExceptionLog } from '../preload/exception-log.ts';
import { DERIVED_NAME, SpanNames } from '../preload/span-names.ts';
import { StringTable } from '../preload/string-table.ts';
import {
  NO_ERROR_ID,
  ROW,
  ROW_BYTES,
  ROW_DERIVED_NAME,
  ROW_DOUBLES,
  ROW_REMOTE_PARENT,
  ROW_WORDS,
} from '../recording-format.ts';

/** Who sent spans. Random ids of an instance do not enter: they differ from start to start. */
export interface OtlpResource {
  /** Empty where the resource names none. */
  readonly service: string;
  /** 0 where it is not known. */
  readonly pid: number;
}

/**
 * One span, filled in by a decoder and used again for the next one; the recorder's rules for names and errors read it
 * as they read a span of an SDK. Words of ids are most significant first.
 */
export class OtlpSpan implements EndedSpan {
  readonly traceId = new Uint32Array(4);
  readonly spanId = new Uint32Array(2);
  readonly parentId = new Uint32Array(2);
  name = '';
  /** As the API counts them; OTLP counts from 1, and 0 is unspecified there. */
  kind = 0;
  /** Nanoseconds since 1970, as two words. */
  startHigh = 0;
  startLow = 0;
  endHigh = 0;
  endLow = 0;
  readonly status = { code: 0 };
  flags = 0;
  /** How many spans it stands for, where a sampler says so. */
  count = 1;
  /** Of those that decide about name and error. */
  attributes: Record<string, unknown> = NO_ATTRIBUTES;
  /** Only exceptions, with their type and message. */
  events: { readonly name: string; readonly attributes: Attributes }[] = NO_EVENTS;
  // The clock's words are above; nobody who names a span asks for these.
  readonly startTime = ZERO;
  readonly duration = ZERO;

  clear(): void {
    this.traceId.fill(0);
    this.spanId.fill(0);
    this.parentId.fill(0);
    this.name = '';
    this.kind = 0;
    this.startHigh = 0;
    this.startLow = 0;
    this.endHigh = 0;
    this.endLow = 0;
    this.status.code = 0;
    this.flags = 0;
    this.count = 1;
    this.attributes = NO_ATTRIBUTES;
    this.events = NO_EVENTS;
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
const ZERO: readonly [number, number] = [0, 0];

/** What is read of an exception. */
export const EXCEPTION_ATTRIBUTES: ReadonlySet<string> = new Set(['exception.type', 'exception.message']);

/** What the rules for names and errors ask for. */
export const READ_ATTRIBUTES: readonly string[] = [
  ...['http.response.status_code', 'http.status_code', 'error.type'],
  ...['rpc.response.status_code', 'rpc.grpc.status_code', 'db.response.status_code'],
  ...['db.system.name', 'db.system', 'db.query.summary', 'db.query.text', 'db.statement'],
  ...['db.collection.name', 'db.mongodb.collection', 'db.operation.name', 'db.operation'],
  ...['url.path', 'http.target', 'url.full', 'http.url'],
];

function hexOf(words: Uint32Array): string {
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** As the specification calls a service without a name; SDKs add what runs it, such as `unknown_service:java`. */
export const UNNAMED_SERVICE = 'unknown_service';

/** As in the recorder: more kinds of errors nobody reads. */
const MOST_ERROR_TYPES = 500;
const OTHER_ERROR = '_OTHER';
/** `flags`: whether the parent is remote is known, and it is. */
const REMOTE_PARENT = 0x300;
const WORD = 0x1_0000_0000;

export class SpanRows {
  readonly #recorders = new Map<string, Recorder>();
  /** Nanoseconds that row times count from: the first span's start, cut to a millisecond. */
  #origin: { readonly high: number; readonly low: number; readonly milliseconds: number } | null = null;
  #count = 0;
  #refused = 0;

  get count(): number {
    return this.#count;
  }

  /** Spans without an id or with times that make no sense. */
  get refused(): number {
    return this.#refused;
  }

  recorderOf(resource: OtlpResource): Recorder {
    const key = `${resource.pid} ${resource.service}`;
    const known = this.#recorders.get(key);
    if (known) return known;
    const recorder = new Recorder(resource);
    this.#recorders.set(key, recorder);
    return recorder;
  }

  add(recorder: Recorder, span: OtlpSpan): void {
    this.#origin ??= originOf(span);
    const { high, low } = this.#origin;
    const nanoseconds = (span.endHigh - span.startHigh) * WORD + (span.endLow - span.startLow);
    const hasIds =
      (span.spanId[0] as number) + (span.spanId[1] as number) > 0 && span.traceId.some((word) => word > 0);
    if (!hasIds || nanoseconds < 0) {
      this.#refused += 1;
      return;
    }
    recorder.add(span, ((span.startHigh - high) * WORD + (span.startLow - low)) / 1e6, nanoseconds / 1e9);
    this.#count += 1;
  }

  /** What `SpanTableBuilder` takes; in the order in which the resources were seen. */
  files(): readonly RecordedFile[] {
    const timeOrigin = this.#origin?.milliseconds ?? 0;
    return [...this.#recorders.values()].map((recorder) => recorder.file(timeOrigin));
  }
}

/** The rows of one resource. */
export class Recorder {
  readonly #resource: OtlpResource;
  readonly #names = new SpanNames();
  readonly #errorTypes = new StringTable(MOST_ERROR_TYPES);
  readonly #exceptions = new ExceptionLog();
  #words = new Uint32Array(256 * ROW_WORDS);
  #doubles = new Float64Array(this.#words.buffer);
  #rows = 0;
  /** What the spans stand for, in all; the number of rows where nothing is sampled. */
  #made = 0;

  constructor(resource: OtlpResource) {
    this.#resource = resource;
  }

  add(span: OtlpSpan, startMilliseconds: number, durationSeconds: number): void {
    if ((this.#rows + 1) * ROW_WORDS > this.#words.length) this.#grow();
    const at = this.#rows * ROW_WORDS;
    const words = this.#words;
    this.#doubles[this.#rows * ROW_DOUBLES + ROW.start] = startMilliseconds;
    this.#doubles[this.#rows * ROW_DOUBLES + ROW.duration] = durationSeconds;
    words.set(span.traceId, at + ROW.traceId);
    words.set(span.spanId, at + ROW.spanId);
    words.set(span.parentId, at + ROW.parentId);
    const name = this.#names.idOf(span);
    const httpStatus = httpStatusOf(span);
    words[at + ROW.nameAndErrorType] = (name & 0xffff) | (this.#errorTypeId(span, httpStatus) << 16);
    const isRemote = (span.flags & REMOTE_PARENT) === REMOTE_PARENT;
    const flags = ((name & DERIVED_NAME) === 0 ? 0 : ROW_DERIVED_NAME) | (isRemote ? ROW_REMOTE_PARENT : 0);
    words[at + ROW.rest] = httpStatus | (span.kind << 16) | (span.status.code << 19) | (flags << 24);
    this.#rows += 1;
    this.#made += span.count;
  }

  file(timeOrigin: number): RecordedFile {
    return {
      text: [
        {
          recorder: {
            service: this.#resource.service || UNNAMED_SERVICE,
            pid: this.#resource.pid,
            threadId: 0,
            timeOrigin,
          },
          names: this.#names.table.after(0),
          errorTypes: this.#errorTypes.after(0),
          exceptions: this.#exceptions.after({ texts: 0, spans: 0 }),
        },
      ],
      rows: [new Uint8Array(this.#words.buffer, 0, this.#rows * ROW_BYTES)],
      rowCount: this.#rows,
      dropped: 0,
      overflowed: this.#names.overflowed,
      tornBytes: 0,
      closed: true,
      ...(this.#made > this.#rows && { made: this.#made }),
    };
  }

  #errorTypeId(span: OtlpSpan, httpStatus: number): number {
    const errorType = errorTypeOf(span, httpStatus);
    if (errorType === null) return NO_ERROR_ID;
    this.#exceptions.add(span);
    return this.#errorTypes.idOf(foldIds(errorType)) || this.#errorTypes.idOf(OTHER_ERROR) || 1;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#words.length * 2);
    larger.set(this.#words);
    this.#words = larger;
    this.#doubles = new Float64Array(larger.buffer);
  }
}

function originOf(span: OtlpSpan) {
  const million = 1_000_000n;
  const milliseconds = ((BigInt(span.startHigh) << 32n) | BigInt(span.startLow)) / million;
  const nanoseconds = milliseconds * million;
  return {
    high: Number(nanoseconds >> 32n),
    low: Number(nanoseconds & 0xffff_ffffn),
    milliseconds: Number(milliseconds),
  };
}
