/**
 * Spans that services print with a ConsoleSpanExporter. What it prints is meant for people and promised to nobody, so
 * what cannot be read is counted as a span that is lost, and is never an error.
 */
import type { RecordedFile } from '../chunk-reader.ts';
import { withoutColours } from '../colours.ts';
import { OtlpSpan } from '../otlp/otlp-span.ts';
import type { OtlpResource } from '../otlp/span-recorder.ts';
import { SpanRows } from '../otlp/span-rows.ts';
import {
  type InspectedObject,
  type InspectedValue,
  readInspected,
  UnreadablePrint,
} from './inspected-value.ts';
import { PrintedBlocks } from './printed-blocks.ts';
import { looksLikeSpan, readPrintedSpan } from './printed-span.ts';

export class ConsoleSpans {
  readonly #rows = new SpanRows();
  readonly #span = new OtlpSpan();
  readonly #blocks: PrintedBlocks;
  readonly #service: string;
  readonly #splitBy: readonly string[];
  #unreadable = 0;

  /**
   * @param service whose output it is; prints of early SDKs do not say it
   * @param splitBy attributes of resources that are kept
   */
  constructor(service: string, splitBy: readonly string[] = []) {
    this.#service = service;
    this.#splitBy = splitBy;
    this.#blocks = new PrintedBlocks({
      block: (text) => this.#add(text),
      cut: (text) => {
        if (looksLikeSpan(text)) this.#unreadable += 1;
      },
    });
  }

  /** @param isCut whether more of the line was left out */
  line(line: string, isCut = false): void {
    // Node colours what it prints where FORCE_COLOR is set, a terminal or not.
    this.#blocks.line(withoutColours(line), isCut);
  }

  /** To be called behind the last line. */
  end(): void {
    this.#blocks.end();
  }

  /** Says that more was printed than was read. */
  lose(): void {
    this.#unreadable += 1;
  }

  /** Prints of spans that nobody can read: cut off, mixed with those of others, or without ids and times. */
  get unreadable(): number {
    return this.#unreadable + this.#rows.refused;
  }

  get count(): number {
    return this.#rows.count;
  }

  #read(print: InspectedObject): OtlpResource | null {
    return readPrintedSpan(print, this.#span, { service: this.#service, splitBy: this.#splitBy });
  }

  /** What `SpanTableBuilder` takes. */
  files(): readonly RecordedFile[] {
    const { unreadable } = this;
    if (unreadable > 0) this.#rows.recorderOf({ service: this.#service, pid: 0 });
    return this.#rows.files().map((file, index) => (index === 0 ? { ...file, dropped: unreadable } : file));
  }

  #add(text: string): void {
    const print = readable(text);
    const resource = print instanceof Map ? this.#read(print) : null;
    if (resource !== null) this.#rows.add(this.#rows.recorderOf(resource), this.#span);
    // Services print other objects as well.
    else if (print === null && looksLikeSpan(text)) this.#unreadable += 1;
  }
}

/** Null where it is no value. */
function readable(text: string): InspectedValue {
  try {
    return readInspected(text);
  } catch (error) {
    if (!(error instanceof UnreadablePrint)) throw error;
    return null;
  }
}
