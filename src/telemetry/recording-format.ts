/**
 * The file that a recorder appends to and `readRecording` decodes. It is read on the machine that wrote it, so numbers
 * have the byte order of the machine.
 *
 * A file is a row of chunks; a chunk is written as one piece at the end of the last complete one:
 *
 *   header   32 bytes: magic · sequence · rows · text bytes · CRC-32 of the text · dropped · overflowed · flags
 *   text     JSON (`ChunkText`), padded with spaces to a multiple of 8 bytes
 *   rows     56 bytes a span, see `ROW`
 *
 * A chunk is torn where the file ends before it does. The rows have no checksum: it would cost a tenth of all that a
 * recorded span costs.
 */

/** The bytes `SPG1`. */
export const CHUNK_MAGIC = 0x31475053;

export const CHUNK_HEADER_BYTES = 32;

/** Places of the header's fields, counted in 32-bit words. */
export const HEADER = {
  magic: 0,
  sequence: 1,
  rows: 2,
  textBytes: 3,
  checksum: 4,
  dropped: 5,
  overflowed: 6,
  flags: 7,
} as const;

/** Set in the last chunk of a recorder that was closed in order; a killed process leaves none. */
export const CHUNK_CLOSED = 1;

/** Bytes of one span. All fields lie on their natural boundary. */
export const ROW_BYTES = 56;

export const ROW_WORDS = ROW_BYTES / 4;
export const ROW_DOUBLES = ROW_BYTES / 8;

/** Places of the fields of a row: of doubles counted in 64-bit words, of the others in 32-bit words. */
export const ROW = {
  /** Double: milliseconds since the recorder's `timeOrigin`. */
  start: 0,
  /** Double: seconds. */
  duration: 1,
  /** Four words, most significant first. */
  traceId: 4,
  spanId: 8,
  /** Both words 0 for a span without parent. */
  parentId: 10,
  /** Name id in the low half, error type id in the high half. */
  nameAndErrorType: 12,
  /** Bits 0 to 15 HTTP status code, 16 to 18 span kind, 19 to 20 span status, 24 to 31 row flags. */
  rest: 13,
} as const;

/** The name was made from the URL because the span had no route. */
export const ROW_DERIVED_NAME = 1;

/** The parent lives in another process. */
export const ROW_REMOTE_PARENT = 2;

/** Name id of spans that were given no name of their own because there were too many names. */
export const OVERFLOW_NAME_ID = 0;
export const OVERFLOW_NAME = '(other spans)';

/** Error type id of a span without an error. */
export const NO_ERROR_ID = 0;

/** What the first chunk of a file says about its recorder. */
export interface RecorderIdentity {
  readonly service: string;
  readonly pid: number;
  readonly threadId: number;
  /** Milliseconds since 1970 at which the recorder's monotonic clock read 0. */
  readonly timeOrigin: number;
  /** Attributes of the resource that services are split by; absent: none. */
  readonly resource?: Readonly<Record<string, string>>;
}

/** Strings with the ids `from`, `from + 1`, …; ids count up from 1 over the whole file. */
export interface NewStrings {
  readonly from: number;
  readonly strings: readonly string[];
}

/** The traces that a span links to: its own id, then theirs, each in lower-case hex digits. */
export type SpanLinks = readonly [spanId: string, ...traceIds: string[]];

/** As many links as SDKs keep of a span by default (OTEL_SPAN_LINK_COUNT_LIMIT). */
export const MOST_LINKS = 128;

/** Exceptions that spans with an error ended with. */
export interface NewExceptions {
  /** Type and message each, with a line feed between them. */
  readonly texts: NewStrings;
  /** Which span ended with which of all texts so far; 16 lower-case hex digits. */
  readonly spans: readonly (readonly [spanId: string, text: number])[];
}

/** What is new in a chunk. May repeat what an earlier chunk said. */
export interface ChunkText {
  readonly recorder?: RecorderIdentity;
  readonly names?: NewStrings;
  readonly errorTypes?: NewStrings;
  /** Of the CONSUMER spans among the rows that have any. */
  readonly links?: readonly SpanLinks[];
  readonly exceptions?: NewExceptions;
}
