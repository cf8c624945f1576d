/**
 * The exceptions that spans with an error ended with, beside their rows: few in number, and bounded in all. Most of
 * them say the same again and again, so their texts are interned.
 */
import type { NewExceptions } from '../recording-format.ts';
import type { EndedSpan } from './ended-span.ts';
import { StringTable } from './string-table.ts';

/** Reason: half a megabyte at most; example traces need a handful. */
const MOST_TEXTS = 500;
/** Of one process: spans that failed before. Reason: a megabyte of memory in a service that fails all the time. */
const MOST_SPANS = 20_000;
const LONGEST_TYPE = 200;
/** Twice of what is kept in the end: secrets are taken out in between, and no half of one may stay. */
const LONGEST_MESSAGE = 1_000;

export class ExceptionLog {
  readonly #texts = new StringTable(MOST_TEXTS);
  readonly #spans: (readonly [spanId: string, text: number])[] = [];

  get size(): { readonly texts: number; readonly spans: number } {
    return { texts: this.#texts.size, spans: this.#spans.length };
  }

  /** Of a span with an error; does nothing where it has no exception with a message. */
  add(span: EndedSpan): void {
    if (span.events.length === 0 || this.#spans.length >= MOST_SPANS) return;
    const text = exceptionText(span);
    const id = text === null ? 0 : this.#texts.idOf(text);
    if (id !== 0) this.#spans.push([span.spanContext().spanId, id]);
  }

  /** What came after the first so many texts and spans. */
  after({ texts, spans }: { readonly texts: number; readonly spans: number }): NewExceptions {
    return { texts: this.#texts.after(texts), spans: this.#spans.slice(spans) };
  }
}

/** Type and message of the last exception, with a line feed between them. */
function exceptionText({ events }: EndedSpan): string | null {
  for (let index = events.length - 1; index >= 0; index -= 1) {
    const event = events[index];
    if (event?.name !== 'exception') continue;
    const message = event.attributes?.['exception.message'];
    if (typeof message !== 'string' || message === '') return null;
    const type = event.attributes?.['exception.type'];
    const named = typeof type === 'string' ? type.slice(0, LONGEST_TYPE).replaceAll('\n', ' ') : '';
    return `${named}\n${message.slice(0, LONGEST_MESSAGE)}`;
  }
  return null;
}
