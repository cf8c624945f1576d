/** Writes spans of one resource as the rows that a recorder in the service would write. */
import type { RecordedFile } from '../chunk-reader.ts';
import { foldIds } from '../name-folding.ts';
import { API_KIND } from '../preload/ended-span.ts';
import { errorTypeOf, httpStatusOf } from '../preload/error-type.ts';
import { ExceptionLog } from '../preload/exception-log.ts';
import { isBareMethod } from '../preload/http-name.ts';
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
  type SpanLinks,
} from '../recording-format.ts';
import { UNKNOWN_STRING } from './byte-strings.ts';
import { hexOf, type OtlpSpan } from './otlp-span.ts';
import type { TimeOrigin } from './span-rows.ts';

/** Who sent spans. Random ids of an instance do not enter: they differ from start to start. */
export interface OtlpResource {
  /** Empty where the resource names none. */
  readonly service: string;
  /** 0 where it is not known. */
  readonly pid: number;
  /** Of those that services are split by, the attributes that it has. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** As the specification calls a service without a name; SDKs add what runs it, such as `unknown_service:java`. */
export const UNNAMED_SERVICE = 'unknown_service';

/** As in the recorder: more kinds of errors nobody reads. */
const MOST_ERROR_TYPES = 500;
const OTHER_ERROR = '_OTHER';
/** `flags`: whether the parent is remote is known, and it is. */
const REMOTE_PARENT = 0x300;
const WORD = 0x1_0000_0000;

/** Rows are kept in pieces of this many, so that none is ever copied to make room. */
const PIECE = 4096;

/** The rows of one resource. */
export class SpanRecorder {
  readonly #resource: OtlpResource;
  readonly #names = new SpanNames();
  readonly #errorTypes = new StringTable(MOST_ERROR_TYPES);
  readonly #exceptions = new ExceptionLog();
  readonly #links: SpanLinks[] = [];
  readonly #full: Uint8Array[] = [];
  #words = new Uint32Array(256 * ROW_WORDS);
  #doubles = new Float64Array(this.#words.buffer);
  /** Rows in the piece that is being filled, and in those that are full. */
  #rows = 0;
  #before = 0;
  /** What each row stands for; null where nothing was sampled so far. */
  #adjustedCounts: Float64Array | null = null;
  /** Name ids by those of the decoder, for names that nothing else decides; 0 where not known. */
  readonly #plainNames: number[] = [];

  constructor(resource: OtlpResource) {
    this.#resource = resource;
  }

