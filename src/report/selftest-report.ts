/** What the self test injected, and whether the gate caught it, in the formats that fit it. */
import type { InjectionFinding, Miss, SelfTest, SelfTestResult } from '../compare/injection-check.ts';
import type { DocumentPart, Headline, ReportDocument, Section } from './document.ts';
import type { FormatOptions } from './format.ts';
import { jsonText } from './json.ts';
import { markdownDocument } from './markdown.ts';
import type { MeasurementFormat } from './measurement-report.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { terminalDocument } from './terminal.ts';
import {
  changePercent,
  counted,
  figure,
  percent,
  seconds,
  secondsShift,
  signedPercent,
  wallTime,
} from './units.ts';
import type { Fact } from './view-model.ts';

/** Text that ends with a line feed. */
export function formatSelfTest(
  result: SelfTestResult,
  format: MeasurementFormat,
  options: FormatOptions = {},
): string {
  if (format === 'json') return jsonText(result);
  const text = format === 'markdown' ? markdownDocument : terminalDocument;
  return text(documentOf(result), options);
}

function documentOf(result: SelfTestResult): ReportDocument {
  const [only] = result.tests;
  const several = result.tests.length !== 1 || only === undefined;
  return {
    headline: several ? overall(result) : headlineOf(only),
    parts: result.tests.map((test) => partOf(test, several)),
  };
}

function overall({ tests, passed }: SelfTestResult): Headline {
  const caught = tests.filter((test) => test.passed).length;
  const text = `self test: ${caught} of ${counted(tests.length, 'scenario')} caught all that was injected`;
  return { text: [text], mark: passed ? 'pass' : 'fail' };
}

function headlineOf({ scenario, passed, findings, seconds: taken }: SelfTest): Headline {
  const missed = findings.filter(({ caughtBy }) => caughtBy === null);
  const start = phrase`self test: ${name(scenario)}: `;
  const [first] = missed;
  const text =
    passed || !first
      ? phrase`${start}the gate caught the delay and the extra call, in ${wallTime(taken)}`
      : phrase`${start}the gate missed ${missed.length === findings.length ? 'both changes' : NAMES[first.injection]}`;
  return { text, mark: passed ? 'pass' : 'fail' };
}

const NAMES: Readonly<Record<InjectionFinding['injection'], string>> = {
  delay: 'the delay',
  'extra-call': 'the extra call',
};

function partOf(test: SelfTest, several: boolean): DocumentPart {
  return {
    title: several ? headlineOf(test) : null,
    facts: { title: 'How it was measured', facts: factsOf(test) },
    sections: test.findings.map(sectionOf),
    footnotes: test.warnings.map(({ message, code }) => phrase`${message} [${code}]`),
    next: test.findings.flatMap((finding) => (finding.missed ? [adviceOf(finding, finding.missed)] : [])),
  };
}

function factsOf(test: SelfTest): readonly Fact[] {
  const { rounds, instances, seconds: taken, lookSeconds, verdict, followers, seed } = test;
  const also =
    followers === 0
      ? ''
      : `; ${counted(followers, 'row')} of other spans with them: what waits for the changed ones`;
  return [
    {
      label: 'rounds',
      text: [
        `${counted(rounds, 'round')} of ${instances} + ${instances} instances of the same build, ${wallTime(taken)}, behind a look of ${wallTime(lookSeconds)}`,
      ],
    },
    { label: 'gate', text: [`${verdict}${also}`] },
    { label: 'seed', text: [`seed ${seed}`] },
  ];
}

function sectionOf(finding: InjectionFinding): Section {
  const caught = finding.caughtBy !== null;
  return {
    title: `${caught ? 'Caught' : 'Missed'}: ${NAMES[finding.injection]}`,
    tone: caught ? 'good' : 'bad',
    folded: false,
    lines: [
      phrase`injected: ${amountText(finding)} in ${name(finding.span.name)} of ${name(finding.operation)}, which has ${usualText(finding)}`,
      [`seen: ${seenText(finding)}`],
      finding.caughtBy === null
        ? phrase`caught by: no row${verdictText(finding.missed)}`
        : [`caught by: ${quantityOf(finding.caughtBy)} of this span`],
    ],
  };
}

/** An id ends with it. */
function quantityOf(id: string): string {
  const quantity = id.slice(id.lastIndexOf(' | ') + 3);
  return quantity === 'calls' ? 'calls a request' : quantity;
}

function amountText({ injection, injected, usual }: InjectionFinding): string {
  if (injection === 'extra-call') return `${figure(injected)} more call a request`;
  return `a delay of ${seconds(injected)} (${signedPercent(injected / usual)})`;
}

function usualText({ injection, usual }: InjectionFinding): string {
  return injection === 'delay' ? `a median of ${seconds(usual)}` : `${figure(usual)} a request`;
}

function seenText(finding: InjectionFinding): string {
  const { seen, interval, contains } = finding;
  if (seen === null) return 'nothing, since the span has no such row';
  const text = shiftText(finding, seen);
  if (interval === null) return text;
  const range = `${shiftText(finding, interval.lower)} to ${shiftText(finding, interval.upper)}`;
  const holds = contains ? 'which holds what was injected' : 'which does not hold what was injected';
  return `${text}, ${percent(interval.level)} interval ${range}, ${holds}`;
}

function shiftText({ injection, injected }: InjectionFinding, shift: number): string {
  if (injection === 'delay') return secondsShift(shift, injected);
  return `${shift < 0 ? '-' : '+'}${figure(Math.abs(Number(shift.toPrecision(3))))}`;
}

function verdictText(missed: Miss | null): string {
  return missed?.row ? `; its own is ${missed.row.verdict} (${missed.row.reason})` : '';
}

function adviceOf({ injection, span }: InjectionFinding, { why, row }: Miss): Phrase {
  const what = injection === 'delay' ? 'The delay' : 'The extra call';
  const start = phrase`${what} in ${name(span.name)} was missed: `;
  const visible =
    row?.minimumDetectable == null ? '' : ` (it can find ${signedPercent(row.minimumDetectable)})`;
  switch (why) {
    case 'no-row':
      return phrase`${start}the span was not seen in both arms. Is it made by a service that was started as configured? spangate doctor shows what is seen.`;
    case 'not-gated':
      return phrase`${start}the limit of this row is at level ${row?.limit.level ?? 'off'}. Give it a limit under limits, or choose another span with --span.`;
    case 'waived':
      return phrase`${start}a waiver of the configuration accepts it.`;
    case 'limit-larger':
      return phrase`${start}its limit of ${limitText(row)} is larger than what was injected.`;
    case 'too-few':
      return phrase`${start}it rests on too few spans or instances. Longer rounds or a larger weight of the operation would change that; spangate calibrate says how long.`;
    case 'noisy':
      return phrase`${start}it varies too much for this number of rounds${visible}. spangate calibrate shows how many it needs.`;
  }
}

function limitText(row: Miss['row']): string {
  if (row === null) return 'nothing';
  const { fail, atLeast } = row.limit;
  return `${changePercent(fail)} and at least ${row.id.endsWith('calls') ? figure(atLeast) : seconds(atLeast)}`;
}
