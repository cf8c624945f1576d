/** What every format says about a result: the view model. Formats lay it out; they make no sentences. */
import type { Comparison, GateResult, GateVerdict, Row, RowReason, Side } from '../compare/comparison.ts';
import type { Warning } from '../measurement.ts';
import { type FindingKind, groupRows, type RowGroup } from './findings.ts';
import { scenarioHeadline, viewHeadline } from './headline.ts';
import { measuredOfRows } from './measured.ts';
import { joinPhrases, name, type Phrase, phrase, plainText } from './phrase.ts';
import {
  changeSize,
  QUANTITY_NAMES,
  REASON_TEXTS,
  reasonText,
  rowSentence,
  subjectOf,
} from './row-sentence.ts';
import { age, changePercent, counted, percent } from './units.ts';
import type { Fact, Finding, ScenarioView, Undecided, View } from './view-model.ts';

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
  const scenarios = result.comparisons.map(scenarioView).sort((left, right) => order(left) - order(right));
  return { verdict: result.verdict, headline: viewHeadline(result.verdict, scenarios), scenarios };
}

function scenarioView(comparison: Comparison): ScenarioView {
  const { rows } = comparison;
  const groups = groupRows(rows);
  const findings = (kind: FindingKind) => groups.filter((group) => group.kind === kind).flatMap(findingOf);
  const parts = {
    name: comparison.scenario,
    verdict: comparison.verdict,
    reason: decidingWarning(comparison),
    failed: findings('failed'),
    moved: findings('moved'),
    improved: findings('improved'),
    undecided: undecidedOf(groups),
    operations: rows.filter((row) => row.span === null && row.quantity === 'p50'),
    rows,
    measured: comparison.mode === 'none' ? measuredOfRows(rows) : [],
    unchanged: unchangedOf(rows),
    facts: factsOf(comparison),
    footnotes: uniqueWarnings(comparison.warnings).map(footnote),
    next: nextSteps(comparison),
  };
  return { ...parts, headline: scenarioHeadline(parts) };
}

function findingOf(group: RowGroup): readonly Finding[] {
  const [main, ...others] = group.rows;
  if (!main) return [];
  const also = others.map((row) => `${QUANTITY_NAMES[row.quantity]} ${changeSize(row)}`.trim());
  const sentence = rowSentence(main);
  return [
    {
      subject: subjectOf(main),
      service: main.span?.service ?? null,
      sentence: also.length === 0 ? sentence : phrase`${sentence}; also ${also.join(', ')}`,
      rows: [main, ...others],
      explains: group.explains,
      notes: [...certaintyNotes(group.rows), ...explainsNote(group.explains)],
    },
  ];
}

/** Reasons that the figures of the table say already. */
const SELF_EVIDENT: readonly RowReason[] = ['slower', 'faster', 'new-span', 'missing-span'];

/** What the figures of the table do not say, such as why a count or a rate is sure. */
function certaintyNotes(rows: readonly Row[]): readonly Phrase[] {
  const notes = rows
    .filter((row) => !SELF_EVIDENT.includes(row.reason))
    .map((row) => (rows.length === 1 ? '' : `${QUANTITY_NAMES[row.quantity]}: `) + reasonText(row));
  return [...new Set(notes)].map((note) => [note]);
}

/** More than these make a line that nobody reads; the rest is counted. */
const EXPLAINED_SHOWN = 3;

function explainsNote(rows: readonly Row[]): readonly Phrase[] {
  if (rows.length === 0) return [];
  // One row a subject: the others tell the same story.
  const subjects = new Map(rows.toReversed().map((row) => [plainText(subjectOf(row)), row]));
  const first = rows.filter((row) => subjects.get(plainText(subjectOf(row))) === row);
  const shown = first.slice(0, EXPLAINED_SHOWN).map((row) => {
    const client = row.span === null ? 'client ' : '';
    return phrase`${subjectOf(row)} ${client}${QUANTITY_NAMES[row.quantity]} ${changeSize(row)}`;
  });
  const more = first.length > shown.length ? ', …' : '';
  return [phrase`explains ${counted(rows.length, 'more row')}: ${joinPhrases(shown, ', ')}${more}`];
}

/** What may well be a regression comes first. */
const UNDECIDED_ORDER: readonly RowReason[] = ['screened', 'not-confirmed', 'noisy'];

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

