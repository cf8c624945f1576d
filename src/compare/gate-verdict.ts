/** The verdict over all rows. */
import type { Warning } from '../measurement.ts';
import type { Comparison, GateVerdict, Row } from './comparison.ts';
import { isOfErrors } from './series.ts';
import { isKeyRow, TOO_NOISY_RUN } from './too-noisy.ts';

/** Warning of rounds measured together: a dependency that both builds share was at its limit. */
export const DEPENDENCY_SATURATED = 'dependency-saturated';

/** Something was not seen: what the baseline has, or spans that the service made. No pass can be given then. */
const MISSING: ReadonlySet<string> = new Set([
  'operation-missing',
  'spans-missing',
  'spans-dropped',
  // Rows of metrics that lost data points are open by themselves; records are counted, whatever was lost of them.
  'logs-dropped',
]);

/**
 * - `fail`: a row fails.
 * - `inconclusive`: something is missing; a suspect waits for a second measurement; or, in rounds measured together,
 *   a row that may fail is still open. What was accepted by a waiver does not count.
 * - `nothing-compared`: there is no row that both sides have.
 * - `pass`: otherwise. Against a stored baseline a row that reads `noisy` does not stand in the way: such a baseline
 *   cannot show small changes in any row, and the report says so; only a machine that moved is a doubt of its own.
 */
export function gateVerdict(
  mode: Comparison['mode'],
  rows: readonly Row[],
  warnings: readonly Warning[],
): GateVerdict {
  if (rows.some((row) => row.outcome === 'fail')) return 'fail';
  if (warnings.some((warning) => MISSING.has(warning.code))) return 'inconclusive';
  const compared = rows.filter((row) => row.verdict !== 'added' && row.verdict !== 'removed');
  if (mode === 'none' || compared.length === 0) return 'nothing-compared';
  const codes = new Set(warnings.map((warning) => warning.code));
  if (codes.has(DEPENDENCY_SATURATED) && mode === 'together') return 'inconclusive';
  if (codes.has(TOO_NOISY_RUN)) return 'inconclusive';
  const open = rows.some((row) => row.waivedBy === undefined && isOpen(row, mode, codes));
  return open ? 'inconclusive' : 'pass';
}

/** Whether a row keeps the gate from a verdict. @param codes of the comparison's warnings */
export function isOpen(row: Row, mode: Comparison['mode'], codes: ReadonlySet<string>): boolean {
  if (row.level !== 'fail' || row.verdict !== 'inconclusive') return false;
  if (row.reason === 'screened') return true;
  // The probe has no second chance in a stage, and its other rows are coarse.
  if (row.under === 'concurrency') return row.reason === 'not-confirmed';
  if (row.reason === 'metric-missing') return true;
  if (mode === 'stored') return codes.has('machine-moved') && row.reason === 'noisy' && isLarge(row);
  // Half confirmed: fresh rounds showed more errors, and not enough of them to be sure.
  if (isOfErrors(row.quantity)) {
    return row.reason === 'not-confirmed' && row.shift !== null && row.shift >= row.limit.atLeast;
  }
  if (row.reason === 'incomplete') return isKeyRow(row);
  if (row.reason === 'too-few-instances') return codes.has('too-few-labelings');
  // Shown, and a gate only where enough samples make its interval narrow: it never holds up the others.
  if (row.quantity === 'p99' && row.reason === 'noisy') return false;
  if (row.reason === 'moved-together') return codes.has('machine-moved');
  return row.reason === 'noisy' || row.reason === 'not-confirmed' || row.reason === DEPENDENCY_SATURATED;
}

/** Would have been a suspect on a machine that had not moved. */
function isLarge({ quantity, effect, limit }: Row): boolean {
  if (effect === null) return false;
  return quantity === 'throughput' ? effect <= 1 - limit.fail : effect >= 1 + limit.fail;
}
