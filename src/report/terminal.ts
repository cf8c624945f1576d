/** A report for a terminal: read in ten seconds, never wider than asked, coloured only where wanted. */
import { paintOf } from './colour.ts';
import type { DocumentPart, Headline, Mark, ReportDocument, Section, Tone } from './document.ts';
import { pad, shortenMiddle, widthOf, wrap } from './fit-text.ts';
import type { Phrase } from './phrase.ts';
import { documentOf } from './result-document.ts';
import { withoutCommands } from './safe-text.ts';
import { hanging, lineText, type Page, tableLines, toned } from './terminal-table.ts';
import type { View } from './view-model.ts';

export interface TerminalOptions {
  /** Columns of the terminal; 80 where nobody knows. */
  readonly width?: number;
  readonly colour?: boolean;
  /** Draws distributions and traces of what changed. */
  readonly explain?: boolean;
}

/** Text that ends with a line feed. */
export function terminalReport(view: View, options: TerminalOptions = {}): string {
  return terminalDocument(documentOf(view, options), options);
}

export function terminalDocument(document: ReportDocument, options: TerminalOptions): string {
  const page = pageOf(options);
  const lines = [
    ...headlineLines(document.headline, page),
    ...document.parts.flatMap((part) => partLines(part, page)),
  ];
  return `${lines.map((line) => withoutCommands(line.trimEnd())).join('\n')}\n`;
}

/** Below this the columns of figures do not fit beside one another. */
const MIN_WIDTH = 80;

/** Wider lines are harder to read, not easier. */
const MAX_WIDTH = 120;

function pageOf(options: TerminalOptions): Page {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, options.width ?? MIN_WIDTH));
  return { width, paint: paintOf(options.colour ?? false) };
}

const MARK_TONES: Readonly<Record<Mark, Tone>> = {
  pass: 'good',
  fail: 'bad',
  open: 'caution',
  skipped: 'caution',
  error: 'bad',
  measured: 'plain',
};

function headlineLines({ text, mark }: Headline, { width, paint }: Page): readonly string[] {
  const colour = toned(MARK_TONES[mark], paint);
  return wrap(lineText(text, width), width).map((line) => paint.bold(colour(line)));
}

function partLines(part: DocumentPart, page: Page): readonly string[] {
  return [
    ...(part.title ? ['', ...headlineLines(part.title, page)] : []),
    ...(part.lead ? wrap(lineText(part.lead, page.width), page.width).map(page.paint.dim) : []),
    ...part.sections.flatMap((section) => sectionLines(section, page)),
    ...factLines(part.facts, page),
    ...noteLines('Warnings', part.footnotes, page),
    ...nextLines(part.next, page),
  ];
}

function factLines({ title, facts }: DocumentPart['facts'], { width, paint }: Page): readonly string[] {
  if (facts.length === 0) return [];
  const labelWidth = Math.max(...facts.map(({ label }) => widthOf(label))) + 2;
  const lines = facts.flatMap(({ label, text }) =>
    wrap(lineText(text, width), width - labelWidth - 2).map((line, index) => {
      const margin = pad(index === 0 ? label : '', labelWidth, 'left');
      return `  ${paint.dim(margin)}${line}`;
    }),
  );
  return ['', paint.bold(title), ...lines];
}

function sectionLines(section: Section, page: Page): readonly string[] {
  if (section.offScreen) return [];
  const { paint, width } = page;
  const style = (text: string) => paint.bold(toned(section.tone, paint)(text));
  const lines = section.lines.flatMap((line) => hanging('  ', lineText(line, width), width));
  const drawing = (section.drawing ?? []).map((line) => `  ${shortenMiddle(lineText(line), width - 2)}`);
  if (!section.table || section.screenRows === 0) return ['', style(section.title), ...lines, ...drawing];
  const { titles, body } = tableLines(section.table, section.screenRows, page);
  // The title of the section shares a line with the titles of the columns where both fit.
  const free = widthOf(titles) - widthOf(titles.trimStart());
  const head =
    widthOf(section.title) + 2 <= free
      ? [style(section.title) + paint.dim(titles.slice(widthOf(section.title)))]
      : [style(section.title), paint.dim(titles)];
  return ['', ...head, ...body, ...lines];
}

function noteLines(title: string, notes: readonly Phrase[], { width, paint }: Page): readonly string[] {
  if (notes.length === 0) return [];
  return ['', paint.bold(title), ...notes.flatMap((note) => hanging('  - ', lineText(note, width), width))];
}

function nextLines(next: readonly Phrase[], { width }: Page): readonly string[] {
  // Set in, as git wants the further lines of a trailer.
  const lines = next.flatMap((line) =>
    wrap(lineText(line, width), width - 2).map((text, index) => (index === 0 ? text : `  ${text}`)),
  );
  return next.length === 0 ? [] : ['', ...lines];
}
