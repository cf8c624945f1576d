/** The first line: the verdict and the worst cause, that is which span of which service, how much, and how sure. */
import type { GateVerdict, Row } from '../compare/comparison.ts';
import { name, type Phrase, phrase } from './phrase.ts';
import { rowSentence } from './row-sentence.ts';
import { count, counted } from './units.ts';
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
  return phrase`${VERDICT_TEXTS[scenario.verdict]}: ${causeOf(scenario)}`;
}

/** Of the whole result: that of the scenario that decided it, and how many did. */
export function viewHeadline(verdict: GateVerdict, scenarios: readonly ScenarioView[]): Phrase {
  const deciding = scenarios.filter((scenario) => scenario.verdict === verdict);
  const [first] = deciding;
  if (!first) return phrase`${VERDICT_TEXTS[verdict]}: no scenario was compared`;
  if (scenarios.length === 1) return first.headline;
  const share = `${count(deciding.length)} of ${counted(scenarios.length, 'scenario')}`;
  if (verdict === 'pass') return phrase`pass: all ${counted(scenarios.length, 'scenario')}`;
  return phrase`${VERDICT_TEXTS[verdict]} in ${share}: ${name(first.name)}: ${causeOf(first)}`;
}

function causeOf(scenario: Omit<ScenarioView, 'headline'>): Phrase {
  switch (scenario.verdict) {
    case 'fail':
      return worstOf(scenario.failed) ?? noteOf(scenario, 'a limit was exceeded');
    case 'pass':
      return passText(scenario);
    case 'inconclusive':
      return openText(scenario);
    case 'nothing-compared':
      return noteOf(scenario, 'there is no comparable baseline');
    case 'skipped':
      return noteOf(scenario, 'not measured');
    case 'error':
      return noteOf(scenario, 'could not measure');
  }
}

function worstOf(findings: readonly Finding[]): Phrase | null {
  const [worst] = findings;
  if (!worst) return null;
  const rest = findings.length - 1;
  const more = rest > 0 ? `; and ${count(rest)} more` : '';
  return phrase`${rowSentence(worst.rows[0], { withService: true })}${more}`;
}

function passText(scenario: Omit<ScenarioView, 'headline'>): Phrase {
  const moved = worstOf(scenario.moved);
  const open = scenario.undecided.reduce((sum, { rows }) => sum + rows.length, 0);
  const rest = open === 0 ? '' : `; ${counted(open, 'row')} not decided`;
  if (moved) return phrase`with ${counted(scenario.moved.length, 'warning')}: ${moved}${rest}`;
  const better = worstOf(scenario.improved);
  if (better) return phrase`better: ${better}${rest}`;
  return phrase`${counted(scenario.unchanged.count, 'row')} unchanged in ${counted(operationCount(scenario.rows), 'operation')}${rest}`;
}

/** What keeps the gate open: a change seen once, something that is missing, or noise. */
function openText(scenario: Omit<ScenarioView, 'headline'>): Phrase {
  const rows = scenario.undecided.flatMap((group) => group.rows);
  const [seenOnce] = rows.filter((row) => row.reason === 'screened');
  if (seenOnce) return rowSentence(seenOnce, { withService: true });
  const [first] = rows;
  if (scenario.footnotes.length > 0 || !first) return noteOf(scenario, 'not enough to decide');
  const upper = (row: Row) => row.interval?.upper ?? 0;
  const worst = rows.reduce((chosen, row) => (upper(row) > upper(chosen) ? row : chosen), first);
  return phrase`${counted(rows.length, 'row')} not decided: ${rowSentence(worst, { withService: true })}`;
}

/** A verdict without rows has its reason in the warnings. */
function noteOf(scenario: Omit<ScenarioView, 'headline'>, fallback: string): Phrase {
  const [reason] = scenario.footnotes;
  return reason ? phrase`${fallback}: ${reason}` : [fallback];
}

function operationCount(rows: readonly Row[]): number {
  return new Set(rows.flatMap((row) => row.operation ?? [])).size;
}
