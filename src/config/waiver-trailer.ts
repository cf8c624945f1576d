/**
 * Waivers in the message of a commit, one a line of its last paragraph:
 *
 *     Spangate-Accept: p50 of "pg.query SELECT orders" in "list orders" until 2026-12-31: index moved to the replica
 *     Spangate-Accept: p50, p90 in "list orders" until 2026-12-31: pages are twice as long now
 *     Spangate-Accept: calls of summarize from orders-api until 2026-12-31: one call an order line
 *     Spangate-Accept: throughput under concurrency until 2026-12-31: the pool is smaller on purpose
 *
 * Names are exact; those with spaces or quotes stand in double quotes, with `\"` and `\\` inside. What comes before
 * the value is git's business (git interpret-trailers). The text was written by whoever wrote the commit: it is
 * data, and whatever it holds, this gives waivers or a sentence about what is wrong.
 */
import type { Quantity } from '../config.ts';
import { QUANTITIES } from './defaults.ts';
import { nearestWord } from './nearest-word.ts';
import { isDay, type WaiverFields, waiverMistake } from './waiver-fields.ts';

export const WAIVER_TRAILER = 'Spangate-Accept';

export type WaiverTrailer =
  /** One for each quantity. */
  { readonly waivers: readonly WaiverFields[] } | { readonly mistake: string };

/** No name of a span that anybody reads is longer; a line without end is not worth reading. */
const MOST_CHARACTERS = 2000;

/** @param value what stands behind `Spangate-Accept:` */
export function parseWaiverTrailer(value: string): WaiverTrailer {
  if (value.length > MOST_CHARACTERS) return { mistake: `it is longer than ${MOST_CHARACTERS} characters` };
  try {
    return { waivers: waiversOf(new TrailerReader(value)) };
  } catch (error) {
    if (error instanceof TrailerMistake) return { mistake: error.message };
    throw error;
  }
}

/** The value of a trailer that says the same; `parseWaiverTrailer` reads it. The reason has no line feed. */
export function waiverTrailerText(waiver: WaiverFields): string {
  const { quantity, under, span, service, operation, expires, reason } = waiver;
  const named = (word: string, name: string | null) => (name === null ? [] : [`${word} ${quoted(name)}`]);
  const parts = [
    quantity,
    ...(under === undefined ? [] : [`under ${under}`]),
    ...named('of', span),
    ...named('from', service),
    ...named('in', operation),
    `until ${expires}`,
  ];
  return `${parts.join(' ')}: ${reason}`;
}

class TrailerMistake extends Error {}

function waiversOf(reader: TrailerReader): readonly WaiverFields[] {
  const quantities = [quantityOf(reader)];
  while (reader.takes(',') || reader.takesWord('and')) quantities.push(quantityOf(reader));
  const isConcurrent = reader.takesWord('under');
  if (isConcurrent && !reader.takesWord('concurrency'))
    throw expected('`concurrency` behind `under`', reader);
  const span = reader.takesWord('of') ? reader.name('the span behind `of`') : null;
  const service = reader.takesWord('from') ? reader.name('the service behind `from`') : null;
  const operation = reader.takesWord('in') ? reader.name('the operation behind `in`') : null;
  if (!reader.takesWord('until')) throw expected(missing(span, operation), reader);
  const expires = reader.day();
  if (!reader.takes(':')) throw expected('a colon and the reason behind the day', reader);
  const reason = reader.rest();
  if (reason === '') throw new TrailerMistake('the reason is missing behind the colon');
  return [...new Set(quantities)].map((quantity) => {
    const under = isConcurrent ? { under: 'concurrency' as const } : {};
    const fields: WaiverFields = { operation, span, service, quantity, ...under, reason, expires };
    const mistake = waiverMistake(fields);
    if (mistake) throw new TrailerMistake(mistake.message);
    return fields;
  });
}

function quantityOf(reader: TrailerReader): Quantity {
  const word = reader.word('a quantity');
  const quantity = QUANTITIES.find((each) => each === word);
  if (quantity) return quantity;
  const nearest = nearestWord(word, QUANTITIES);
  const meant = nearest === null ? `; there are ${QUANTITIES.join(', ')}` : `, did you mean ${nearest}?`;
  throw new TrailerMistake(`${JSON.stringify(shortened(word))} is no quantity${meant}`);
}

function missing(span: string | null, operation: string | null): string {
  if (span === null && operation === null) return '`of` and a span, or `in` and an operation';
  return '`until` and a day such as 2026-12-31';
}

function expected(what: string, reader: TrailerReader): TrailerMistake {
  const rest = shortened(reader.rest());
  const there = rest === '' ? 'it ends there' : `there is ${JSON.stringify(rest)}`;
  return new TrailerMistake(`${what} is missing; ${there}`);
}

/** As much as it takes to find the place. */
const LONGEST_QUOTE = 40;

function shortened(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

/** From left to right; every step takes what it finds, and none goes back. */
class TrailerReader {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  takes(sign: ',' | ':'): boolean {
    return this.#match(sign === ',' ? /\s*,/y : /\s*:/y) !== null;
  }

  /** A word of the grammar, in any case. */
  takesWord(word: string): boolean {
    const before = this.#position;
    if (this.#match(/\s*([A-Za-z]+)(?=\s|$)/y)?.[1]?.toLowerCase() === word) return true;
    this.#position = before;
    return false;
  }

  word(what: string): string {
    const found = this.#match(/\s*([\w-]+)/y)?.[1];
    if (found === undefined) throw expected(what, this);
    return found;
  }

  name(what: string): string {
    const bare = this.#match(/\s*([^\s"“”]+)(?=\s|$)/y)?.[1];
    if (bare !== undefined) return bare;
    const written = this.#match(/\s*"((?:[^"\\]|\\["\\])*)"(?=\s|$)/y)?.[1];
    if (written === undefined) throw expected(`${what}, bare or in straight double quotes,`, this);
    const name = written.replace(/\\(["\\])/g, '$1');
    if (name.trim() === '') throw new TrailerMistake(`${what} has no name`);
    return name;
  }

  day(): string {
    const found = this.#match(/\s*(\d{4}-\d{2}-\d{2})(?=[\s:]|$)/y)?.[1];
    if (found === undefined) throw expected('a day such as 2026-12-31 behind `until`', this);
    if (!isDay(found)) throw new TrailerMistake(`there is no day ${found}`);
    return found;
  }

  rest(): string {
    const rest = this.#text.slice(this.#position).trim();
    this.#position = this.#text.length;
    return rest;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text);
    if (found) this.#position = pattern.lastIndex;
    return found;
  }
}

function quoted(name: string): string {
  return `"${name.replace(/["\\]/g, '\\$&')}"`;
}
