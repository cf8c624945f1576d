/** The first line: the verdict and the worst cause, that is which span of which service, how much, and how sure. */
import type { CoverageRow, GateVerdict, Row } from '../compare/comparison.ts';
import type { Quantity } from '../config.ts';
import { looseningAmount } from './accepted.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { rowSentence } from './row-sentence.ts';
import { isSame } from './span-key.ts';
import { changePercent, count, counted } from './units.ts';
import type { Finding, ScenarioView } from './view-model.ts';

export const VERDICT_TEXTS: Readonly<Record<GateVerdict, string>> = {
  pass: 'pass',
  fail: 'fail',
  inconclusive: 'inconclusive',
  'nothing-compared': 'nothing compared',
  skipped: 'skipped',
  error: 'error',
};

/** Of one scenario, with the verdict in front. */
export function scenarioHeadline(scenario: Omit<ScenarioView, 'headline'>): Phrase {
  return phrase`${VERDICT_TEXTS[scenario.verdict]}${amendments([scenario])}: ${causeOf(scenario)}`;
}

type Passed = Pick<ScenarioView, 'verdict' | 'accepted' | 'moved' | 'improved' | 'coverage' | 'loosened'>;

/** What a bare `pass` would keep from the reader: ` with 1 accepted regression, 2 limits loosened`. */
function amendments(scenarios: readonly Passed[]): string {
  const passed = scenarios.filter(({ verdict }) => verdict === 'pass');
  const total = (of: (scenario: Passed) => number): number =>
    passed.reduce((sum, scenario) => sum + of(scenario), 0);
  const warned = total(warningsOf);
  const improved = total((scenario) => scenario.improved.length);
  const accepted = total((scenario) => scenario.accepted.length);
  const parts = [
    accepted > 0 ? counted(accepted, 'accepted regression') : '',
    looseningAmount({
      limits: total(({ loosened }) => loosened.limits),
      gone: total(({ loosened }) => loosened.gone),
      less: total(({ loosened }) => loosened.less),
    }),
    warned > 0 ? counted(warned, 'warning') : '',
    warned === 0 && improved > 0 ? counted(improved, 'improvement') : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : ` with ${parts.join(', ')}`;
}

function warningsOf({ moved, coverage }: Passed): number {
  return moved.filter(isWarning).length + coverage.filter(isUnexpected).length;
}

/** A new span at level `off` has moved, and warns of nothing. */
function isWarning({ rows }: Finding): boolean {
  return rows.some((row) => row.outcome === 'warn');
}

/** Not what the configuration has announced itself, nor what a person accepted with everything. */
function isUnexpected({ state, level }: CoverageRow): boolean {
  return level === 'warn' && state !== 'renamed';
}

/** Of the whole result: that of the scenario that decided it, and how many did. */
export function viewHeadline(verdict: GateVerdict, scenarios: readonly ScenarioView[]): Phrase {
  const deciding = scenarios.filter((scenario) => scenario.verdict === verdict);
  const [first] = deciding;
  if (!first) return phrase`${VERDICT_TEXTS[verdict]}: no scenario was compared`;
  if (scenarios.length === 1) return first.headline;
  const share = `${count(deciding.length)} of ${counted(scenarios.length, 'scenario')}`;
  const where = deciding.length === scenarios.length ? `all ${counted(scenarios.length, 'scenario')}` : share;
  const telling = mostTelling(deciding) ?? first;
  return phrase`${VERDICT_TEXTS[verdict]} in ${where}${amendments(deciding)}: ${name(telling.name)}: ${causeOf(telling)}`;
}

/** The first that has something behind its verdict. */
function mostTelling(scenarios: readonly ScenarioView[]): ScenarioView | undefined {
  return (
    scenarios.find(({ accepted }) => accepted.length > 0) ??
    scenarios.find((scenario) => warningsOf(scenario) > 0)
  );
}

function causeOf(scenario: Omit<ScenarioView, 'headline'>): Phrase {
  switch (scenario.verdict) {
    case 'fail':
      return worstOf(scenario.failed) ?? reasonOf(scenario, 'a limit was exceeded');
    case 'pass':
      return passText(scenario);
    case 'inconclusive':
      return openText(scenario);
    case 'nothing-compared':
      return nothingText(scenario);
    case 'skipped':
      return reasonOf(scenario, 'not measured');
    case 'error':
      return reasonOf(scenario, 'could not measure');
  }
}

function worstOf(findings: readonly Finding[]): Phrase | null {
  // One that says where the time went tells more than another count of the same operation.
  const operation = findings[0]?.rows[0].operation;
  const telling = findings.find(
    ({ rows: [main], firstLine }) => main.operation === operation && firstLine !== null,
  );
  const worst = telling ?? findings[0];
  if (!worst) return null;
  const { firstLine } = worst;
  const others = findings.filter((finding) => finding !== worst && !isNamed(finding, worst));
  const more = others.length > 0 ? `; and ${count(others.length)} more` : '';
  return phrase`${firstLine?.text ?? rowSentence(worst.rows[0], { withService: true })}${more}`;
}

/** Whether the first line of another finding has told it. */
function isNamed({ rows }: Finding, { rows: [told], firstLine }: Finding): boolean {
  if (!firstLine) return false;
  return rows.every(({ operation, span, under, quantity }) => {
    if (operation !== told.operation || under !== undefined) return false;
    if (span !== null) return firstLine.spans.some((named) => isSame(named, span));
    return isTold(quantity, told.quantity);
  });
}

/** What a first line about times says of its operation is a time; one about errors says how often it fails. */
function isTold(quantity: Quantity, told: Quantity): boolean {
  if (quantity === 'error-rate') return told === 'error-rate';
  return told !== 'error-rate' && IN_TIME.includes(quantity);
}

/** A load that waits for its answers sends fewer of them. */
const IN_TIME: readonly Quantity[] = ['p50', 'p90', 'p95', 'p99', 'throughput'];

function passText(scenario: Omit<ScenarioView, 'headline'>): Phrase {
  const { undecided, rows, unchanged } = scenario;
  if (rows.length === 0) return reasonOf(scenario, 'nothing to compare');
  const operations = new Set(rows.flatMap((row) => row.operation ?? [])).size;
  const quiet = phrase`${counted(unchanged.count, 'row')} unchanged in ${counted(operations, 'operation')}`;
  const told =
    worstOf(scenario.accepted) ??
    worstOf(scenario.moved.filter(isWarning)) ??
    unexpectedOf(scenario.coverage) ??
    worstOf(scenario.improved) ??
    quiet;
  const open = undecided.reduce((sum, group) => sum + group.rows.length, 0);
  if (open === 0) return told;
  // That times do not count at all is more than a few rows without a verdict.
  const advisory = undecided.find(({ reason }) => reason === 'unlike-machine');
  return phrase`${told}; ${advisory ? advisory.sentence : `${counted(open, 'row')} not decided`}`;
}

function unexpectedOf(rows: readonly CoverageRow[]): Phrase | null {
  const [first] = rows.filter(isUnexpected);
  return first ? [firstSentence(first.message)] : null;
}

/** What it is; the others say where to look. A name in quotes may hold what ends a sentence. */
function firstSentence(message: string): string {
  return /^(?:"[^"]*"|[^".:]|[.:](?! )|")*/s.exec(message)?.[0] ?? message;
}

