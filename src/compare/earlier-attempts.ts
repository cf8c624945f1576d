/**
 * What earlier attempts of the same run found in the same commit. A failure that was confirmed is not taken back by
 * measuring once more: each attempt would be another chance for a change that is worse to pass, and the rounds that
 * showed it are as good as those that did not. See docs/ledger.md for why they are not pooled.
 */
import type { Warning } from '../measurement.ts';
import type { Comparison, Row } from './comparison.ts';

export interface EarlierFailure {
  readonly attempt: number;
  /** Where it was another run of the CI than this one: which. */
  readonly run?: string | undefined;
  /** `Row.id` of rows that failed; as many as were kept. */
  readonly rows: readonly string[];
  /** How many failed. */
  readonly failures: number;
}

/** Warning of a comparison that fails by an earlier attempt alone. */
const FAILED_BEFORE = 'failed-before';

/** As many as a sentence can hold. */
const NAMED_ROWS = 3;
const LONGEST_NAME = 100;

/**
 * @param isAccepted whether somebody accepts the row; null stands for one that is not known by name
 * @returns the comparison itself where each earlier failure is red or waived here too
 */
export function withEarlierFailures(
  comparison: Comparison,
  earlier: readonly EarlierFailure[],
  isAccepted: (row: Row | null) => boolean,
): Comparison {
  const byId = new Map(comparison.rows.map((row) => [row.id, row]));
  const isHereToo = (id: string) => {
    const row = byId.get(id);
    return row?.outcome === 'fail' || row?.waivedBy !== undefined;
  };
  const warnings = earlier.flatMap((failure) => {
    const gone = failure.rows.filter((id) => !isHereToo(id));
    const left = gone.filter((id) => !isAccepted(byId.get(id) ?? null));
    // Those that were not kept are accepted by whoever accepts everything.
    const unnamed = failure.failures - failure.rows.length;
    const more = isAccepted(null) ? 0 : unnamed;
    if (left.length + more > 0) return [warningOf(failure, left, left.length + more)];
    return gone.length === 0 ? [] : [acceptedWarning(failure, gone)];
  });
  if (warnings.length === 0) return comparison;
  const isRed = warnings.some(({ code }) => code === FAILED_BEFORE);
  return {
    ...comparison,
    ...(isRed && { verdict: 'fail' as const, failedBy: [FAILED_BEFORE, ...(comparison.failedBy ?? [])] }),
    warnings: [...warnings, ...comparison.warnings],
  };
}

function warningOf(failure: EarlierFailure, rows: readonly string[], count: number): Warning {
  return {
    code: FAILED_BEFORE,
    message: `${attemptText(failure)} failed in ${rowsText(rows, count)}. Measuring it once more does not take that back: push a commit that mends it or has a waiver for it; on GitHub, somebody with write permission can accept it.`,
  };
}

function acceptedWarning(failure: EarlierFailure, rows: readonly string[]): Warning {
  return {
    code: 'accepted-before',
    message: `${attemptText(failure)} failed in ${rowsText(rows, rows.length)}; this one did not, and somebody with write permission accepts it.`,
  };
}

function attemptText({ attempt, run }: EarlierFailure): string {
  return `Attempt ${attempt} of this ${run === undefined ? 'run' : `job (run ${run.slice(0, LONGEST_NAME)})`}`;
}

/** `2 rows of this commit ("GET /orders | - | p50", "…")` */
function rowsText(rows: readonly string[], count: number): string {
  const named = rows.slice(0, NAMED_ROWS).map((id) => `"${id.slice(0, LONGEST_NAME)}"`);
  const more = count > named.length ? `${named.length > 0 ? ' and ' : ''}${count - named.length} more` : '';
  return `${count === 1 ? '1 row' : `${count} rows`} of this commit (${named.join(', ')}${more})`;
}
