/** Contents of requests: what does not depend on the connection is rendered once, before any load. */
import { isAbsolute, resolve } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import type { Load, Method, RequestTemplate } from '../../config.ts';
import { deriveSeed, seededRandom, shuffled } from '../../random.ts';
import { type Encode, encoderOf } from './encoding.ts';
import { parseTemplate, savedNames, type Template, TemplateError } from './template.ts';

/** Reads a whole file; throws where it cannot. */
export type ReadFile = (path: string) => Uint8Array;

/** A request as it goes out, but for `traceparent`, `cookie` and what the driver must add. */
export interface RenderedRequest {
  readonly method: Method;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Uint8Array | null;
}

/** One content slot of one request. */
export interface Content {
  /** Present where nothing depends on the connection or the sending. */
  readonly fixed: RenderedRequest | null;
  /** @param unique makes the part of a UUID that differs from sending to sending: 24 characters, `…-` */
  render(known: ReadonlyMap<string, string>, unique: () => string): RenderedRequest;
}

export interface Mistake {
  readonly code: 'bad-variable' | 'file-unreadable' | 'missing-column';
  readonly request: string;
  readonly what: string;
}

export interface ParsedRequest {
  readonly template: RequestTemplate;
  readonly index: number;
  readonly path: Template;
  readonly headers: readonly (readonly [string, Template])[];
  readonly body: Template | Uint8Array | null;
  readonly needs: readonly string[];
  /** Whether its slots differ. */
  readonly varies: boolean;
}

/** What a template still holds once a slot is chosen: text, a value of the connection, or a UUID's fixed end. */
type Piece = string | { readonly name: string; readonly encode: Encode } | { readonly uuidEnd: string };

export class ContentMaker {
  readonly mistakes: Mistake[] = [];
  readonly #load: Load;
  readonly #readFile: ReadFile;
  readonly #files = new Map<string, Uint8Array | null>();
  readonly #tables = new Map<string, readonly Readonly<Record<string, string>>[]>();
  readonly #orders = new Map<string, readonly number[]>();
  #drawn = 0;

  constructor(load: Load, readFile: ReadFile) {
    this.#load = load;
    this.#readFile = readFile;
  }

