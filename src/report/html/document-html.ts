/** The parts that all reports share (tables, facts, notes) as HTML. */
import type { Section, Table, TableGroup, TableRow } from '../document.ts';
import type { Fact } from '../view-model.ts';
import { term } from './glossary.ts';
import { element, type Html, joined, phraseHtml, phraseText } from './html-text.ts';

export function sectionHtml(section: Section): Html {
  const heading = element('h3', {}, section.title);
  const lines = section.lines.length === 0 ? null : linesHtml(section.lines);
  const body = joined(lines, section.table ? tableHtml(section.table, section.title) : null);
  if (section.folded && section.table) {
    return element('details', {}, element('summary', {}, section.title), body);
  }
  return section.tone === 'bad' && !section.table
    ? element('div', { class: 'alert' }, heading, body)
    : joined(heading, body);
}

export function linesHtml(lines: Section['lines']): Html {
  return element('ul', {}, ...lines.map((line) => element('li', {}, phraseHtml(line))));
}

/** A wide table is scrolled in a frame of its own, which the keyboard reaches. */
export function tableHtml(table: Table, caption: string): Html {
  const columns = table.columns.map(({ title }, index) =>
    // A heading without words would be read as one.
    index === 0 && title === '' ? element('td', {}) : element('th', { scope: 'col' }, term(title)),
  );
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...columns)),
      ...table.groups.map((group) => groupHtml(group, table.columns.length)),
    ),
  );
}

function groupHtml(group: TableGroup, columns: number): Html {
  const notes = group.notes.map((note) => element('li', {}, phraseHtml(note)));
  return element(
    'tbody',
    {},
    group.title === null
      ? null
      : element('tr', {}, element('th', { colspan: columns, scope: 'rowgroup' }, phraseHtml(group.title))),
    ...group.rows.map(rowHtml),
    notes.length === 0
      ? null
      : element('tr', {}, element('td', { colspan: columns }, element('ul', { class: 'notes' }, ...notes))),
  );
}

const TONES: Readonly<Record<TableRow['tone'], string | null>> = {
  bad: 'bad',
  good: 'good',
  caution: null,
  quiet: 'quiet',
  plain: null,
};

function rowHtml({ cells, tone }: TableRow): Html {
  return element(
    'tr',
    { class: TONES[tone] },
    ...cells.map((cell, index) =>
      index === 0 ? element('th', { scope: 'row' }, firstCell(cell)) : element('td', {}, phraseHtml(cell)),
    ),
  );
}

/** Words such as `p50` are explained; names are not ours. */
function firstCell(cell: TableRow['cells'][number]): Html {
  return cell.length === 1 && typeof cell[0] === 'string' ? term(phraseText(cell)) : phraseHtml(cell);
}

export function factsHtml(facts: readonly Fact[]): Html {
  return element(
    'dl',
    { class: 'facts' },
    ...facts.flatMap(({ label, text }) => [element('dt', {}, label), element('dd', {}, phraseHtml(text))]),
  );
}
