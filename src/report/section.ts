/** Layout that the terminal and Markdown share: titled sections of lines and tables, without a width or a syntax. */
import type { Phrase } from './phrase.ts';

export type Tone = 'bad' | 'caution' | 'good' | 'quiet' | 'plain';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export interface TableRow {
  readonly cells: readonly Phrase[];
  readonly tone: Tone;
}

/** Rows under a title of their own, such as a span with its quantities. */
export interface TableGroup {
  readonly title: Phrase;
  readonly rows: readonly TableRow[];
  readonly notes: readonly Phrase[];
}

export interface Table {
  /** What the titles of the groups are: a column of its own where a format has no room for titles. */
  readonly groupColumn: string;
  readonly columns: readonly Column[];
  readonly groups: readonly TableGroup[];
}

export interface Section {
  readonly title: string;
  readonly tone: Tone;
  /** Of secondary interest: formats that can fold it do. */
  readonly folded: boolean;
  /** Said first, one sentence a line. */
  readonly lines: readonly Phrase[];
  readonly table?: Table;
}