/** What keeps the gate open: a change seen once, something that is missing, or noise. */
function openText(scenario: Omit<ScenarioView, 'headline'>): Phrase {
  const rows = scenario.undecided.flatMap((group) => group.rows);
  const seen = rows.filter((row) => row.reason === 'screened');
  const seenOnce = seen.find((row) => row.explainedBy === undefined) ?? seen[0];
  if (seenOnce) return rowSentence(seenOnce, { withService: true });
  const [first] = rows;
  if (scenario.reason || !first) return reasonOf(scenario, 'not enough to decide');
  const upper = (row: Row) => row.interval?.upper ?? 0;
  const worst = rows.reduce((chosen, row) => (upper(row) > upper(chosen) ? row : chosen), first);
  return phrase`${counted(rows.length, 'row')} not decided: ${rowSentence(worst, { withService: true })}`;
}

/** A first measurement says what it saw, and how much of it is noise. */
function nothingText(scenario: Omit<ScenarioView, 'headline'>): Phrase {
  const cause = reasonOf(scenario, 'there is no baseline yet');
  const clients = scenario.measured.filter((each) => each.span === null && each.operation !== null);
  if (clients.length === 0 || scenario.reason) return cause;
  const requests = clients.reduce((sum, each) => sum + each.observations, 0);
  const noise = Math.max(...clients.map((each) => each.noise ?? 0));
  const between = noise > 0 ? `, p50 differs by ${changePercent(noise)} between instances` : '';
  const what = `${counted(requests, 'request')} in ${counted(clients.length, 'operation')}`;
  return phrase`${cause}; measured ${what}${between}`;
}

function reasonOf(scenario: Omit<ScenarioView, 'headline'>, fallback: string): Phrase {
  return scenario.reason ?? [fallback];
}
