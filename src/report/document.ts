/** A report as the terminal and Markdown share it: a headline, facts, sections and tables, without width or syntax. */
import type { Phrase } from './phrase.ts';
import type { Fact } from './view-model.ts';

export interface ReportDocument {
  readonly headline: Headline;
  readonly parts: readonly DocumentPart[];
}

export interface Headline {
  readonly text: Phrase;
  readonly mark: Mark;
}

/** What a headline is marked with: a colour, or a sign. */
export type Mark = 'pass' | 'fail' | 'open' | 'skipped' | 'error' | 'measured';

/** One scenario. */
export interface DocumentPart {
  /** Null where the headline of the document has said it. */
  readonly title: Headline | null;
  /** Said right below the headline. */
  readonly lead?: Phrase;
  readonly facts: { readonly title: string; readonly facts: readonly Fact[] };
  readonly sections: readonly Section[];
  readonly footnotes: readonly Phrase[];
  readonly next: readonly Phrase[];
}

export type Tone = 'bad' | 'caution' | 'good' | 'quiet' | 'plain';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Columns of text, so that tables below one another line up. */
  readonly minWidth?: number;
}

export interface TableRow {
  readonly cells: readonly Phrase[];
  readonly tone: Tone;
}

/** Rows under a title of their own, such as a span with its quantities; without one they follow the rows above. */
export interface TableGroup {
  readonly title: Phrase | null;
  readonly rows: readonly TableRow[];
  readonly notes: readonly Phrase[];
}

export interface Table {
  /** The first column may hold names, and is the one that is shortened where there is no room. */
  readonly columns: readonly Column[];
  readonly groups: readonly TableGroup[];
}

export interface Section {
  readonly title: string;
  readonly tone: Tone;
  /** Of secondary interest: formats that can fold it do. */
  readonly folded: boolean;
  /** For formats without the limits of one screen alone. */
  readonly offScreen?: true;
  /** Formats that draw have the same as a drawing. */
  readonly drawn?: true;
  /** Rows that a format of one screen shows; the others are counted, and without any there is no table. */
  readonly screenRows?: number;
  /** Said first, one sentence a line. */
  readonly lines: readonly Phrase[];
  readonly table?: Table;
  /** Lines that are kept as they are: drawings of text. For formats with letters of one width. */
  readonly drawing?: readonly Phrase[];
}
