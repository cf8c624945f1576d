/** The text of a configuration file together with its parsed nodes, so that every message can name line and column. */
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import type { DataPath } from '../schema.ts';

/** 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Which end of `key: value` a message is about. */
export type Part = 'key' | 'value';

export interface SyntaxMistake extends Position {
  readonly message: string;
}

/** More than a person writes; stops the "billion laughs" of nested aliases. */
const MAX_ALIASES = 100;

export class ConfigSource {
  readonly syntaxMistakes: readonly SyntaxMistake[];
  readonly #document: Document.Parsed;
  readonly #lineCounter: LineCounter;
  readonly #lines: readonly string[];

  /** JSON is read by the same parser, since YAML 1.2 contains it. */
  constructor(text: string) {
    this.#lineCounter = new LineCounter();
    this.#document = parseDocument(text, {
      lineCounter: this.#lineCounter,
      merge: true,
      prettyErrors: false,
      logLevel: 'error',
    });
    this.#lines = text.split(/\r?\n/);
    const mistakes = [...this.#document.errors, ...this.#document.warnings, ...this.#looseAliases()].map(
      ({ code, pos, message }) => {
        const position = this.#positionOf(pos[0]);
        return { ...position, message: syntaxMessage(code, message, this.line(position.line)) };
      },
    );
    // The first one on a line explains the others.
    this.syntaxMistakes = mistakes.filter(
      ({ line }, index) => !mistakes.slice(0, index).some((earlier) => earlier.line === line),
    );
  }

  /**
   * @returns plain data
   * @throws Error where aliases run in a circle or multiply without end, or `<<` has no mapping
   */
  toData(): unknown {
    const data: unknown = this.#document.toJS({ maxAliasCount: MAX_ALIASES });
    refuseCircles(data, []);
    return data;
  }

  /** The text of a line, 1-based. */
  line(number: number): string {
    return this.#lines[number - 1] ?? '';
  }

  /** Where the path is, or the deepest part of it that the file has. */
  position(path: DataPath, part: Part): Position {
    let node: Node | null = this.#document.contents;
    let offset = node?.range?.[0] ?? 0;
    for (const [depth, key] of path.entries()) {
      const entry = this.#entry(node, key);
      if (entry === null) break;
      const last = depth === path.length - 1;
      node = entry.value;
      const valueOffset = node?.range?.[0] ?? entry.offset;
      offset = last && part === 'value' ? valueOffset : entry.offset;
    }
    return this.#positionOf(offset);
  }

  /** Whether the file has at least the first key of the path, so that `position` says more than "the file". */
  holds(path: DataPath): boolean {
    const [first] = path;
    return first === undefined || this.#entry(this.#document.contents, first) !== null;
  }

  /** How a scalar is written in the file, before variables are filled in; null where there is no scalar. */
  written(path: DataPath): string | null {
    let node: Node | null = this.#document.contents;
    for (const key of path) node = this.#entry(node, key)?.value ?? null;
    const target = this.#resolve(node);
    return isScalar(target) ? (target.source ?? String(target.value)) : null;
  }

  /** All scalars that are values, where they are defined. `change` may set their `value`. */
  forEachScalar(change: (scalar: Scalar, path: DataPath) => void): void {
    const walk = (node: unknown, path: DataPath): void => {
      if (isScalar(node)) change(node, path);
      if (isMap(node)) for (const pair of node.items) walk(pair.value, [...path, keyOf(pair)]);
      if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index]);
    };
    walk(this.#document.contents, []);
  }

  #looseAliases(): { code: string; pos: readonly [number, number]; message: string }[] {
    const loose: { code: string; pos: readonly [number, number]; message: string }[] = [];
    visit(this.#document, {
      Alias: (_, alias) => {
        if (alias.resolve(this.#document) !== undefined) return;
        const [from = 0, to = 0] = alias.range ?? [];
        loose.push({
          code: 'ALIAS',
          pos: [from, to],
          message: `there is no anchor &${alias.source} before *${alias.source}`,
        });
      },
    });
    return loose;
  }

  #positionOf(offset: number): Position {
    const { line, col } = this.#lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  #entry(node: Node | null, key: string | number): { value: Node | null; offset: number } | null {
    const container = this.#resolve(node);
    if (isSeq(container)) {
      const item = container.items[Number(key)] as Node | undefined;
      return item ? { value: item, offset: item.range?.[0] ?? 0 } : null;
    }
    if (!isMap(container)) return null;
    const pair = this.#pair(container, String(key));
    if (!pair) return null;
    const offset = (pair.key as Node | null)?.range?.[0] ?? container.range?.[0] ?? 0;
    return { value: (pair.value as Node | null) ?? null, offset };
  }

  /** The pair of a key, also where `<<` brings it in. */
  #pair(map: YAMLMap, key: string): Pair | undefined {
    const own = map.items.find((pair) => isPair(pair) && keyOf(pair) === key);
    if (own) return own;
    for (const pair of map.items) {
      if (keyOf(pair) !== '<<') continue;
      const merged = this.#resolve(pair.value);
      const sources = isSeq(merged) ? merged.items.map((item) => this.#resolve(item)) : [merged];
      for (const source of sources) {
        const found = isMap(source) ? this.#pair(source, key) : undefined;
        if (found) return found;
      }
    }
    return undefined;
  }
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
}

/** The parser's messages, in words for somebody who does not know its API. */
function syntaxMessage(code: string, message: string, line: string): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document (`---`) begins here; one file has one document';
  if (code === 'DUPLICATE_KEY') return 'this key is given twice in the same mapping';
  if (code === 'UNEXPECTED_TOKEN' && /[{,[].*\$\{/.test(line)) {
    return `${message}; inside { } and [ ], a text with \${…} needs quotes: "\${…}"`;
  }
  if (code === 'BLOCK_AS_IMPLICIT_KEY')
    return 'a text with ": " in it needs quotes; the next key a line of its own';
  if (/must be sufficiently indented and end with/.test(message)) {
    return `${message.includes('map') ? '{' : '['} is not closed before here, or what is in it is not indented`;
  }
  return message;
}

function refuseCircles(value: unknown, ancestors: readonly unknown[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (ancestors.includes(value)) throw new Error('an alias stands inside what it refers to');
  for (const child of Object.values(value)) refuseCircles(child, [...ancestors, value]);
}
