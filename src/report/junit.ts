/**
 * The result as JUnit XML, the common set of https://github.com/testmoapp/junitxml: a test case for every row that
 * can fail the gate. GitLab takes classname and name as the key and ignores duplicates, so the two are unique.
 */
import type { Comparison, CoverageRow, GateResult, Row } from '../compare/comparison.ts';
import { acceptedNote, looseningSentences, waiverOf, waiverSentences } from './accepted.ts';
import { type Phrase, phrase, plainText } from './phrase.ts';
import { REASON_TEXTS, rowSentence } from './row-sentence.ts';
import { plainDecimal } from './units.ts';
import { viewOf } from './view.ts';
import { attribute, element } from './xml.ts';

/** Text that ends with a line feed. */
export function junitReport(result: GateResult): string {
  const suites = result.comparisons.map((comparison) =>
    suiteOf(
      comparison,
      viewOf({ ...result, verdict: comparison.verdict, comparisons: [comparison] }).headline,
    ),
  );
  const totals = sumOf(suites.map((suite) => suite.counts));
  const root = element(
    'testsuites',
    { name: 'spangate', ...counted(totals) },
    suites.map((suite) => suite.xml),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`;
}

interface Counts {
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
}

type Outcome = 'failure' | 'error' | 'skipped' | 'passed';

interface Case {
  readonly classname: string;
  readonly name: string;
  readonly outcome: Outcome;
  /** `type` of the failure: the reason code. */
  readonly type: string;
  readonly message: string;
  readonly seconds: number | null;
  readonly properties: readonly (readonly [string, string])[];
}

function suiteOf(
  comparison: Comparison,
  headline: Phrase,
): { readonly xml: string; readonly counts: Counts } {
  const cases = unique([
    gateCase(comparison, headline),
    ...rowCases(comparison),
    ...coverageCases(comparison),
  ]);
  const counts = sumOf(cases.map(countsOf));
  const xml = element(
    'testsuite',
    { name: `spangate ${comparison.scenario}`, ...counted(counts), timestamp: comparison.createdAt },
    [
      propertiesXml([
        ['verdict', comparison.verdict],
        ['mode', comparison.mode],
        ['seed', String(comparison.seed)],
        ['profile', comparison.policy.profile],
        ['candidate', comparison.candidate.commit?.sha ?? comparison.candidate.id],
        ...(comparison.baseline
          ? [['baseline', comparison.baseline.commit?.sha ?? comparison.baseline.id] as const]
          : []),
        ...togetherProperties(comparison),
        ...looseningSentences(comparison).map(
          (text, index) => [`loosened ${index + 1}`, plainText(text)] as const,
        ),
        ...waiverSentences(comparison.waivers).map(
          (text, index) => [`waiver ${index + 1}`, plainText(text)] as const,
        ),
        ...comparison.warnings.map(({ code, message }) => [`warning ${code}`, message] as const),
      ]),
      ...cases.map(caseXml),
    ],
  );
  return { xml, counts };
}

function togetherProperties({ together }: Comparison): readonly (readonly [string, string])[] {
  if (!together) return [];
  return Object.entries(together).map(([key, value]) => [`together ${key}`, String(value)] as const);
}

/** The gate as a whole, so that no suite is empty: a suite without cases reads as green. */
function gateCase(comparison: Comparison, headline: Phrase): Case {
  const outcomes: Readonly<Record<Comparison['verdict'], Outcome>> = {
    pass: 'passed',
    fail: 'failure',
    inconclusive: 'skipped',
    'nothing-compared': 'skipped',
    skipped: 'skipped',
    error: 'error',
  };
  return {
    classname: comparison.scenario,
    name: 'gate',
    outcome: outcomes[comparison.verdict],
    type: comparison.verdict,
    message: plainText(headline),
    seconds: null,
    properties: [],
  };
}

function rowCases(comparison: Comparison): readonly Case[] {
  return comparison.rows
    .filter((row) => row.level === 'fail')
    .map((row) => ({
      classname: `${comparison.scenario} ${row.operation ?? 'outside requests'}`,
      name: caseName(row),
      outcome: outcomeOf(row),
      type: row.reason,
      message: rowMessage(row, comparison),
      seconds: row.unit === 'seconds' ? row.candidate : null,
      properties: rowProperties(row),
    }));
}

/** JUnit has no warning: what is skipped is seen, and fails nothing. */
function coverageCases({ scenario, coverage = [], failedBy = [] }: Comparison): readonly Case[] {
  const isFailing = ({ state, level }: CoverageRow): boolean =>
    level === 'fail' && failedBy.includes(`coverage-${state}`);
  return coverage.map((row) => ({
    classname: `${scenario} coverage`,
    name: [row.state, row.operation ?? row.service ?? []].flat().join(' '),
    outcome: isFailing(row) ? 'failure' : 'skipped',
    type: `coverage-${row.state}`,
    message: row.message,
    seconds: null,
    properties: [
      ['state', row.state],
      ['level', row.level],
    ],
  }));
}

function rowMessage(row: Row, comparison: Comparison): string {
  const waiver = waiverOf(row, comparison);
  const sentence = rowSentence(row, { withService: true });
  return plainText(waiver === null ? sentence : phrase`${sentence}; ${acceptedNote(waiver)}`);
}

function caseName(row: Row): string {
  const under = row.under === undefined ? '' : ` ${row.under}`;
  if (row.metric) return `metric ${row.metric.name}${under}`;
  if (row.unit === 'records-per-request') return `${row.service ?? ''} ${row.quantity}${under}`;
  if (!row.span) return `client ${row.quantity}${under}`;
  return `${row.span.service} ${row.span.kind} ${row.span.name} ${row.quantity}${under}`;
}

function outcomeOf(row: Row): Outcome {
  if (row.outcome === 'fail') return 'failure';
  if (row.waivedBy !== undefined) return 'skipped';
  return row.verdict === 'inconclusive' || row.reason === 'no-baseline' ? 'skipped' : 'passed';
}

function rowProperties(row: Row): readonly (readonly [string, string])[] {
  const figures: readonly (readonly [string, number | null | undefined])[] = [
    ['baseline', row.baseline],
    ['candidate', row.candidate],
    ['effect', row.effect],
    ['shift', row.shift],
    ['interval.lower', row.interval?.lower],
    ['interval.upper', row.interval?.upper],
    ['p', row.p],
    ['minimum-detectable', row.minimumDetectable],
    ['limit.fail', row.limit.fail],
    ['limit.at-least', row.limit.atLeast],
  ];
  const shown = figures.flatMap(([name, value]) =>
    value === null || value === undefined || !Number.isFinite(value)
      ? []
      : [[name, plainDecimal(value)] as const],
  );
  return [
    ['verdict', row.verdict],
    ['reason', `${row.reason}: ${REASON_TEXTS[row.reason]}`],
    ['unit', row.unit],
    ...shown,
    ...(row.explainedBy === undefined ? [] : [['explained-by', row.explainedBy] as const]),
  ];
}

/** Names that differ only in characters that XML cannot hold are numbered. */
function unique(cases: readonly Case[]): readonly Case[] {
  const seen = new Map<string, number>();
  return cases.map((each) => {
    const key = attribute(`${each.classname}\n${each.name}`);
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? each : { ...each, name: `${each.name} (${times})` };
  });
}

function caseXml(each: Case): string {
  const time = each.seconds === null ? {} : { time: plainDecimal(each.seconds) };
  const children = each.properties.length === 0 ? [] : [propertiesXml(each.properties)];
  if (each.outcome === 'failure' || each.outcome === 'error') {
    children.push(element(each.outcome, { message: each.message, type: each.type }, []));
  } else if (each.outcome === 'skipped') children.push(element('skipped', { message: each.message }, []));
  return element('testcase', { classname: each.classname, name: each.name, ...time }, children);
}

function propertiesXml(properties: readonly (readonly [string, string])[]): string {
  return element(
    'properties',
    {},
    properties.map(([name, value]) => element('property', { name, value }, [])),
  );
}

function countsOf({ outcome }: Case): Counts {
  const one = (wanted: Outcome) => (outcome === wanted ? 1 : 0);
  return { tests: 1, failures: one('failure'), errors: one('error'), skipped: one('skipped') };
}

function sumOf(all: readonly Counts[]): Counts {
  const sum = (key: keyof Counts) => all.reduce((total, each) => total + each[key], 0);
  return { tests: sum('tests'), failures: sum('failures'), errors: sum('errors'), skipped: sum('skipped') };
}

function counted(counts: Counts): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, String(value)]));
}