  /** @returns false where the times make no sense: nothing is added then */
  add(span: OtlpSpan, origin: TimeOrigin): boolean {
    const nanoseconds = nanosecondsOf(span);
    if (nanoseconds < 0) return false;
    if ((this.#rows + 1) * ROW_WORDS > this.#words.length) this.#grow();
    const at = this.#rows * ROW_WORDS;
    const words = this.#words;
    this.#doubles[this.#rows * ROW_DOUBLES + ROW.start] = millisecondsAfter(origin, span);
    this.#doubles[this.#rows * ROW_DOUBLES + ROW.duration] = nanoseconds / 1e9;
    writeIds(span, words, at);
    const name = this.#nameId(span);
    const httpStatus = httpStatusOf(span);
    words[at + ROW.nameAndErrorType] = (name & 0xffff) | (this.#errorTypeId(span, httpStatus) << 16);
    const isRemote = (span.flags & REMOTE_PARENT) === REMOTE_PARENT;
    const flags = ((name & DERIVED_NAME) === 0 ? 0 : ROW_DERIVED_NAME) | (isRemote ? ROW_REMOTE_PARENT : 0);
    words[at + ROW.rest] = httpStatus | (span.kind << 16) | (span.status.code << 19) | (flags << 24);
    if (span.adjustedCount !== 1 || this.#adjustedCounts !== null) this.#adjust(span.adjustedCount);
    if (span.links.length > 0)
      this.#links.push([hexOf(span.spanId), ...span.links.map(({ context }) => context.traceId)]);
    this.#rows += 1;
    return true;
  }

  file(timeOrigin: number): RecordedFile {
    const rowCount = this.#before + this.#rows;
    return {
      text: [
        {
          recorder: {
            service: this.#resource.service || UNNAMED_SERVICE,
            pid: this.#resource.pid,
            threadId: 0,
            timeOrigin,
            ...(this.#resource.attributes && { resource: this.#resource.attributes }),
          },
          names: this.#names.table.after(0),
          errorTypes: this.#errorTypes.after(0),
          exceptions: this.#exceptions.after({ texts: 0, spans: 0 }),
          ...(this.#links.length > 0 && { links: this.#links }),
        },
      ],
      rows: [...this.#full, new Uint8Array(this.#words.buffer, 0, this.#rows * ROW_BYTES)],
      rowCount,
      dropped: 0,
      overflowed: this.#names.overflowed,
      tornBytes: 0,
      closed: true,
      ...(this.#adjustedCounts && { adjustedCounts: this.#adjustedCounts.subarray(0, rowCount) }),
    };
  }

  /** Without going through the text, where the text alone decides and was seen before. */
  #nameId(span: OtlpSpan): number {
    const { nameId, kind } = span;
    const isPlain =
      nameId !== UNKNOWN_STRING &&
      (kind === API_KIND.internal || (kind !== API_KIND.client && !isBareMethod(span.name)));
    if (!isPlain) return this.#names.idOf(span);
    const known = this.#plainNames[nameId] ?? 0;
    if (known !== 0) return known;
    const id = this.#names.idOf(span);
    // Never a hole: `nameId` is at most one more than any that came before, or the list is filled up.
    while (this.#plainNames.length <= nameId) this.#plainNames.push(0);
    this.#plainNames[nameId] = id;
    return id;
  }

  #errorTypeId(span: OtlpSpan, httpStatus: number): number {
    const errorType = errorTypeOf(span, httpStatus);
    if (errorType === null) return NO_ERROR_ID;
    this.#exceptions.add(span);
    return this.#errorTypes.idOf(foldIds(errorType)) || this.#errorTypes.idOf(OTHER_ERROR) || 1;
  }

  #adjust(adjustedCount: number): void {
    const row = this.#before + this.#rows;
    if (this.#adjustedCounts === null || row >= this.#adjustedCounts.length) {
      const larger = new Float64Array(Math.max(256, row * 2)).fill(1);
      larger.set(this.#adjustedCounts ?? []);
      this.#adjustedCounts = larger;
    }
    this.#adjustedCounts[row] = adjustedCount;
  }

  /** A resource of few spans has a small piece; a full piece is put aside. */
  #grow(): void {
    const isFull = this.#rows >= PIECE;
    const next = new Uint32Array((isFull ? PIECE : Math.min(this.#rows * 4, PIECE)) * ROW_WORDS);
    if (isFull) {
      this.#full.push(new Uint8Array(this.#words.buffer));
      this.#before += this.#rows;
      this.#rows = 0;
    } else next.set(this.#words);
    this.#words = next;
    this.#doubles = new Float64Array(next.buffer);
  }
}

function nanosecondsOf({ times }: OtlpSpan): number {
  const high = (times[2] as number) - (times[0] as number);
  return high * WORD + ((times[3] as number) - (times[1] as number));
}

function millisecondsAfter({ high, low }: TimeOrigin, { times }: OtlpSpan): number {
  return (((times[0] as number) - high) * WORD + ((times[1] as number) - low)) / 1e6;
}

/** Word by word: for so few, `set` costs more. */
function writeIds({ traceId, spanId, parentId }: OtlpSpan, words: Uint32Array, at: number): void {
  words[at + ROW.traceId] = traceId[0] as number;
  words[at + ROW.traceId + 1] = traceId[1] as number;
  words[at + ROW.traceId + 2] = traceId[2] as number;
  words[at + ROW.traceId + 3] = traceId[3] as number;
  words[at + ROW.spanId] = spanId[0] as number;
  words[at + ROW.spanId + 1] = spanId[1] as number;
  words[at + ROW.parentId] = parentId[0] as number;
  words[at + ROW.parentId + 1] = parentId[1] as number;
}
