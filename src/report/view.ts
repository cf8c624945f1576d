/** What every format says about a result: the view model. Formats lay it out; they make no sentences. */
import type {
  AppliedWaiver,
  Comparison,
  GateResult,
  GateVerdict,
  Row,
  RowReason,
} from '../compare/comparison.ts';
import type { Warning } from '../measurement.ts';
import {
  isOwnWaiver,
  looseningCounts,
  looseningNote,
  looseningSentences,
  waiverSentences,
} from './accepted.ts';
import { comparedFacts, sideNames, togetherLead } from './compared-facts.ts';
import { findingNotes } from './finding-notes.ts';
import { type FindingKind, groupRows, type RowGroup } from './findings.ts';
import { scenarioHeadline, viewHeadline } from './headline.ts';
import { measuredOfRows } from './measured.ts';
import { nextSteps } from './next-steps.ts';
import { name, type Phrase, phrase, plainText } from './phrase.ts';
import { changeSize, QUANTITY_NAMES, REASON_TEXTS, rowSentence, subjectOf } from './row-sentence.ts';
import { changePercent, counted } from './units.ts';
import type { Alert, Finding, ScenarioView, Undecided, View } from './view-model.ts';
import { firstLineOf } from './why.ts';

const WORST_FIRST: readonly GateVerdict[] = [
  'fail',
  'error',
  'inconclusive',
  'nothing-compared',
  'pass',
  'skipped',
];

export function viewOf(result: GateResult): View {
  const order = (scenario: ScenarioView) => WORST_FIRST.indexOf(scenario.verdict);
  const isElsewhere = waiversElsewhere(result.comparisons);
  const views = result.comparisons.map((comparison) => scenarioView(comparison, isElsewhere));
  const scenarios = views.sort((left, right) => order(left) - order(right));
  return { verdict: result.verdict, headline: viewHeadline(result.verdict, scenarios), scenarios };
}

/** A waiver at the top of the file, or in a commit, is for whichever scenario has its row: the others say nothing of it. */
function waiversElsewhere(comparisons: readonly Comparison[]): (waiver: AppliedWaiver) => boolean {
  const keyOf = ({ state, ...waiver }: AppliedWaiver) => JSON.stringify(waiver);
  const all = comparisons.flatMap(({ waivers = [] }) => waivers);
  const matched = new Set(all.filter(({ state }) => state !== 'unmatched').map(keyOf));
  return (waiver) => waiver.state === 'unmatched' && matched.has(keyOf(waiver));
}

function scenarioView(comparison: Comparison, isElsewhere: (waiver: AppliedWaiver) => boolean): ScenarioView {
  const { rows } = comparison;
  const groups = groupRows(rows);
  const findings = (kind: FindingKind) =>
    groups.filter((group) => group.kind === kind).flatMap((group) => findingOf(group, comparison));
  const [failed, accepted, moved] = [findings('failed'), findings('accepted'), findings('moved')];
  const reason = decidingWarning(comparison);
  const parts = {
    name: comparison.scenario,
    verdict: comparison.verdict,
    reason,
    alerts: alertsOf(comparison),
    loosened: looseningCounts(comparison),
    failed,
    accepted,
    moved,
    improved: findings('improved'),
    undecided: undecidedOf(groups),
    operations: rows.filter((row) => row.span === null && row.quantity === 'p50' && row.under === undefined),
    probed: rows.filter((row) => row.quantity === 'throughput' && row.under !== undefined),
    waivers: waiverSentences(
      comparison.waivers?.filter((waiver) => !isOwnWaiver(waiver) && !isElsewhere(waiver)),
    ),
    rows,
    coverage: comparison.coverage ?? [],
    why: comparison.why ?? [],
    logLines: logLinesOf(comparison),
    measured: comparison.mode === 'none' ? measuredOfRows(rows) : [],
    unchanged: unchangedOf(rows),
    names: sideNames(comparison),
    lead: togetherLead(comparison),
    facts: comparedFacts(comparison),
    footnotes: footnotesOf(comparison, [...failed, ...accepted, ...moved], reason),
    next: nextSteps(comparison, { failed, isExplained: reason !== null }),
  };
  return { ...parts, headline: scenarioHeadline(parts) };
}

/** By trace. */
function logLinesOf({ why = [] }: Comparison): ScenarioView['logLines'] {
  const lines = new Map<string, Phrase[]>();
  for (const { traceId, service, severity, body } of why.flatMap(({ logLines = [] }) => logLines)) {
    const own = lines.get(traceId) ?? [];
    lines.set(traceId, own);
    own.push(phrase`${severity === null ? '' : `${severity.toUpperCase()} `}${name(service)}: ${name(body)}`);
  }
  return lines;
}

/** A pass must not keep these from the reader, nor a failure. */
function alertsOf(comparison: Comparison): readonly Alert[] {
  const loosened = looseningSentences(comparison);
  const own = comparison.waivers?.filter(isOwnWaiver) ?? [];
  const note = looseningNote(comparison);
  const alerts: readonly Alert[] = [
    {
      title: `This change loosens its own gate (${loosened.length})`,
      lines: [...loosened, ...(note === null ? [] : [note])],
    },
    {
      title: `This change accepts regressions of its own (${own.length})`,
      lines: waiverSentences(own),
    },
  ];
  return alerts.filter(({ lines }) => lines.length > 0);
}

