/** Builds runs of a ledger: only what a case is about is said. */
import type { LedgerRun, LedgerScenario } from '../../src/ledger/ledger-run.ts';

export const ROWS = ['GET /orders | - | p50', 'GET /orders | client:shop:query | calls'] as const;
export const LIST = '00112233aabbccdd';
export const LISTS: ReadonlyMap<string, readonly string[]> = new Map([[LIST, ROWS]]);

export function ledgerScenario(parts: Partial<LedgerScenario> = {}): LedgerScenario {
  const failed = parts.failed ?? [];
  return {
    name: 'default',
    verdict: failed.length > 0 ? 'fail' : 'pass',
    base: 'b'.repeat(40),
    failed,
    failures: failed.length,
    waived: [],
    rows: LIST,
    open: [],
    ...parts,
  };
}

/** @param day of November 2026 */
export function ledgerRun(
  day: number,
  { scenario = {}, ...parts }: Partial<LedgerRun> & { readonly scenario?: Partial<LedgerScenario> } = {},
): LedgerRun {
  const only = ledgerScenario(scenario);
  return {
    schemaVersion: 1,
    at: `2026-11-${String(day).padStart(2, '0')}T09:30:00.000Z`,
    mode: 'shadow',
    commit: String(day % 10).repeat(40),
    pullRequest: day,
    project: '',
    configuration: 'c0ffee',
    run: String(4700 + day),
    attempt: 1,
    job: 'job',
    seconds: 240,
    exitCode: only.verdict === 'fail' ? 1 : 0,
    scenarios: [only],
    ...parts,
  };
}
