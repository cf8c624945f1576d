/** Lays a scenario of the view out in sections: what failed first, then what moved, then a count of what stayed. */
import type { Row } from '../compare/comparison.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { changeCell, detectableText, QUANTITY_NAMES, subjectOf } from './row-sentence.ts';
import type { Column, Section, Table, TableGroup, TableRow, Tone } from './section.ts';
import { count, effectRange, rowValue } from './units.ts';
import type { Finding, ScenarioView, Undecided } from './view-model.ts';

const CHANGE_COLUMNS: readonly Column[] = [
  { title: '', align: 'left' },
  { title: 'baseline', align: 'right' },
  { title: 'candidate', align: 'right' },
  { title: 'change', align: 'right' },
  { title: 'interval', align: 'right' },
  { title: 'finds', align: 'right' },
];

export function scenarioSections(scenario: ScenarioView): readonly Section[] {
  return [
    findingsSection(`Failed (${count(scenario.failed.length)})`, scenario.failed, 'bad'),
    findingsSection(`Moved, no failure (${count(scenario.moved.length)})`, scenario.moved, 'caution'),
    findingsSection(`Improved (${count(scenario.improved.length)})`, scenario.improved, 'good'),
    undecidedSection(scenario.undecided),
    stayedSection(scenario),
  ].filter((section) => section !== null);
}

function findingsSection(title: string, findings: readonly Finding[], tone: Tone): Section | null {
  if (findings.length === 0) return null;
  const groups = findings.map((finding): TableGroup => {
    const service = finding.service === null ? [] : phrase` · ${name(finding.service)}`;
    return {
      title: phrase`${finding.subject}${service}`,
      rows: finding.rows.map((row) => changeRow(row, tone)),
      notes: finding.notes,
    };
  });
  return {
    title,
    tone,
    folded: tone === 'good',
    lines: [],
    table: { groupColumn: 'span', columns: CHANGE_COLUMNS, groups },
  };
}

function undecidedSection(undecided: readonly Undecided[]): Section | null {
  const rows = undecided.flatMap((group) => group.rows);
  if (rows.length === 0) return null;
  return {
    title: `Not decided (${count(rows.length)})`,
    tone: 'caution',
    folded: true,
    lines: undecided.map((group) => group.sentence),
    table: subjectTable(rows),
  };
}

function stayedSection(scenario: ScenarioView): Section | null {
  if (scenario.rows.length === 0) return null;
  return {
    title: `Stayed (${count(scenario.unchanged.count)})`,
    tone: 'plain',
    folded: false,
    lines: [scenario.unchanged.sentence],
    table: subjectTable(scenario.operations),
  };
}

/** Rows in the order in which their subjects are first seen, one group a subject. */
export function subjectTable(rows: readonly Row[]): Table {
  const groups = new Map<string, { title: Phrase; rows: TableRow[]; notes: Phrase[] }>();
  for (const row of rows) {
    const title = subjectOf(row);
    const key = JSON.stringify([title, row.span?.kind, row.span?.service]);
    const group = groups.get(key) ?? { title, rows: [], notes: [] };
    groups.set(key, group);
    group.rows.push(changeRow(row, 'plain'));
  }
  return { groupColumn: 'span', columns: CHANGE_COLUMNS, groups: [...groups.values()] };
}

function changeRow(row: Row, tone: Tone): TableRow {
  const value = (side: number | null) => (side === null ? '-' : rowValue(side, row.unit));
  const client = row.span === null && row.unit === 'seconds' ? 'client ' : '';
  const cells = [
    `${client}${QUANTITY_NAMES[row.quantity]}`,
    value(row.baseline),
    value(row.candidate),
    changeCell(row),
    row.interval ? effectRange(row.interval) : '',
    detectableText(row),
  ];
  return { cells: cells.map((cell) => [cell]), tone };
}