  parse(template: RequestTemplate, index: number): ParsedRequest {
    const body = this.#body(template);
    const headers = withDefaults(template.headers, body);
    const parsed = {
      path: this.#template(template, template.path),
      headers: Object.entries(headers).map(([name, text]) => [name, this.#template(template, text)] as const),
      body: typeof body === 'string' ? this.#template(template, body) : body,
    };
    const texts = [parsed.path, ...parsed.headers.map(([, text]) => text), textOf(parsed.body)];
    const varies = texts.flat().some((part) => part.kind !== 'text' && part.kind !== 'saved');
    return { ...parsed, template, index, needs: [...new Set(texts.flatMap(savedNames))], varies };
  }

  content(parsed: ParsedRequest, slot: number): Content {
    const { method, name } = parsed.template;
    const draw = (template: Template, encode: Encode) => this.#draw(template, { parsed, slot, encode, name });
    this.#drawn = 0;
    const path = draw(parsed.path, encoderOf('path', parsed.path.length === 1));
    const headers = parsed.headers.map(
      ([key, text]) => [key, draw(text, encoderOf('header', false))] as const,
    );
    const body =
      parsed.body instanceof Uint8Array || parsed.body === null
        ? parsed.body
        : draw(parsed.body, encoderOf(bodyPlace(parsed), false));
    const render: Content['render'] = (known, unique) => ({
      method,
      path: join(path, known, unique),
      headers: headers.map(([key, pieces]) => [key, join(pieces, known, unique)] as const),
      body: body instanceof Uint8Array || body === null ? body : join(body, known, unique),
    });
    const all = [path, ...headers.map(([, pieces]) => pieces), Array.isArray(body) ? body : []].flat();
    const fixed = all.every((piece) => typeof piece === 'string') ? render(new Map(), () => '') : null;
    return { fixed, render: fixed === null ? render : () => fixed };
  }

  #template(request: RequestTemplate, text: string): Template {
    try {
      return parseTemplate(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      this.mistakes.push({ code: 'bad-variable', request: request.name, what: error.message });
      return [];
    }
  }

  #body(template: RequestTemplate): string | Uint8Array | null {
    if (template.bodyFile === null) return template.body;
    const bytes = this.#read(template.name, template.bodyFile);
    try {
      return bytes === null ? null : new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      // Not text: sent byte by byte, without variables.
      return bytes;
    }
  }

  #draw(
    template: Template,
    at: {
      readonly parsed: ParsedRequest;
      readonly slot: number;
      readonly encode: Encode;
      readonly name: string;
    },
  ): Piece[] {
    const { parsed, slot, encode } = at;
    return template.map((part): Piece => {
      // Each variable has a stream of its own, so that adding one does not move the values of the others.
      this.#drawn += 1;
      const random = seededRandom(deriveSeed(this.#load.seed, 2, parsed.index, slot, this.#drawn));
      switch (part.kind) {
        case 'text':
          return encode.text(part.text);
        case 'int':
          return String(part.low + Math.floor(random() * (part.high - part.low + 1)));
        case 'choice':
          return encode.chosen(part.values[Math.floor(random() * part.values.length)] ?? '');
        case 'csv':
          return encode.value(this.#cell(at.name, part, parsed.index, slot));
        case 'uuid':
          return { uuidEnd: hex12(random) };
        case 'saved':
          return { name: part.name, encode };
        default:
          return part satisfies never;
      }
    });
  }

  #cell(
    request: string,
    part: { readonly file: string; readonly column: string },
    index: number,
    slot: number,
  ): string {
    const rows = this.#table(request, part.file);
    if (rows.length === 0) return '';
    // Rows in a shuffled order: every row is used before one is used again.
    const row = rows[this.#order(index, rows.length)[slot % rows.length] ?? 0] ?? {};
    const cell = row[part.column];
    if (cell !== undefined) return cell;
    const what = `${part.file} has no column \`${part.column}\`; it has ${Object.keys(row).join(', ')}`;
    this.#mistake({ code: 'missing-column', request, what });
    return '';
  }

  #order(index: number, rows: number): readonly number[] {
    const key = `${index} ${rows}`;
    const known = this.#orders.get(key);
    if (known) return known;
    const order = shuffled([...Array(rows).keys()], seededRandom(deriveSeed(this.#load.seed, 4, index)));
    this.#orders.set(key, order);
    return order;
  }

  #table(request: string, file: string): readonly Readonly<Record<string, string>>[] {
    const path = isAbsolute(file) ? file : resolve(this.#load.directory, file);
    const known = this.#tables.get(path);
    if (known) return known;
    let rows: Record<string, string>[] = [];
    const bytes = this.#read(request, path);
    if (bytes !== null) {
      try {
        rows = parseCsv(Buffer.from(bytes), { columns: true, bom: true, skip_empty_lines: true, trim: true });
        if (rows.length === 0)
          this.#mistake({ code: 'file-unreadable', request, what: `${path} has no rows` });
      } catch (error) {
        this.#mistake({ code: 'file-unreadable', request, what: `${path} is not CSV: ${messageOf(error)}` });
      }
    }
    this.#tables.set(path, rows);
    return rows;
  }

  #read(request: string, path: string): Uint8Array | null {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    let bytes: Uint8Array | null = null;
    try {
      bytes = this.#readFile(path);
    } catch (error) {
      this.#mistake({ code: 'file-unreadable', request, what: `cannot read ${path}: ${messageOf(error)}` });
    }
    this.#files.set(path, bytes);
    return bytes;
  }

  /** The same mistake shows in every slot; it is told once. */
  #mistake(mistake: Mistake): void {
    const same = (other: Mistake) => other.request === mistake.request && other.what === mistake.what;
    if (!this.mistakes.some(same)) this.mistakes.push(mistake);
  }
}

function withDefaults(
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array | null,
): Readonly<Record<string, string>> {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const all: Record<string, string> = { ...headers };
  if (!given.has('accept')) all.accept = '*/*';
  if (!given.has('user-agent')) all['user-agent'] = 'spangate';
  if (typeof body === 'string' && /^\s*[[{]/.test(body) && !given.has('content-type')) {
    all['content-type'] = 'application/json';
  }
  return all;
}

function bodyPlace(parsed: ParsedRequest): 'json' | 'form' | 'text' {
  const type = parsed.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? [];
  const text = type.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  if (/json/i.test(text)) return 'json';
  return /x-www-form-urlencoded/i.test(text) ? 'form' : 'text';
}

function join(pieces: readonly Piece[], known: ReadonlyMap<string, string>, unique: () => string): string {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else if ('uuidEnd' in piece) text += unique() + piece.uuidEnd;
    else text += piece.encode.value(known.get(piece.name) ?? '');
  }
  return text;
}

function textOf(body: Template | Uint8Array | null): Template {
  return body instanceof Uint8Array || body === null ? [] : body;
}

function hex12(random: () => number): string {
  return Array.from({ length: 12 }, () => Math.floor(random() * 16).toString(16)).join('');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
