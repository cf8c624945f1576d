/** A report for job summaries and comments of pull requests: GitHub's Markdown, never longer than asked. */
import type { DocumentPart, Headline, Mark, ReportDocument, Section, Table } from './document.ts';
import { fitBlocks, type MarkdownBlock } from './markdown-blocks.ts';
import { escapeText, markdownText } from './markdown-text.ts';
import type { Phrase } from './phrase.ts';
import { documentOf } from './result-document.ts';
import type { View } from './view-model.ts';

export interface MarkdownOptions {
  /** In UTF-16 units, of which GitHub counts no more than we do. */
  readonly maxCharacters?: number;
}

/** GitHub refuses comments of more than 65,536 characters; the rest is for the marker and links that posters add. */
const MAX_CHARACTERS = 60_000;

/** Text that ends with a line feed. */
export function markdownReport(view: View, options: MarkdownOptions = {}): string {
  return markdownDocument(documentOf(view), options);
}

export function markdownDocument(document: ReportDocument, options: MarkdownOptions): string {
  const blocks = document.parts.flatMap(partBlocks).filter((block) => block.rows.length > 0);
  return fitBlocks(headline(document.headline), blocks, options.maxCharacters ?? MAX_CHARACTERS);
}

/** What is cut last has the lowest. */
const RANKS = { failed: 0, notes: 1, moved: 2, facts: 3, other: 4, folded: 5, all: 6 } as const;

const MARKS: Readonly<Record<Mark, string>> = {
  pass: '✅',
  fail: '❌',
  open: '❔',
  skipped: '⏭️',
  error: '💥',
  measured: '📏',
};

function headline({ text, mark }: Headline): string {
  return `${MARKS[mark]} ${markdownText(text)}`;
}

function partBlocks(part: DocumentPart): readonly MarkdownBlock[] {
  const all = part.sections.filter((section) => section.offScreen);
  const others = part.sections.filter((section) => !section.offScreen);
  return [
    ...(part.title ? [paragraph(`#### ${headline(part.title)}`, RANKS.failed)] : []),
    ...(part.lead ? [paragraph(markdownText(part.lead), RANKS.failed)] : []),
    ...others.flatMap((section) => sectionBlocks(section, rankOf(section))),
    { ...titledList('Warnings', part.footnotes), rank: RANKS.notes },
    ...part.next.map((line) => paragraph(markdownText(line), RANKS.notes)),
    {
      ...details(part.facts.title),
      rows: part.facts.facts.map(({ label, text }) => `- ${label}: ${markdownText(text)}`),
      rank: RANKS.facts,
    },
    ...all.flatMap((section) => sectionBlocks(section, RANKS.all)),
  ];
}

function rankOf(section: Section): number {
  if (section.folded) return RANKS.folded;
  if (section.tone === 'bad') return RANKS.failed;
  return section.tone === 'caution' ? RANKS.moved : RANKS.other;
}

function paragraph(text: string, rank: number): MarkdownBlock {
  return { open: '', rows: [text], close: '', rank };
}

function titledList(title: string, lines: readonly Phrase[]): Omit<MarkdownBlock, 'rank'> {
  return {
    open: `**${escapeText(title)}**\n\n`,
    rows: lines.map((line) => `- ${markdownText(line)}`),
    close: '',
  };
}

/** GitHub reads Markdown inside only behind an empty line. */
function details(title: string): Pick<MarkdownBlock, 'open' | 'close'> {
  return { open: `<details><summary>${escapeText(title)}</summary>\n\n`, close: '\n\n</details>' };
}

function sectionBlocks(section: Section, rank: number): readonly MarkdownBlock[] {
  const { table } = section;
  if (!table) {
    if (section.lines.length === 0) return [paragraph(`**${escapeText(section.title)}**`, rank)];
    return [{ ...titledList(section.title, section.lines), rank }];
  }
  const frame = section.folded
    ? details(section.title)
    : { open: `**${escapeText(section.title)}**\n\n`, close: '' };
  const intro = section.lines.map((line) => `- ${markdownText(line)}\n`).join('');
  const open = `${frame.open}${intro}${intro === '' ? '' : '\n'}${tableHead(table)}\n`;
  const notes = noteRows(table);
  if (!section.folded) {
    return [
      { open, rows: tableRows(table), close: frame.close, rank },
      { open: '', rows: notes, close: '', rank },
    ];
  }
  const folded = notes.length === 0 ? '' : `\n\n${notes.join('\n')}`;
  return [{ open, rows: tableRows(table), close: `${folded}${frame.close}`, rank }];
}

function tableHead(table: Table): string {
  const titleColumn = hasTitles(table) ? [{ title: '', align: 'left' as const }] : [];
  const columns = [...titleColumn, ...table.columns];
  const aligns = columns.map(({ align }) => (align === 'right' ? '--:' : ':--'));
  return `${tableLine(columns.map(({ title }) => escapeText(title)))}\n${tableLine(aligns)}`;
}

/** A title stands before the first row of its group. */
function tableRows(table: Table): readonly string[] {
  const titled = hasTitles(table);
  return table.groups.flatMap((group) =>
    group.rows.map((row, index) => {
      const title = index === 0 && group.title ? markdownText(group.title, { inTable: true }) : '';
      const cells = row.cells.map((cell) => markdownText(cell, { inTable: true }));
      return tableLine(titled ? [title, ...cells] : cells);
    }),
  );
}

function noteRows(table: Table): readonly string[] {
  return table.groups
    .filter((group) => group.notes.length > 0)
    .map((group) => {
      const title = group.title === null ? '' : `${markdownText(group.title)}: `;
      return `- ${title}${group.notes.map((note) => markdownText(note)).join('; ')}`;
    });
}

function hasTitles(table: Table): boolean {
  return table.groups.some((group) => group.title !== null);
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
