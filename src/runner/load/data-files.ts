/** Files that contents are made of: bodies, and rows of CSV tables. Each is read once, before any load. */
import { isAbsolute, resolve } from 'node:path';
import { parse as parseCsv } from 'csv-parse/sync';
import { deriveSeed, seededRandom, shuffled } from '../../random.ts';

/** Reads a whole file; throws where it cannot. */
export type ReadFile = (path: string) => Uint8Array;

type Row = Readonly<Record<string, string>>;

/** A file that cannot be used; the caller knows which request wanted it. */
export class DataFileError extends Error {
  readonly code: 'file-unreadable' | 'missing-column';

  constructor(code: DataFileError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export class DataFiles {
  readonly #directory: string;
  readonly #seed: number;
  readonly #readFile: ReadFile;
  readonly #tables = new Map<string, readonly Row[]>();
  readonly #orders = new Map<string, readonly number[]>();

  constructor(options: { readonly directory: string; readonly seed: number; readonly readFile: ReadFile }) {
    this.#directory = options.directory;
    this.#seed = options.seed;
    this.#readFile = options.readFile;
  }

  /** @throws DataFileError */
  read(path: string): Uint8Array {
    try {
      return this.#readFile(path);
    } catch (error) {
      throw new DataFileError('file-unreadable', `cannot read ${path}: ${messageOf(error)}`);
    }
  }

  /**
   * The cell of a content slot. All columns of one slot come from the same row, and every row is used before one is
   * used again.
   *
   * @throws DataFileError
   */
  cell(file: string, column: string, at: { readonly request: number; readonly slot: number }): string {
    const path = isAbsolute(file) ? file : resolve(this.#directory, file);
    const rows = this.#table(path);
    const order = this.#order(at.request, path, rows.length);
    const row = rows[order[at.slot % rows.length] ?? 0] ?? {};
    const cell = row[column];
    if (cell !== undefined) return cell;
    const columns = Object.keys(row).join(', ');
    throw new DataFileError('missing-column', `${path} has no column \`${column}\`; it has ${columns}`);
  }

  #table(path: string): readonly Row[] {
    const known = this.#tables.get(path);
    if (known) return known;
    const bytes = this.read(path);
    let rows: Row[];
    try {
      rows = parseCsv(Buffer.from(bytes), { columns: true, bom: true, skip_empty_lines: true, trim: true });
    } catch (error) {
      throw new DataFileError('file-unreadable', `${path} is not CSV: ${messageOf(error)}`);
    }
    if (rows.length === 0)
      throw new DataFileError('file-unreadable', `${path} has no rows under its first line`);
    this.#tables.set(path, rows);
    return rows;
  }

  #order(request: number, path: string, rows: number): readonly number[] {
    const key = `${request} ${path}`;
    const known = this.#orders.get(key);
    if (known) return known;
    const order = shuffled([...Array(rows).keys()], seededRandom(deriveSeed(this.#seed, 4, request)));
    this.#orders.set(key, order);
    return order;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