function findingOf(group: RowGroup, comparison: Comparison): readonly Finding[] {
  const [main, ...others] = group.rows;
  if (!main) return [];
  const also = others.map((row) => `${QUANTITY_NAMES[row.quantity]} ${changeSize(row)}`.trim());
  const sentence = rowSentence(main);
  return [
    {
      subject: subjectOf(main),
      service: main.span?.service ?? null,
      sentence: also.length === 0 ? sentence : phrase`${sentence}; also ${also.join(', ')}`,
      firstLine: firstLineOf(main, comparison),
      rows: [main, ...others],
      explains: group.explains,
      notes: findingNotes(group, comparison),
    },
  ];
}

/** What may well be a regression comes first. */
const UNDECIDED_ORDER: readonly RowReason[] = ['screened', 'not-confirmed', 'noisy', 'too-noisy'];

/** What follows from a change that is evident is told with that change. */
function undecidedOf(groups: readonly RowGroup[]): readonly Undecided[] {
  const byReason = new Map<RowReason, Row[]>();
  const open = groups.filter((group) => group.kind === 'undecided');
  for (const row of open.flatMap((group) => [...group.rows, ...group.explains])) {
    const members = byReason.get(row.reason) ?? [];
    byReason.set(row.reason, members);
    members.push(row);
  }
  const order = (reason: RowReason) =>
    UNDECIDED_ORDER.includes(reason) ? UNDECIDED_ORDER.indexOf(reason) : 9;
  const sorted = [...byReason].sort(([left], [right]) => order(left) - order(right));
  return sorted.map(([reason, members]) => ({
    reason,
    sentence: phrase`${counted(members.length, 'row')}: ${REASON_TEXTS[reason]}`,
    rows: members,
  }));
}

/** From this factor on, the usual row says nothing about the one that sees least. */
const MUCH_BLINDER = 1.5;

function unchangedOf(rows: readonly Row[]): ScenarioView['unchanged'] {
  const unchanged = rows.filter((row) => row.verdict === 'unchanged' && row.level !== 'off');
  const notGated = rows.filter((row) => row.level === 'off').length;
  const detectable = unchanged.flatMap((row) =>
    row.quantity === 'p50' ? (row.minimumDetectable ?? []) : [],
  );
  const visible = median(detectable);
  const worst = Math.max(0, ...detectable);
  const blindest =
    visible !== null && worst > MUCH_BLINDER * visible ? `, the least sure ${changePercent(worst)}` : '';
  const lines = [
    visible === null
      ? ''
      : `half of the p50 rows would have shown a change of ${changePercent(visible)}${blindest}`,
    notGated === 0 ? '' : `${counted(notGated, 'more row')} shown only, not gated`,
  ];
  const sentence = lines.filter((line) => line !== '').join('; ');
  return { count: unchanged.length, sentence: sentence === '' ? [] : [sentence] };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

/** Codes of warnings that keep a gate from a verdict; what else is noted does not decide. */
const DECIDING: Readonly<Partial<Record<Comparison['verdict'], readonly string[]>>> = {
  'nothing-compared': ['other-scenario', 'other-workload', 'other-split', 'no-answers', 'no-spans'],
  inconclusive: [
    'operation-missing',
    'spans-missing',
    'spans-dropped',
    'logs-dropped',
    'rows-incomplete',
    'machine-moved',
    'dependency-saturated',
    'too-noisy',
  ],
  pass: ['same-content'],
};

function decidingWarning({ verdict, failedBy, warnings, baseline }: Comparison): Phrase | null {
  // Where none of them fails it, its rows say why.
  const codes = verdict === 'fail' ? (failedBy ?? []) : DECIDING[verdict];
  const warning = codes ? warnings.find(({ code }) => codes.includes(code)) : warnings[0];
  // The headline has said so already.
  if (warning) return [warning.message.replace(/^nothing was compared: /i, '')];
  const hasBaseline = verdict === 'nothing-compared' && baseline !== null;
  return hasBaseline ? ['the baseline and this measurement have no operation or span in common'] : null;
}

/** Without what a finding, a row of coverage, or the headline of a pass without rows, has told in the same words. */
function footnotesOf(
  { warnings, verdict, rows, coverage = [] }: Comparison,
  findings: readonly Finding[],
  reason: Phrase | null,
): readonly Phrase[] {
  const told = new Set([
    ...findings.flatMap(({ notes }) => notes.map(plainText)),
    ...coverage.map(({ message }) => message),
  ]);
  if (verdict === 'pass' && rows.length === 0 && reason !== null) told.add(plainText(reason));
  return uniqueWarnings(warnings)
    .filter(({ message }) => !told.has(message))
    .map(footnote);
}

/** The same may be noted of a first and of a confirming measurement. */
function uniqueWarnings(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
}

function footnote(warning: Warning): Phrase {
  return phrase`${warning.message} [${warning.code}]`;
}