function unchangedOf(rows: readonly Row[]): ScenarioView['unchanged'] {
  const unchanged = rows.filter((row) => row.verdict === 'unchanged' && row.level !== 'off');
  const notGated = rows.filter((row) => row.level === 'off').length;
  const visible = median(
    unchanged.flatMap((row) => (row.quantity === 'p50' ? (row.minimumDetectable ?? []) : [])),
  );
  const lines = [
    visible === null ? '' : `half of the p50 rows would have shown a change of ${changePercent(visible)}`,
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

const MODE_TEXTS: Readonly<Record<Comparison['mode'], string>> = {
  together: 'both sides measured together, by permutation of labels',
  stored: 'against a stored baseline',
  none: 'nothing to compare with',
};

function factsOf(comparison: Comparison): readonly Fact[] {
  const { baseline, candidate, confirmation, policy } = comparison;
  const facts: Fact[] = [
    { label: 'scenario', text: [name(comparison.scenario)] },
    { label: 'candidate', text: sideText(candidate) },
  ];
  if (baseline) {
    const old = (Date.parse(candidate.createdAt) - Date.parse(baseline.createdAt)) / 1000;
    const ageText = comparison.mode === 'stored' && Number.isFinite(old) ? `, ${age(old)} older` : '';
    facts.push({ label: 'baseline', text: phrase`${sideText(baseline)}${ageText}` });
  }
  const confirmed = confirmation ? phrase`, confirmed with ${amountText(confirmation)}` : [];
  facts.push({
    label: 'judged',
    text: phrase`${MODE_TEXTS[comparison.mode]}${confirmed}; profile ${policy.profile}, alpha ${percent(policy.alpha.confirm)}, seed ${comparison.seed}`,
  });
  facts.push({ label: 'machine', text: [candidate.environment] });
  if (baseline && baseline.environment !== candidate.environment) {
    facts.push({ label: 'baseline on', text: [baseline.environment] });
  }
  return facts;
}

/** `3f2a91c on feature/summary (changes not committed), 4 rounds, 8 instances` */
function sideText(side: Side): Phrase {
  const { commit } = side;
  if (!commit) return phrase`no commit, ${amountText(side)}`;
  const branch = commit.branch === null ? [] : phrase` on ${name(commit.branch)}`;
  const dirty = commit.dirty ? ' with changes not committed' : '';
  return phrase`${name(commit.sha.slice(0, 7))}${branch}${dirty}, ${amountText(side)}`;
}

function amountText(side: Side): string {
  return `${counted(side.rounds, 'round')}, ${counted(side.instances, 'instance')}`;
}

/** Codes of warnings that keep a gate from a verdict; what else is noted does not decide. */
const DECIDING: Readonly<Partial<Record<Comparison['verdict'], readonly string[]>>> = {
  'nothing-compared': ['other-scenario', 'other-workload', 'no-answers', 'no-spans'],
  inconclusive: ['operation-missing', 'spans-missing', 'spans-dropped', 'machine-moved'],
};

function decidingWarning({ verdict, warnings, baseline }: Comparison): Phrase | null {
  const codes = DECIDING[verdict];
  const warning = codes ? warnings.find(({ code }) => codes.includes(code)) : warnings[0];
  // The headline has said so already.
  if (warning) return [warning.message.replace(/^nothing was compared: /i, '')];
  const hasBaseline = verdict === 'nothing-compared' && baseline !== null;
  return hasBaseline ? ['the baseline and this measurement have no operation or span in common'] : null;
}

/** The same may be noted of a first and of a confirming measurement. */
function uniqueWarnings(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
}

function footnote(warning: Warning): Phrase {
  return phrase`${warning.message} [${warning.code}]`;
}

function nextSteps(comparison: Comparison): readonly Phrase[] {
  const record = name('spangate baseline record');
  if (comparison.verdict === 'nothing-compared') {
    return [phrase`Next, store a baseline to compare with: ${record}`];
  }
  if (comparison.verdict === 'fail' && comparison.mode === 'stored') {
    return [phrase`Meant to be so? Record a new baseline: ${record}`];
  }
  if (comparison.verdict === 'inconclusive' && decidingWarning(comparison) === null) {
    return [phrase`More rounds, or a quieter machine, make smaller changes visible.`];
  }
  return [];
}
