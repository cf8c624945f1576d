/** Contents of requests: what does not depend on the connection is rendered once, before any load. */
import type { Load, Method, RequestTemplate } from '../../config.ts';
import { deriveSeed, seededRandom } from '../../random.ts';
import { DataFileError, DataFiles, type ReadFile } from './data-files.ts';
import { type Encode, encoderOf } from './encoding.ts';
import { type Part, parseTemplate, savedNames, type Template, TemplateError } from './template.ts';

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
  readonly code: 'bad-variable' | 'file-unreadable' | 'missing-column' | 'reserved-header';
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

/** Written by the driver; a second one would contradict it. */
const RESERVED = /^(traceparent|tracestate|connection|content-length|transfer-encoding)$/i;

export class ContentMaker {
  readonly mistakes: Mistake[] = [];
  readonly #seed: number;
  readonly #files: DataFiles;

  constructor({ seed, directory }: Load, readFile: ReadFile) {
    this.#seed = seed;
    this.#files = new DataFiles({ seed, directory, readFile });
  }

  parse(template: RequestTemplate, index: number): ParsedRequest {
    for (const name of Object.keys(template.headers).filter((header) => RESERVED.test(header))) {
      this.#mistake('reserved-header', template, `the header \`${name}\` is written by spangate`);
    }
    const body = this.#body(template);
    const parsed = {
      path: this.#template(template, template.path),
      headers: Object.entries(withDefaults(template.headers, body)).map(
        ([name, text]) => [name, this.#template(template, text)] as const,
      ),
      body: typeof body === 'string' ? this.#template(template, body) : body,
    };
    const texts = [parsed.path, ...parsed.headers.map(([, text]) => text), textOf(parsed.body)];
    const varies = texts.flat().some((part) => part.kind !== 'text' && part.kind !== 'saved');
    return { ...parsed, template, index, needs: [...new Set(texts.flatMap(savedNames))], varies };
  }

  content(parsed: ParsedRequest, slot: number): Content {
    const { method } = parsed.template;
    // Counts the variables of the slot: each draws from a stream of its own.
    let drawn = 0;
    const draw = (template: Template, encode: Encode): Piece[] =>
      template.map((part) => {
        drawn += 1;
        return this.#piece(part, encode, { parsed, slot, drawn });
      });
    const path = draw(parsed.path, encoderOf('path', parsed.path.length === 1));
    const headers = parsed.headers.map(
      ([name, text]) => [name, draw(text, encoderOf('header', false))] as const,
    );
    const body = isText(parsed.body) ? draw(parsed.body, encoderOf(bodyPlace(parsed), false)) : parsed.body;
    const render: Content['render'] = (known, unique) => ({
      method,
      path: join(path, known, unique),
      headers: headers.map(([name, pieces]) => [name, join(pieces, known, unique)] as const),
      body: isText(body) ? join(body, known, unique) : body,
    });
    const pieces = [...path, ...headers.flatMap(([, value]) => value), ...(isText(body) ? body : [])];
    const fixed = pieces.every((piece) => typeof piece === 'string') ? render(new Map(), () => '') : null;
    return { fixed, render: fixed === null ? render : () => fixed };
  }

  #template(request: RequestTemplate, text: string): Template {
    try {
      return parseTemplate(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      this.#mistake('bad-variable', request, error.message);
      return [];
    }
  }

  #body(template: RequestTemplate): string | Uint8Array | null {
    const { bodyFile } = template;
    if (bodyFile === null) return template.body;
    const bytes = this.#fromFile(template, null, () => this.#files.read(bodyFile));
    try {
      return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      // Not text: sent byte by byte, without variables.
      return bytes;
    }
  }

  #piece(
    part: Part,
    encode: Encode,
    at: { readonly parsed: ParsedRequest; readonly slot: number; readonly drawn: number },
  ): Piece {
    const { template, index } = at.parsed;
    const random = seededRandom(deriveSeed(this.#seed, 2, index, at.slot, at.drawn));
    switch (part.kind) {
      case 'text':
        return encode.text(part.text);
      case 'int':
        return String(part.low + Math.floor(random() * (part.high - part.low + 1)));
      case 'choice':
        return encode.chosen(part.values[Math.floor(random() * part.values.length)] ?? '');
      case 'csv': {
        const place = { request: index, slot: at.slot };
        const { file, column } = part;
        return encode.value(this.#fromFile(template, '', () => this.#files.cell(file, column, place)));
      }
      case 'uuid':
        return { uuidEnd: Array.from({ length: 12 }, () => Math.floor(random() * 16).toString(16)).join('') };
      case 'saved':
        return { name: part.name, encode };
      default:
        return part satisfies never;
    }
  }

  #fromFile<T>(request: RequestTemplate, otherwise: T, get: () => T): T {
    try {
      return get();
    } catch (error) {
      if (!(error instanceof DataFileError)) throw error;
      this.#mistake(error.code, request, error.message);
      return otherwise;
    }
  }

  /** The same mistake shows in every slot; it is told once. */
  #mistake(code: Mistake['code'], { name }: RequestTemplate, what: string): void {
    if (this.mistakes.some((known) => known.request === name && known.what === what)) return;
    this.mistakes.push({ code, request: name, what });
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

function isText<T>(body: readonly T[] | Uint8Array | null): body is readonly T[] {
  return Array.isArray(body);
}

function textOf(body: Template | Uint8Array | null): Template {
  return isText(body) ? body : [];
}
