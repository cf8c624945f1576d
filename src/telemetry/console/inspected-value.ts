/**
 * Reads what `util.inspect` prints of plain data, and JSON, which looks nearly the same. What stands for something that
 * is not plain data (`[Object]`, `[Function: f]`, a class, a date) is read as absent. Source of the forms:
 * https://nodejs.org/api/util.html#utilinspectobject-options
 */

export type InspectedValue = string | number | boolean | null | InspectedObject | readonly InspectedValue[];

export type InspectedObject = ReadonlyMap<string, InspectedValue>;

/** The text is not what either of them prints. */
export class UnreadablePrint extends Error {
  constructor(what: string, at: number) {
    super(`${what} at character ${at}`);
    this.name = 'UnreadablePrint';
  }
}

/** Deeper ones are no span, and could be an attack. */
const DEEPEST = 32;

/** @throws UnreadablePrint where it is something else, or more than one value */
export function readInspected(text: string): InspectedValue {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

const KEY = /[\w$]+/y;
/** Numbers, and what has no quotes: `undefined`, dates, names of classes. */
const WORD = /[\w$.:+-]+/y;
const ABSENT = /\[(?!true\b|false\b|null\b)[A-Za-z]/y;
const MORE = /\.\.\. \d+ more (?:items?|characters?)/y;
const BLANK = /\s*/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v' };

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): InspectedValue {
    let next = this.#next();
    // `<ref *1>` stands before what is referred to.
    for (; next === '<'; next = this.#next()) this.#skipTo('>');
    if (next === '"' || next === "'" || next === '`') return this.#string();
    if (next === '{') return this.#nested(() => this.#object());
    if (next === '[') return this.#isAbsent() ? this.#absent() : this.#nested(() => this.#list());
    return this.#word();
  }

  end(): void {
    if (this.#next() !== '') throw this.#unreadable('more text');
  }

  #nested<T>(read: () => T): T {
    if (this.#depth >= DEEPEST) throw this.#unreadable('too deep a value');
    this.#depth += 1;
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(): InspectedObject {
    const entries = new Map<string, InspectedValue>();
    this.#at += 1;
    while (!this.#closes('}')) {
      const key = this.#key();
      // Nothing prints a key twice: two prints have run into each other.
      if (key !== '' && entries.has(key)) throw this.#unreadable('a key twice');
      if (this.#next() !== ':') throw this.#unreadable('a key without a value');
      this.#at += 1;
      entries.set(key, this.value());
      this.#separator('}');
    }
    return entries;
  }

  #list(): readonly InspectedValue[] {
    const values: InspectedValue[] = [];
    this.#at += 1;
    while (!this.#closes(']')) {
      if (this.#text.startsWith('... ', this.#at)) this.#skipMore();
      else values.push(this.value());
      this.#separator(']');
    }
    return values;
  }

  /** @returns whether the end was there, and has been passed */
  #closes(end: string): boolean {
    if (this.#next() !== end) return false;
    this.#at += 1;
    return true;
  }

  #separator(end: string): void {
    const next = this.#next();
    if (next === ',') this.#at += 1;
    else if (next !== end) throw this.#unreadable('no comma and no end');
  }

  #key(): string {
    const next = this.#next();
    if (next === '"' || next === "'" || next === '`') return this.#string();
    if (next === '[') {
      this.#skipTo(']');
      return '';
    }
    return this.#match(KEY);
  }

  /** Long texts of several lines are printed as several, with `+` between them. */
  #string(): string {
    let text = this.#literal();
    while (this.#next() === '+') {
      this.#at += 1;
      const quote = this.#next();
      if (quote !== '"' && quote !== "'" && quote !== '`') throw this.#unreadable('no text behind +');
      text += this.#literal();
    }
    if (this.#text.startsWith('... ', this.#at)) this.#skipMore();
    return text;
  }

  #literal(): string {
    const quote = this.#text[this.#at];
    let text = '';
    let from = this.#at + 1;
    for (let at = from; at < this.#text.length; at += 1) {
      const character = this.#text[at];
      if (character === quote) {
        this.#at = at + 1;
        return text + this.#text.slice(from, at);
      }
      if (character !== '\\') continue;
      const [meant, length] = this.#escaped(at + 1);
      text += this.#text.slice(from, at) + meant;
      at += length;
      from = at + 1;
    }
    throw this.#unreadable('a text without its end');
  }

  #escaped(at: number): readonly [meant: string, length: number] {
    const kind = this.#text[at] ?? '';
    const digits = kind === 'u' ? 4 : kind === 'x' ? 2 : 0;
    if (digits === 0) return [ESCAPES[kind] ?? kind, 1];
    const code = Number.parseInt(this.#text.slice(at + 1, at + 1 + digits), 16);
    return Number.isNaN(code) ? [kind, 1] : [String.fromCharCode(code), 1 + digits];
  }

  #word(): InspectedValue {
    const word = this.#match(WORD);
    if (word === 'true' || word === 'false') return word === 'true';
    const number = Number(word.replace(/^(-?\d+)n$/, '$1'));
    if (!Number.isNaN(number) || word === 'NaN') return number;
    // A class before its fields, such as `Resource {`, `Map(2) {` or `Symbol(a)`.
    if (this.#text[this.#at] === '(') this.#skipTo(')');
    return this.#followed();
  }

  /** A word behind the bracket, where a list has a blank: `[Object]`, `[Function: f]`, `[Object: null prototype] {`. */
  #isAbsent(): boolean {
    ABSENT.lastIndex = this.#at;
    return ABSENT.test(this.#text);
  }

  #absent(): InspectedValue {
    this.#skipTo(']');
    return this.#followed();
  }

  /** The fields of what was named before, where they are there. */
  #followed(): InspectedValue {
    const next = this.#text[this.#at] === ' ' ? this.#text[this.#at + 1] : undefined;
    if (next !== '{' && next !== '[') return null;
    this.#at += 1;
    return next === '{' ? this.#nested(() => this.#object()) : this.#nested(() => this.#list());
  }

  /** `... 3 more items`, `... 12 more characters`. */
  #skipMore(): void {
    this.#match(MORE);
  }

  #skipTo(end: string): void {
    const at = this.#text.indexOf(end, this.#at);
    if (at < 0) throw this.#unreadable(`no ${end}`);
    this.#at = at + 1;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw this.#unreadable('something else than a value');
    this.#at += found.length;
    return found;
  }

  /** The next character that is no blank, empty at the end; the reader then stands there. */
  #next(): string {
    BLANK.lastIndex = this.#at;
    this.#at += BLANK.exec(this.#text)?.[0].length ?? 0;
    return this.#text[this.#at] ?? '';
  }

  #unreadable(what: string): UnreadablePrint {
    return new UnreadablePrint(what, this.#at);
  }
}
