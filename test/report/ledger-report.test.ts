import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { ledgerSummary } from '../../src/ledger/ledger-summary.ts';
import { formatLedger } from '../../src/report/ledger-report.ts';
import { LISTS, ledgerRun, ROWS } from '../ledger/ledger-fixture.ts';
import { expectGolden } from './golden.ts';

const [P50, CALLS] = ROWS;
const HOSTILE = '::error::owned @everyone <b>\u202e`|';

const RED = ledgerRun(9, { scenario: { failed: [P50, CALLS], failures: 7 } });

const SUMMARY = ledgerSummary(
  {
    runs: [
      ...[1, 2, 3, 4, 5].map((day) => ledgerRun(day)),
      ledgerRun(6, { mode: 'gate', pullRequest: null, scenario: { failed: [CALLS] } }),
      ledgerRun(7, { commit: '6'.repeat(40), project: 'services/orders', scenario: { waived: [CALLS] } }),
      ledgerRun(8, { exitCode: 3, error: 'service-exited', scenarios: [] }),
      RED,
      ledgerRun(10, { commit: RED.commit, pullRequest: 9, run: RED.run, attempt: 2 }),
      ledgerRun(11, { scenario: { failed: [HOSTILE] } }),
    ],
    rows: LISTS,
    unread: 2,
  },
  { runsNeeded: 5 },
);

describe('the ledger', () => {
  test.each([
    ['terminal', 'txt'],
    ['markdown', 'md'],
    ['json', 'json'],
  ] as const)('as %s', (format, extension) => {
    expectGolden(`ledger.${extension}`, formatLedger(SUMMARY, format));
  });

  test('is never wider than the terminal, and gives a CI no command', () => {
    const text = formatLedger(SUMMARY, 'terminal', { width: 80 });
    expect(Math.max(...text.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(80);
    expect(text).not.toMatch(/^\s*::/m);
  });
});
