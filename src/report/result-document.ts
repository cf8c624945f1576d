/** Lays a view out: of each scenario what failed first, then what moved, then a count of what stayed. */
import type { CoverageRow, Row, RowReason } from '../compare/comparison.ts';
import type { Column, Mark, ReportDocument, Section, Table, TableGroup, TableRow, Tone } from './document.ts';
import { explainSections } from './explain-sections.ts';
import { QUANTITY_ORDER } from './findings.ts';
import { measuredSections } from './measured-sections.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import {
  changeCell,
  detectableText,
  intervalName,
  limitText,
  QUANTITY_NAMES,
  subjectOf,
} from './row-sentence.ts';
import { count, counted, effectRange, rowValue } from './units.ts';
import type { Alert, Finding, ScenarioView, Undecided, View } from './view-model.ts';
import { whySections } from './why-sections.ts';

/** What a person takes in at a glance; the rest is counted. */
const SCREEN_FAILED = 30;
const SCREEN_MOVED = 12;
const SCREEN_UNDECIDED = 6;
const SCREEN_OPERATIONS = 12;

const MARKS: Readonly<Record<View['verdict'], Mark>> = {
  pass: 'pass',
  fail: 'fail',
  inconclusive: 'open',
  'nothing-compared': 'open',
  skipped: 'skipped',
  error: 'error',
};

export function documentOf(view: View, options: { readonly explain?: boolean } = {}): ReportDocument {
  const several = view.scenarios.length > 1;
  return {
    headline: { text: view.headline, mark: MARKS[view.verdict] },
    parts: view.scenarios.map((scenario) => ({
      title: several
        ? { text: phrase`${name(scenario.name)}: ${scenario.headline}`, mark: MARKS[scenario.verdict] }
        : null,
      ...(scenario.lead && { lead: scenario.lead }),
      facts: { title: 'What was compared', facts: scenario.facts },
      sections: [
        ...scenarioSections(scenario),
        ...(options.explain === true ? explainSections(scenario) : []),
      ],
      footnotes: scenario.footnotes,
      next: scenario.next,
    })),
  };
}

function scenarioSections(scenario: ScenarioView): readonly Section[] {
  if (scenario.measured.length > 0) return measuredSections(scenario.measured);
  const columns = changeColumns(scenario);
  const findings = (title: string, found: readonly Finding[], tone: Tone) =>
    findingsSection(`${title} (${count(found.length)})`, { findings: found, tone, columns });
  return [
    ...scenario.alerts.map(alertSection),
    findings('Failed', scenario.failed, 'bad'),
    ...whySections(scenario),
    findings('Accepted', scenario.accepted, 'caution'),
    findings('Moved', scenario.moved, 'caution'),
    findings('Improved', scenario.improved, 'good'),
    coverageSection(scenario.coverage),
    undecidedSection(scenario.undecided, columns),
    operationsSection('Operations, client p50', scenario.operations, columns),
    operationsSection('Under concurrency, throughput', scenario.probed, columns),
    waiversSection(scenario.waivers),
    stayedSection(scenario),
    allRowsSection(scenario.rows, columns),
  ].filter((section) => section !== null);
}

/** Wide enough for what is usual, so that the tables of a report line up; with their gaps, 80 columns. */
function changeColumns({ rows, names }: ScenarioView): readonly Column[] {
  const interval = rows.find((row) => row.interval)?.interval;
  return [
    { title: '', align: 'left', minWidth: 10 },
    { title: names.baseline, align: 'right', minWidth: 9 },
    { title: names.candidate, align: 'right', minWidth: 9 },
    { title: 'change', align: 'right', minWidth: 7 },
    { title: interval ? intervalName(interval) : 'interval', align: 'right', minWidth: 16 },
    { title: 'limit', align: 'right', minWidth: 7 },
    { title: 'finds', align: 'right', minWidth: 6 },
  ];
}

/** As loud as a failure. */
function alertSection({ title, lines }: Alert): Section {
  return { title, tone: 'bad', folded: false, lines };
}

function waiversSection(waivers: readonly Phrase[]): Section | null {
  if (waivers.length === 0) return null;
  return { title: `Waivers (${count(waivers.length)})`, tone: 'plain', folded: false, lines: waivers };
}

function findingsSection(
  title: string,
  {
    findings,
    tone,
    columns,
  }: { readonly findings: readonly Finding[]; readonly tone: Tone; readonly columns: readonly Column[] },
): Section | null {
  if (findings.length === 0) return null;
  const groups = findings.map((finding): TableGroup => {
    const { subject, service } = finding;
    return {
      title: service === null ? subject : withService(subject, service),
      rows: finding.rows.map((row) => changeRow(row, tone)),
      notes: finding.notes,
    };
  });
  const screenRows = tone === 'bad' ? SCREEN_FAILED : SCREEN_MOVED;
  return { title, tone, folded: tone === 'good', screenRows, lines: [], table: { columns, groups } };
}

const COVERAGE_COLUMNS: readonly Column[] = [
  { title: '', align: 'left', minWidth: 24 },
  { title: 'level', align: 'left' },
];

