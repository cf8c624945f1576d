/** The report for a terminal: read in ten seconds, never wider than asked, coloured only where wanted. */
import { type Paint, paintOf } from './colour.ts';
import { pad, shortenMiddle, widthOf, wrap } from './fit-text.ts';
import { type Phrase, plainText } from './phrase.ts';
import { visibleText, withoutCommands } from './safe-text.ts';
import { scenarioSections } from './scenario-sections.ts';
import type { Section, Table, TableGroup, Tone } from './section.ts';
import type { ScenarioView, View } from './view-model.ts';

export interface TerminalOptions {
  /** Columns of the terminal; 80 where nobody knows. */
  readonly width?: number;
  readonly colour?: boolean;
}

/** Below this the columns of figures do not fit beside one another. */
const MIN_WIDTH = 60;

/** Wider lines are harder to read, not easier. */
const MAX_WIDTH = 120;

export interface Page {
  readonly width: number;
  readonly paint: Paint;
}

export function pageOf(options: TerminalOptions): Page {
  const width = Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, options.width ?? 80));
  return { width, paint: paintOf(options.colour ?? false) };
}

/** Text that ends with a line feed. */
export function terminalReport(view: View, options: TerminalOptions = {}): string {
  const page = pageOf(options);
  const several = view.scenarios.length > 1;
  const lines = [
    ...headline(view.headline, view.verdict, page),
    ...view.scenarios.flatMap((scenario) => scenarioLines(scenario, several, page)),
  ];
  return finish(lines);
}

export function finish(lines: readonly string[]): string {
  return `${lines.map((line) => withoutCommands(line.trimEnd())).join('\n')}\n`;
}

function scenarioLines(scenario: ScenarioView, several: boolean, page: Page): readonly string[] {
  return [
    ...(several
      ? ['', ...headline([`${scenario.name}: `, ...scenario.headline], scenario.verdict, page)]
      : []),
    '',
    ...factLines(scenario.facts, page),
    ...scenarioSections(scenario).flatMap((section) => sectionLines(section, page)),
    ...noteLines('Warnings', scenario.footnotes, page),
    ...(scenario.next.length === 0 ? [] : ['']),
    ...scenario.next.flatMap((line) => wrap(lineText(line, page.width), page.width)),
  ];
}

const VERDICT_TONES: Readonly<Record<View['verdict'], Tone>> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'caution',
  'nothing-compared': 'caution',
  skipped: 'caution',
  error: 'bad',
};

function headline(text: Phrase, verdict: View['verdict'], page: Page): readonly string[] {
  const colour = toned(VERDICT_TONES[verdict], page.paint);
  return wrap(lineText(text, page.width), page.width).map((line) => page.paint.bold(colour(line)));
}

export function factLines(
  facts: readonly { readonly label: string; readonly text: Phrase }[],
  page: Page,
): readonly string[] {
  const labelWidth = Math.max(0, ...facts.map(({ label }) => widthOf(label))) + 2;
  return facts.flatMap(({ label, text }) => {
    const lines = wrap(lineText(text, page.width), page.width - labelWidth - 2);
    return lines.map((line, index) => {
      const margin = pad(index === 0 ? label : '', labelWidth, 'left');
      return `  ${page.paint.dim(margin)}${line}`;
    });
  });
}

export function noteLines(title: string, notes: readonly Phrase[], page: Page): readonly string[] {
  if (notes.length === 0) return [];
  const lines = notes.flatMap((note) => hanging('  - ', lineText(note, page.width), page.width));
  return ['', page.paint.bold(title), ...lines];
}

export function sectionLines(section: Section, page: Page): readonly string[] {
  const colour = toned(section.tone, page.paint);
  const lines = section.lines.flatMap((line) => hanging('  ', lineText(line, page.width), page.width));
  const table = section.table ? tableLines(section.table, section.title, page) : null;
  const title = table?.head ?? section.title;
  const coloured = title.replace(section.title, (text) => page.paint.bold(colour(text)));
  return ['', coloured, ...lines, ...(table?.body ?? [])];
}

const GAP = '  ';
const INDENT = '    ';

/** The title of the section shares a line with the titles of the columns. */
function tableLines(table: Table, title: string, page: Page): { head: string; body: readonly string[] } {
  const cells = table.groups.flatMap((group) =>
    group.rows.map((row) => row.cells.map((cell) => lineText(cell))),
  );
  const widths = table.columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[index] ?? ''))),
  );
  const line = (texts: readonly string[]) =>
    table.columns.map((column, index) => pad(texts[index] ?? '', widths[index] ?? 0, column.align)).join(GAP);
  const columnTitles = line(table.columns.map((column) => column.title));
  const free = widthOf(columnTitles) - widthOf(columnTitles.trimStart()) + INDENT.length;
  const head = widthOf(title) < free - 1 ? title + (INDENT + columnTitles).slice(widthOf(title)) : `${title}`;
  const titleLine = head === title ? [page.paint.dim(INDENT + columnTitles)] : [];
  const body = table.groups.flatMap((group) => groupLines(group, page, line));
  return { head, body: [...titleLine, ...body] };
}

function groupLines(
  group: TableGroup,
  page: Page,
  line: (texts: readonly string[]) => string,
): readonly string[] {
  const { paint, width } = page;
  return [
    `  ${shortenMiddle(lineText(group.title), width - 2)}`,
    ...group.rows.map((row) =>
      toned(row.tone, paint)(INDENT + line(row.cells.map((cell) => lineText(cell)))),
    ),
    ...group.notes.flatMap((note) => hanging(INDENT, lineText(note, width), width).map(paint.dim)),
  ];
}

/** Names longer than half a line are shortened in the middle. */
function lineText(text: Phrase, width?: number): string {
  const safe = text.map((part) => {
    if (typeof part === 'string') return visibleText(part);
    const shown = visibleText(part.name);
    const label = shown.trim() === '' ? '(no name)' : shown;
    return width === undefined ? label : shortenMiddle(label, Math.floor(width / 2));
  });
  return plainText(safe);
}

function hanging(lead: string, text: string, width: number): readonly string[] {
  const margin = ' '.repeat(lead.length);
  return wrap(text, width - lead.length).map((line, index) => (index === 0 ? lead : margin) + line);
}

function toned(tone: Tone, paint: Paint): (text: string) => string {
  switch (tone) {
    case 'bad':
      return paint.red;
    case 'caution':
      return paint.yellow;
    case 'good':
      return paint.green;
    case 'quiet':
      return paint.dim;
    case 'plain':
      return (text) => text;
  }
}
