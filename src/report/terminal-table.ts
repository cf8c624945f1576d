/** Tables of the terminal: columns line up, and the first one gives way where a row would be too wide. */
import type { Paint } from './colour.ts';
import type { Table, TableGroup, Tone } from './document.ts';
import { pad, shortenMiddle, widthOf, wrap } from './fit-text.ts';
import { LONGEST_COPY, type Phrase, plainText } from './phrase.ts';
import { visibleText, withoutCommands } from './safe-text.ts';
import { counted } from './units.ts';

export interface Page {
  readonly width: number;
  readonly paint: Paint;
}

/** The narrow one is for figures that would else leave no room for a name. */
const WIDE_GAP = '  ';
const NARROW_GAP = ' ';
const GROUP_INDENT = '  ';
const ROW_INDENT = '    ';

/** Where the first column would be cut to less, its text gets a line of its own. */
const MIN_FIRST_COLUMN = 20;

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
  return { titles: grid.lines(titles).join(''), body };
}

interface Grid {
  readonly lines: (cells: readonly string[]) => readonly string[];
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
  const wanted = widths[0] ?? 0;
  const figures = widths.slice(1).reduce((sum, width) => sum + width, indent.length);
  const roomWith = (gap: string) => page.width - figures - gap.length * (widths.length - 1);
  const gap = roomWith(WIDE_GAP) < wanted ? NARROW_GAP : WIDE_GAP;
  const stacked = roomWith(gap) < Math.min(wanted, MIN_FIRST_COLUMN);
  const first = stacked ? STACK_INDENT : Math.min(wanted, roomWith(gap));
  const cellText = (text: string, index: number, align: 'left' | 'right') =>
    index === 0 ? pad(shortenMiddle(text, first), first, align) : pad(text, widths[index] ?? 0, align);
  const line = (cells: readonly string[]) =>
    indent +
    table.columns
      .map(({ align }, index) => cellText(cells[index] ?? '', index, align))
      .join(gap)
      .trimEnd();
  const lines = (cells: readonly string[]) => {
    const [name = '', ...rest] = cells;
    if (!stacked || name === '') return [line(cells)];
    return [indent + shortenMiddle(name, page.width - indent.length), line(['', ...rest])];
  };
  return { lines, indent };
}

/** How far figures are set in below a name. */
const STACK_INDENT = 2;

function groupLines(group: TableGroup, { paint, width }: Page, grid: Grid): readonly string[] {
  const title = group.title === null ? [] : [GROUP_INDENT + lineText(group.title)];
  return [
    ...title.map((text) => shortenMiddle(text, width)),
    ...group.rows.flatMap((row) =>
      grid.lines(row.cells.map((cell) => lineText(cell))).map(toned(row.tone, paint)),
    ),
    ...group.notes.flatMap((note) => hanging(grid.indent, lineText(note, width), width).map(paint.dim)),
  ];
}

/** One line of text; with a width, names that would fill most of it are shortened in the middle. */
export function lineText(text: Phrase, width?: number): string {
  const safe = text.map((part) => {
    if (typeof part === 'string') return visibleText(part);
    const shown = visibleText(part.name);
    const label = shown.trim() === '' ? '(no name)' : withoutCommands(shown);
    if (width === undefined) return label;
    return shortenMiddle(label, part.whole ? LONGEST_COPY : Math.floor((width * 3) / 4));
  });
  // Here and not in the finished lines alone: what is added there would make them too wide.
  return withoutCommands(plainText(safe)).replace(/(\s)::/g, '$1\\::');
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