/** Rows without figures; each is a sentence. */
function coverageSection(rows: readonly CoverageRow[]): Section | null {
  if (rows.length === 0) return null;
  const toneOf = ({ level }: CoverageRow): Tone => (level === 'fail' ? 'bad' : 'caution');
  return {
    title: `Coverage (${count(rows.length)})`,
    tone: rows.some(({ level }) => level === 'fail') ? 'bad' : 'caution',
    folded: false,
    screenRows: SCREEN_MOVED,
    lines: [],
    table: {
      columns: COVERAGE_COLUMNS,
      groups: rows.map((row) => ({
        title: coverageSubject(row),
        rows: [{ cells: [[row.state], [row.level]], tone: toneOf(row) }],
        notes: [[row.message]],
      })),
    },
  };
}

function coverageSubject({ operation, service }: CoverageRow): Phrase {
  const subject = operation ?? service;
  return subject === null ? ['spans'] : phrase`${name(subject)}`;
}

/** Rows of the other reasons have no figure that a reader could use. */
const TELLING_REASONS: readonly RowReason[] = [
  'screened',
  'not-confirmed',
  'noisy',
  'too-noisy',
  'unlike-machine',
];

function undecidedSection(undecided: readonly Undecided[], columns: readonly Column[]): Section | null {
  const telling = undecided
    .filter(({ reason }) => TELLING_REASONS.includes(reason))
    .flatMap(({ rows }) => rows);
  const others = undecided
    .filter(({ reason }) => !TELLING_REASONS.includes(reason))
    .flatMap(({ rows }) => rows);
  const rows = [...telling, ...others];
  if (rows.length === 0) return null;
  return {
    title: `Undecided (${count(rows.length)})`,
    tone: 'caution',
    folded: true,
    screenRows: Math.min(SCREEN_UNDECIDED, telling.length),
    lines: undecided.map((group) => group.sentence),
    table: subjectTable(rows, columns),
  };
}

/** Shown on green as well: a report without a figure leaves the reader to wonder what was measured. */
function operationsSection(
  title: string,
  operations: readonly Row[],
  columns: readonly Column[],
): Section | null {
  if (operations.length === 0) return null;
  // The interval makes room for the name.
  const isShown = (_: unknown, index: number) => index !== INTERVAL_COLUMN;
  const rows = operations.map((row): TableRow => {
    const { cells } = changeRow(row, 'plain');
    return { cells: [subjectOf(row), ...cells.slice(1)].filter(isShown), tone: 'plain' };
  });
  return {
    title,
    tone: 'plain',
    folded: false,
    screenRows: SCREEN_OPERATIONS,
    lines: [],
    table: {
      columns: [OPERATION_COLUMN, ...columns.slice(1)].filter(isShown),
      groups: [{ title: null, rows, notes: [] }],
    },
  };
}

/** Said once, where the tables end. */
const LEGEND: Phrase = ['~: no evidence of a change; finds: the smallest change found nine times in ten'];

function stayedSection(scenario: ScenarioView): Section | null {
  if (scenario.rows.length === 0) return null;
  return {
    title: `Stayed: ${counted(scenario.unchanged.count, 'row')}`,
    tone: 'plain',
    folded: false,
    lines: [scenario.unchanged.sentence, LEGEND].filter((line) => line.length > 0),
  };
}

const INTERVAL_COLUMN = 4;

/** As wide as the title of the section and a little more. */
const OPERATION_COLUMN: Column = { title: '', align: 'left', minWidth: 24 };

/** For formats that have room to fold them away. */
function allRowsSection(rows: readonly Row[], columns: readonly Column[]): Section | null {
  if (rows.length === 0) return null;
  return {
    title: `All ${counted(rows.length, 'row')}`,
    tone: 'quiet',
    folded: true,
    offScreen: true,
    lines: [],
    table: subjectTable(rows, columns),
  };
}

/** Subjects in the order in which they are first seen, each with its rows. */
function subjectTable(rows: readonly Row[], columns: readonly Column[]): Table {
  const subjects = new Map<string, { title: Phrase; rows: Row[] }>();
  const services = new Set(rows.flatMap((row) => row.span?.service ?? []));
  for (const row of rows) {
    const subject = subjectOf(row);
    const title = row.span && services.size > 1 ? withService(subject, row.span.service) : subject;
    const key = JSON.stringify([title, row.span?.kind]);
    const members = subjects.get(key) ?? { title, rows: [] };
    subjects.set(key, members);
    members.rows.push(row);
  }
  const place = (row: Row) => QUANTITY_ORDER.indexOf(row.quantity);
  const groups = [...subjects.values()].map(
    (subject): TableGroup => ({
      title: subject.title,
      rows: subject.rows
        .sort((left, right) => place(left) - place(right))
        .map((row) => changeRow(row, 'plain')),
      notes: [],
    }),
  );
  return { columns, groups };
}

function withService(subject: Phrase, service: string): Phrase {
  return phrase`${subject} · ${name(service)}`;
}

function changeRow(row: Row, tone: Tone): TableRow {
  const value = (side: number | null) => (side === null ? '-' : rowValue(side, row));
  const client = row.span === null && row.unit === 'seconds' ? 'client ' : '';
  const cells = [
    `${client}${QUANTITY_NAMES[row.quantity]}`,
    value(row.baseline),
    value(row.candidate),
    changeCell(row),
    row.interval ? effectRange(row.interval) : '',
    limitText(row),
    detectableText(row),
  ];
  return { cells: cells.map((cell) => [cell]), tone };
}
