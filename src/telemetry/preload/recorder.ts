/**
 * The span processor of the preload. It only writes a row of 56 bytes a span; everything that can wait until the round
 * is over is done by the reader.
 */
import { foldIds } from '../name-folding.ts';
import {
  CHUNK_CLOSED,
  type ChunkText,
  MOST_LINKS,
  NO_ERROR_ID,
  type RecorderIdentity,
  ROW_DERIVED_NAME,
  ROW_REMOTE_PARENT,
  type SpanLinks,
} from '../recording-format.ts';
import { type Chunk, ChunkFile } from './chunk-file.ts';
import { API_KIND, type EndedSpan } from './ended-span.ts';
import { errorTypeOf, httpStatusOf } from './error-type.ts';
import { ExceptionLog } from './exception-log.ts';
import { RowBuffer } from './row-buffer.ts';
import { DERIVED_NAME, SpanNames } from './span-names.ts';
import { StringTable } from './string-table.ts';

/** Reason: bounds the id to half a word; nobody can read a list of more kinds of errors. */
const ERROR_TYPE_LIMIT = 255;

const OTHER_ERROR = '_OTHER';
/** The first to be interned. */
const OTHER_ERROR_ID = 1;

export class Recorder {
  readonly #file: ChunkFile;
  readonly #names = new SpanNames();
  readonly #errorTypes = new StringTable(ERROR_TYPE_LIMIT);
  readonly #exceptions = new ExceptionLog();
  readonly #identity: RecorderIdentity;
  /** What the file has for certain. */
  #written = { identity: false, names: 0, errorTypes: 0, exceptions: { texts: 0, spans: 0 } };
  /** First word of the ids of all spans that end here; null where they are of different makers. */
  #localIdHigh: number | null;
  #current = new RowBuffer();
  #spare: RowBuffer | null = new RowBuffer();
  /** Of the rows in `#current`. */
  #links: SpanLinks[] = [];
  #dropped = 0;
  #closed = false;

  /** @throws the error of the file system when the file cannot be made. */
  constructor(path: string, identity: RecorderIdentity, localIdHigh: number | null = null) {
    this.#localIdHigh = localIdHigh;
    this.#file = new ChunkFile(path);
    this.#identity = identity;
    this.#errorTypes.idOf(OTHER_ERROR);
  }

  /** To be called before spans come from a provider with an id generator of its own. */
  expectForeignIds(): void {
    this.#localIdHigh = null;
  }

  onStart(_span: EndedSpan): void {}

  /** Never throws: whoever ends a span is the service. Another SDK's spans may lack what those of OpenTelemetry have. */
  onEnd(span: EndedSpan): void {
    try {
      if (this.#closed || (this.#current.full && !this.#makeRoom())) this.#dropped += 1;
      else this.#record(span);
    } catch {
      this.#dropped += 1;
    }
  }

  #record(span: EndedSpan): void {
    const row = this.#current;
    const { traceId, spanId } = span.spanContext();
    const parent = span.parentSpanContext;
    // By index: taking an array apart goes through its iterator.
    const duration = span.duration;
    row.setTimes(this.#startOf(span), duration[0] + duration[1] / 1e9);
    row.setTraceId(traceId);
    row.setSpanId(spanId, this.#localIdHigh);
    row.setParentId(parent === undefined ? span.parentSpanId : parent.spanId);
    const name = this.#names.idOf(span);
    const flags =
      ((name & DERIVED_NAME) === 0 ? 0 : ROW_DERIVED_NAME) |
      (parent?.isRemote === true ? ROW_REMOTE_PARENT : 0);
    const httpStatus = httpStatusOf(span);
    row.setLabels(
      (name & 0xffff) | (this.#errorTypeId(span, httpStatus) << 16),
      httpStatus | (span.kind << 16) | (span.status.code << 19) | (flags << 24),
    );
    row.rowCount += 1;
    if (span.kind === API_KIND.consumer && span.links !== undefined && span.links.length > 0) {
      this.#links.push([spanId, ...span.links.slice(0, MOST_LINKS).map(({ context }) => context.traceId)]);
    }
  }

  /** Starts writing what there is. Does nothing while the previous piece is still being written. */
  flush(): void {
    if (this.#closed || this.#spare === null || this.#file.busy) return;
    if (this.#current.rowCount === 0 && this.#written.identity) return;
    const full = this.#current;
    this.#current = this.#spare;
    this.#spare = null;
    const included = {
      identity: true,
      names: this.#names.table.size,
      errorTypes: this.#errorTypes.size,
      exceptions: this.#exceptions.size,
    };
    this.#file.append(this.#chunkOf(full, 0), (written) => {
      if (written) this.#written = included;
      else this.#dropped += full.rowCount;
      full.rowCount = 0;
      this.#spare = full;
    });
  }

  /** Writes everything before it returns; for the end of the process. Later spans are counted by nobody. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.close(this.#chunkOf(this.#current, CHUNK_CLOSED));
  }

  async forceFlush(): Promise<void> {
    this.flush();
  }

  /** An application may shut its provider down and still be asked for requests: the recorder goes on. */
  async shutdown(): Promise<void> {
    this.flush();
  }

  #errorTypeId(span: EndedSpan, httpStatus: number): number {
    const errorType = errorTypeOf(span, httpStatus);
    if (errorType === null) return NO_ERROR_ID;
    this.#exceptions.add(span);
    return this.#errorTypes.idOf(foldIds(errorType)) || OTHER_ERROR_ID;
  }

  #makeRoom(): boolean {
    this.flush();
    return !this.#current.full;
  }

  #chunkOf(rows: RowBuffer, flags: number): Chunk {
    const { identity, names, errorTypes, exceptions } = this.#written;
    const links = this.#links;
    this.#links = [];
    const text: ChunkText = {
      ...(!identity && { recorder: this.#identity }),
      ...(this.#names.table.size > names && { names: this.#names.table.after(names) }),
      ...(this.#errorTypes.size > errorTypes && { errorTypes: this.#errorTypes.after(errorTypes) }),
      ...(links.length > 0 && { links }),
      ...(this.#exceptions.size.spans > exceptions.spans && {
        exceptions: this.#exceptions.after(exceptions),
      }),
    };
    return {
      text,
      rowCount: rows.rowCount,
      rows: rows.bytes(),
      dropped: this.#dropped,
      overflowed: this.#names.overflowed,
      flags,
    };
  }

  /**
   * Milliseconds since `timeOrigin`. The SDK cuts the wall-clock start to whole milliseconds but keeps the monotonic
   * clock's reading beside it, which is precise; a start that the caller gave has only the wall-clock form.
   */
  #startOf(span: EndedSpan): number {
    const precise = span._performanceStartTime;
    if (precise !== undefined && span._startTimeProvided !== true) return precise;
    return span.startTime[0] * 1e3 + span.startTime[1] / 1e6 - this.#identity.timeOrigin;
  }
}
