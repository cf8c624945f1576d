/**
 * Regressions that a person accepts after they were found: for the commit that was measured, and nothing else. The row
 * keeps its verdict and its figures, as with every other waiver.
 */
import type { Waiver } from '../config.ts';
import type { Warning } from '../measurement.ts';
import type { AppliedWaiver, Comparison, Row } from './comparison.ts';
import { gateVerdict } from './gate-verdict.ts';
import { waives } from './waivers.ts';

export interface PersonWaiver {
  readonly login: string;
  readonly through: 'label' | 'review';
  readonly reason: string;
  /** What is accepted; null: every row that fails. */
  readonly only: readonly Omit<Waiver, 'source'>[] | null;
}

/** @param people an earlier one comes first where several accept the same */
export function acceptedByPeople(comparison: Comparison, people: readonly PersonWaiver[]): Comparison {
  const waivers: AppliedWaiver[] = [...(comparison.waivers ?? [])];
  const rows = comparison.rows.map((row): Row => {
    const person = row.outcome === 'fail' ? people.find((each) => accepts(each, row)) : undefined;
    return person ? { ...row, outcome: 'none', waivedBy: placeOf(waivers, waiverFor(row, person)) } : row;
  });
  const { failedBy, ...judged } = comparison;
  // What no row stands for is accepted by nobody who names rows.
  const person = failedBy && people.find(({ only }) => only === null);
  if (waivers.length === (comparison.waivers ?? []).length && !person) return comparison;
  rows.sort((left, right) => order(left) - order(right));
  const verdict = gateVerdict(comparison.mode, rows, comparison.warnings);
  if (failedBy && !person) return { ...judged, rows, waivers, failedBy, verdict: 'fail' };
  const warnings = person ? [acceptedWarning(person, failedBy), ...comparison.warnings] : comparison.warnings;
  return { ...judged, rows, ...(waivers.length > 0 && { waivers }), warnings, verdict };

  function waiverFor(row: Row, { login, through, reason }: PersonWaiver): AppliedWaiver {
    return {
      operation: row.operation,
      span: row.metric?.name ?? row.span?.name ?? null,
      service: row.span?.service ?? row.service ?? null,
      quantity: row.quantity,
      ...(row.under && { under: row.under }),
      reason,
      expires: comparison.createdAt.slice(0, 10),
      source: { kind: 'person', login, through },
      state: 'applied',
    };
  }
}

function acceptedWarning({ login, through, reason }: PersonWaiver, codes: readonly string[]): Warning {
  const message = `Accepted by the ${through} of ${login} for this commit, beside all rows: ${codes.join(', ')} (${reason}).`;
  return { code: 'accepted-by-person', message };
}

export function accepts({ only }: PersonWaiver, row: Row): boolean {
  if (only === null) return true;
  return only.some((fields) => waives({ ...fields, source: { kind: 'commit', sha: '' } }, row));
}

/** Position of the waiver in the list, where it is put at the end if it is new. */
function placeOf(waivers: AppliedWaiver[], waiver: AppliedWaiver): number {
  const text = JSON.stringify(waiver);
  const known = waivers.findIndex((each) => JSON.stringify(each) === text);
  return known >= 0 ? known : waivers.push(waiver) - 1;
}

function order({ outcome, waivedBy }: Row): number {
  if (outcome === 'fail') return 0;
  if (outcome === 'warn') return 1;
  return waivedBy === undefined ? 3 : 2;
}
