/** Puts the rows of several recorders into one span table. */
import type { SpanException } from '../measurement.ts';
import type { RecordedFile } from './chunk-reader.ts';
import { foldFamilies } from './name-folding.ts';
import {
  type NewStrings,
  NO_ERROR_ID,
  OVERFLOW_NAME,
  type RecorderIdentity,
  ROW,
  ROW_BYTES,
  ROW_DOUBLES,
  ROW_WORDS,
} from './recording-format.ts';
import { SpanIdSet } from './span-id-set.ts';
import { SPAN_KINDS, type SpanTable, spanIdOf } from './span-table.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export class SpanTableBuilder {
  readonly #names = new Interner([OVERFLOW_NAME]);
  readonly #services = new Interner([]);
  readonly #errorTypes = new Interner(['']);
  readonly #table: Writable<SpanTable>;
  readonly #exceptions = new Map<number, SpanException>();
  #processes = 0;
  /** Rows without sense, which only a damaged file has. */
  #damaged = 0;
  /** Spans that came a second time: sent again after a lost answer, or by the service's own SDK besides the recorder. */
  #repeated = 0;
  readonly #seen: SpanIdSet | null;
  readonly #links = new Map<number, readonly string[]>();

  /** @param mayRepeat whether a span can be in more than one file; the first one is kept */
  constructor(files: readonly RecordedFile[], { mayRepeat = false }: { readonly mayRepeat?: boolean } = {}) {
    const capacity = files.reduce((total, file) => total + file.rowCount, 0);
    this.#seen = mayRepeat ? new SpanIdSet(capacity) : null;
    this.#table = {
      count: 0,
      names: this.#names.strings,
      services: this.#services.strings,
      errorTypes: this.#errorTypes.strings,
      epochSeconds: Math.floor(earliestOrigin(files) / 1e3),
      startSeconds: new Float64Array(capacity),
      durationSeconds: new Float64Array(capacity),
      traceIds: new Uint32Array(capacity * 4),
      spanIds: new Uint32Array(capacity * 2),
      parentIds: new Uint32Array(capacity * 2),
      nameIds: new Uint32Array(capacity),
      serviceIds: new Uint16Array(capacity),
      processIds: new Uint16Array(capacity),
      errorTypeIds: new Uint16Array(capacity),
      httpStatuses: new Uint16Array(capacity),
      kinds: new Uint8Array(capacity),
      statuses: new Uint8Array(capacity),
      flags: new Uint8Array(capacity),
      ...(files.some((file) => file.adjustedCounts) && {
        adjustedCounts: new Float64Array(capacity).fill(1),
      }),
    };
  }

  /**
   * @param serviceName of the spans; that of who recorded them where it is left out
   * @returns who recorded the file
   */
  add(file: RecordedFile, serviceName?: string): Omit<RecorderIdentity, 'timeOrigin' | 'resource'> {
    const identity = identityOf(file);
    const nameIds = this.#names.translate(file.text.map((text) => text.names));
    const errorTypeIds = this.#errorTypes.translate(file.text.map((text) => text.errorTypes));
    const serviceId = this.#services.idOf(serviceName ?? identity.service);
    // In this order: a difference of milliseconds is exact, one of seconds is not.
    const originSeconds = (identity.timeOrigin - this.#table.epochSeconds * 1e3) / 1e3;
    const links = linksOf(file);
    const exceptions = exceptionsOf(file);
    const context = { nameIds, errorTypeIds, serviceId, originSeconds, links, exceptions };
    let before = 0;
    for (const rows of file.rows) {
      const adjustedCounts = file.adjustedCounts?.subarray(before);
      this.#addRows(rows, { ...context, ...(adjustedCounts && { adjustedCounts }) });
      before += rows.byteLength / ROW_BYTES;
    }
    this.#processes += 1;
    const { service, pid, threadId } = identity;
    return { service, pid, threadId };
  }

  /** Folds names with ids in them. */
  build(): BuiltTable {
    const folded = foldFamilies(this.#names.strings);
    const newIds = this.#names.strings.map((name) => this.#names.idOf(folded.get(name) ?? name));
    if (folded.size > 0) {
      for (let row = 0; row < this.#table.count; row += 1) {
        this.#table.nameIds[row] = newIds[this.#table.nameIds[row] ?? 0] ?? 0;
      }
    }
    return {
      spans: {
        ...this.#table,
        exceptions: this.#exceptions,
        ...(this.#links.size > 0 && { links: this.#links }),
      },
      foldedNames: [...new Set(folded.values())].sort(),
      damaged: this.#damaged,
      repeated: this.#repeated,
    };
  }

  #addRows(bytes: Uint8Array, file: FileContext): void {
    const table = this.#table;
    const doubles = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    for (let word = 0, double = 0; word < words.length; word += ROW_WORDS, double += ROW_DOUBLES) {
      const row = table.count;
      const duration = doubles[double + ROW.duration] ?? 0;
      const start = doubles[double + ROW.start] ?? 0;
      if (!(duration >= 0 && duration < Number.POSITIVE_INFINITY && Number.isFinite(start))) {
        this.#damaged += 1;
        continue;
      }
      if (this.#seen?.add(words[word + ROW.spanId] ?? 0, words[word + ROW.spanId + 1] ?? 0) === false) {
        this.#repeated += 1;
        continue;
      }
      const nameAndErrorType = words[word + ROW.nameAndErrorType] ?? 0;
      const rest = words[word + ROW.rest] ?? 0;
      table.startSeconds[row] = file.originSeconds + start / 1e3;
      table.durationSeconds[row] = duration;
      for (let index = 0; index < 4; index += 1) {
        table.traceIds[row * 4 + index] = words[word + ROW.traceId + index] ?? 0;
      }
      for (let index = 0; index < 2; index += 1) {
        table.spanIds[row * 2 + index] = words[word + ROW.spanId + index] ?? 0;
        table.parentIds[row * 2 + index] = words[word + ROW.parentId + index] ?? 0;
      }
      table.nameIds[row] = file.nameIds[nameAndErrorType & 0xffff] ?? 0;
      table.errorTypeIds[row] = file.errorTypeIds[nameAndErrorType >>> 16] ?? 0;
      table.serviceIds[row] = file.serviceId;
      table.processIds[row] = this.#processes;
      table.httpStatuses[row] = rest & 0xffff;
      table.kinds[row] = Math.min((rest >>> 16) & 7, 4);
      table.statuses[row] = Math.min((rest >>> 19) & 3, 2);
      table.flags[row] = rest >>> 24;
      if (file.adjustedCounts && table.adjustedCounts)
        table.adjustedCounts[row] = file.adjustedCounts[word / ROW_WORDS] ?? 1;
      if (file.links.size > 0 && table.kinds[row] === CONSUMER) {
        const links = file.links.get(spanIdOf(table, row));
        if (links) this.#links.set(row, links);
      }
      table.count += 1;
      if (table.errorTypeIds[row] !== NO_ERROR_ID && file.exceptions.size > 0) {
        const exception = file.exceptions.get(spanIdOf(table, row));
        if (exception) this.#exceptions.set(row, exception);
      }
    }
  }
}

const CONSUMER = SPAN_KINDS.indexOf('consumer');

/** By span id. */
function linksOf({ text }: RecordedFile): ReadonlyMap<string, readonly string[]> {
  const links = new Map<string, readonly string[]>();
  for (const piece of text) {
    for (const [spanId, ...traceIds] of piece.links ?? []) links.set(spanId, traceIds);
  }
  return links;
}

export interface BuiltTable {
  readonly spans: SpanTable;
  readonly foldedNames: readonly string[];
  /** Rows that were left out since they make no sense. */
  readonly damaged: number;
  /** Rows that were left out since their span was there already. */
  readonly repeated: number;
}

interface FileContext {
  readonly nameIds: readonly number[];
  readonly errorTypeIds: readonly number[];
  readonly serviceId: number;
  readonly originSeconds: number;
  /** From the first of these rows on. */
  readonly adjustedCounts?: Float64Array;
  readonly links: ReadonlyMap<string, readonly string[]>;
  /** By span id. */
  readonly exceptions: ReadonlyMap<string, SpanException>;
}

/** Texts have ids that count up over the whole file. */
function exceptionsOf({ text }: RecordedFile): ReadonlyMap<string, SpanException> {
  const texts: string[] = [];
  const exceptions = new Map<string, SpanException>();
  for (const { exceptions: found } of text) {
    found?.texts.strings.forEach((each, index) => {
      texts[found.texts.from + index] = each;
    });
    for (const [spanId, id] of found?.spans ?? []) {
      const [type = '', ...message] = texts[id]?.split('\n') ?? [];
      if (message.length > 0) exceptions.set(spanId, { type, message: message.join('\n') });
    }
  }
  return exceptions;
}

/** Strings over several files, each of which has ids of its own. */
class Interner {
  readonly strings: string[];
  readonly #ids = new Map<string, number>();

  /** @param reserved the strings of the first ids */
  constructor(reserved: readonly string[]) {
    this.strings = [];
    for (const text of reserved) this.idOf(text);
  }

  idOf(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.strings.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }

  /** Ids here by id in the file; 0 stays 0. */
  translate(pieces: readonly (NewStrings | undefined)[]): readonly number[] {
    const ids: number[] = [0];
    for (const piece of pieces) {
      piece?.strings.forEach((text, index) => {
        ids[piece.from + index] = this.idOf(text);
      });
    }
    return ids;
  }
}

/** A file whose first chunk is damaged has rows that nobody can name; they go to a service without a name. */
export function identityOf(file: RecordedFile): RecorderIdentity {
  for (const text of file.text) if (text.recorder) return text.recorder;
  return { service: '', pid: 0, threadId: 0, timeOrigin: 0 };
}

function earliestOrigin(files: readonly RecordedFile[]): number {
  const origins = files.map((file) => identityOf(file).timeOrigin).filter((origin) => origin > 0);
  return origins.length === 0 ? 0 : Math.min(...origins);
}
