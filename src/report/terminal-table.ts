/** Tables of the terminal: columns line up, and the first one gives way where a row would be too wide. */
import type { Paint } from './colour.ts';
import type { Table, TableGroup, Tone } from './document.ts';
import { pad, shortenMiddle, widthOf, wrap } from './fit-text.ts';
import { type Phrase, plainText } from './phrase.ts';
import { visibleText } from './safe-text.ts';
import { counted } from './units.ts';

export interface Page {
  readonly width: number;
  readonly paint: Paint;
}

const GAP = '  ';
const GROUP_INDENT = '  ';
const ROW_INDENT = '    ';

/** Shorter names cannot be told apart. */
const MIN_FIRST_COLUMN = 10;

export interface TableLines {
  /** Titles of the columns, that of the first left out. */
  readonly titles: string;
  readonly body: readonly string[];
}

/** @param screenRows rows to show; the others are counted */
export function tableLines(table: Table, screenRows: number | undefined, page: Page): TableLines {
  const grid = gridOf(table, page);
  const body: string[] = [];
  let left = screenRows ?? Number.POSITIVE_INFINITY;
  let leftOut = 0;
  for (const group of table.groups) {
    const rows = group.rows.slice(0, left);
    leftOut += group.rows.length - rows.length;
    left -= rows.length;
    if (rows.length > 0) body.push(...groupLines({ ...group, rows }, page, grid));
  }
  if (leftOut > 0) body.push(page.paint.dim(`${grid.indent}… and ${counted(leftOut, 'more row')}`));
  const titles = table.columns.map(({ title }, index) => (index === 0 ? '' : title));
  return { titles: grid.line(titles), body };
}

interface Grid {
  readonly line: (cells: readonly string[]) => string;
  readonly indent: string;
}

function gridOf(table: Table, page: Page): Grid {
  const indent = table.groups.some((group) => group.title !== null) ? ROW_INDENT : GROUP_INDENT;
  const rows = table.groups.flatMap((group) =>
    group.rows.map((row) => row.cells.map((cell) => lineText(cell))),
  );
  const widths = table.columns.map(({ title, minWidth = 0 }, index) =>
    Math.max(minWidth, index === 0 ? 0 : widthOf(title), ...rows.map((row) => widthOf(row[index] ?? ''))),
  );
  const others = widths.slice(1).reduce((sum, width) => sum + width + GAP.length, indent.length);
  const first = Math.max(MIN_FIRST_COLUMN, Math.min(widths[0] ?? 0, page.width - others));
  const cellText = (text: string, index: number, align: 'left' | 'right') =>
    index === 0 ? pad(shortenMiddle(text, first), first, align) : pad(text, widths[index] ?? 0, align);
  const line = (cells: readonly string[]) =>
    indent + table.columns.map(({ align }, index) => cellText(cells[index] ?? '', index, align)).join(GAP);
  return { line, indent };
}

function groupLines(group: TableGroup, { paint, width }: Page, grid: Grid): readonly string[] {
  const title = group.title === null ? [] : [GROUP_INDENT + lineText(group.title)];
  return [
    ...title.map((text) => shortenMiddle(text, width)),
    ...group.rows.map((row) => toned(row.tone, paint)(grid.line(row.cells.map((cell) => lineText(cell))))),
    ...group.notes.flatMap((note) => hanging(grid.indent, lineText(note, width), width).map(paint.dim)),
  ];
}

/** One line of text; with a width, names that would fill most of it are shortened in the middle. */
export function lineText(text: Phrase, width?: number): string {
  const safe = text.map((part) => {
    if (typeof part === 'string') return visibleText(part);
    const shown = visibleText(part.name);
    const label = shown.trim() === '' ? '(no name)' : shown;
    return width === undefined ? label : shortenMiddle(label, Math.floor((width * 3) / 4));
  });
  return plainText(safe);
}

/** Wrapped, with the first line led by `lead` and the others as far in. */
export function hanging(lead: string, text: string, width: number): readonly string[] {
  const margin = ' '.repeat(lead.length);
  return wrap(text, width - lead.length).map((line, index) => (index === 0 ? lead : margin) + line);
}

export function toned(tone: Tone, paint: Paint): (text: string) => string {
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
