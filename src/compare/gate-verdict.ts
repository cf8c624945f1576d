/** The verdict over all rows. */
import type { Warning } from '../measurement.ts';
import type { Comparison, GateVerdict, Row } from './comparison.ts';

/** Warnings that say that something is missing, so that no pass can be given. */
const MISSING: ReadonlySet<string> = new Set(['operation-missing', 'spans-missing']);

export function gateVerdict(
  mode: Comparison['mode'],
  rows: readonly Row[],
  warnings: readonly Warning[],
): GateVerdict {
  if (rows.some((row) => row.outcome === 'fail')) return 'fail';
  const compared = rows.filter((row) => row.verdict !== 'added' && row.verdict !== 'removed');
  if (mode === 'none' || compared.length === 0) return 'nothing-compared';
  const open = rows.some((row) => row.level === 'fail' && row.reason === 'screened');
  if (open || warnings.some((warning) => MISSING.has(warning.code))) return 'inconclusive';
  return 'pass';
}
