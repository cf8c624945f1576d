/** Groups rows into findings: one subject (operation and span) each, with the rows that follow from it folded in. */
import type { Row } from '../compare/comparison.ts';
import type { Quantity } from '../config.ts';

/** `accepted`: would be `failed` or `undecided` without a waiver. */
export type FindingKind = 'failed' | 'accepted' | 'moved' | 'improved' | 'undecided';

/** Rows of one subject, most telling first, and the rows of other subjects that it accounts for. */
export interface RowGroup {
  readonly kind: FindingKind;
  readonly rows: readonly Row[];
  readonly explains: readonly Row[];
}

/** Worst first: a group is as bad as its worst row, so that folding never hides a failure. */
const SEVERITY: readonly FindingKind[] = ['failed', 'accepted', 'moved', 'improved', 'undecided'];

/** The order in which quantities of one subject are told: what is exact first. */
export const QUANTITY_ORDER: readonly Quantity[] = [
  'calls',
  'error-rate',
  'p50',
  'p90',
  'p95',
  'p99',
  'self',
  'throughput',
  'error-logs',
  'warn-logs',
  'metric',
];

/** Rows that have nothing to say are left out. Keeps the order of the comparison. */
export function groupRows(rows: readonly Row[]): readonly RowGroup[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const groups = new Map<string, { kind: FindingKind; rows: Row[]; explains: Row[] }>();
  for (const row of rows) {
    const kind = kindOf(row);
    if (kind === null) continue;
    const root = rootCause(row, byId);
    const rootKind = kindOf(root);
    // Worse, better and open rows of one subject are told apart; only what moved the same way explains a row.
    const cause = rootKind !== null && canExplain(rootKind, row, kind) ? root : row;
    const isOwn = subjectKey(cause) === subjectKey(row);
    const key = `${sideOf(cause === row ? kind : (rootKind ?? kind))} ${subjectKey(cause)}`;
    const group = groups.get(key) ?? { kind, rows: [], explains: [] };
    groups.set(key, group);
    if (SEVERITY.indexOf(kind) < SEVERITY.indexOf(group.kind)) group.kind = kind;
    (isOwn ? group.rows : group.explains).push(row);
  }
  for (const group of groups.values()) group.rows.sort(byWeight);
  return [...groups.values()];
}

/** What a row has to say, or null where that is nothing. */
export function kindOf(row: Row): FindingKind | null {
  if (row.outcome === 'fail') return 'failed';
  if (row.waivedBy !== undefined) return 'accepted';
  if (row.outcome === 'warn') return 'moved';
  // Level `off` asks for no more than to be shown, and a first measurement is not a change.
  if (row.level === 'off' || row.reason === 'no-baseline') return null;
  if (row.verdict === 'improvement') return 'improved';
  if (row.verdict === 'added' || row.verdict === 'removed') return isRare(row) ? null : 'moved';
  if (row.verdict === 'regression') return 'moved';
  if (row.verdict === 'inconclusive') return 'undecided';
  return null;
}

/** A call in fewer than one request of ten, on one side only, and flagged by nothing: a pool that connected again. */
function isRare({ quantity, baseline, candidate }: Row): boolean {
  return quantity === 'calls' && Math.max(baseline ?? 0, candidate ?? 0) < 0.1;
}

/**
 * What was seen once, or moved as nearly all rows did, is told with the evident change that accounts for it. A
 * failure never hides behind what was accepted.
 */
function canExplain(cause: FindingKind, row: Row, kind: FindingKind): boolean {
  if (cause === 'accepted' && kind === 'failed') return false;
  const isWorse = row.reason === 'screened' || row.reason === 'moved-together';
  return sideOf(cause) === (isWorse ? 'worse' : sideOf(kind));
}

function byWeight(left: Row, right: Row): number {
  const outcome = (row: Row) =>
    row.waivedBy === undefined ? ['fail', '', 'warn', 'none'].indexOf(row.outcome) : 1;
  const quantity = (row: Row) => QUANTITY_ORDER.indexOf(row.quantity);
  return outcome(left) - outcome(right) || quantity(left) - quantity(right);
}

function sideOf(kind: FindingKind): 'worse' | 'better' | 'open' {
  if (kind === 'improved') return 'better';
  return kind === 'undecided' ? 'open' : 'worse';
}

function subjectKey(row: Row): string {
  const { operation, span, under, service, metric } = row;
  return JSON.stringify([operation, span?.kind, span?.service, span?.name, under, service, metric?.name]);
}

/** Follows `explainedBy` to its end; a row that nothing known explains, or that explains itself, is its own cause. */
export function rootCause(row: Row, byId: ReadonlyMap<string, Row>): Row {
  const seen = new Set([row.id]);
  let cause = row;
  while (cause.explainedBy !== undefined) {
    const next = byId.get(cause.explainedBy);
    if (!next) return cause;
    if (seen.has(next.id)) return row;
    seen.add(next.id);
    cause = next;
  }
  return cause;
}
