import { expect, test } from 'vitest';
import { ledgerNote } from '../../src/ledger/ledger-run.ts';
import { conforms } from '../../src/schema.ts';
import { comparison, row } from '../report/comparison-fixture.ts';
import { ledgerRun } from './ledger-fixture.ts';

const { schemaVersion: _, scenarios: __, ...FACTS } = ledgerRun(1);

test('a line holds what failed, what was accepted, and which rows are open, by their list', () => {
  const rows = [
    row({ quantity: 'p50', outcome: 'fail', verdict: 'regression' }),
    row({ quantity: 'p90', verdict: 'inconclusive', reason: 'noisy' }),
    row({ quantity: 'calls', verdict: 'regression', waivedBy: 0 }),
    row({ quantity: 'self', level: 'off' }),
    row({ quantity: 'error-rate', verdict: 'added', reason: 'new-span' }),
  ];
  const { run, rows: lists } = ledgerNote([comparison({ verdict: 'fail', rows })], FACTS);
  expect(conforms('ledger-run', run)).toBe(true);
  const [scenario] = run.scenarios;
  expect(scenario).toMatchObject({
    verdict: 'fail',
    failed: ['GET /orders/:id | - | p50'],
    failures: 1,
    waived: ['GET /orders/:id | - | calls'],
    open: [2],
  });
  expect(lists.get(scenario?.rows ?? '')).toEqual(
    ['calls', 'p50', 'p90'].map((each) => `GET /orders/:id | - | ${each}`),
  );
});

test('runs with the same rows name the same list, in whatever order', () => {
  const rows = [row({ quantity: 'p50' }), row({ quantity: 'p90' })];
  const [first, second] = [rows, rows.toReversed()].map(
    (each) => ledgerNote([comparison({ verdict: 'pass', rows: each })], FACTS).run.scenarios[0]?.rows,
  );
  expect(first).toBe(second);
});

test('of thousands of failed rows a hundred are named, and all are counted', () => {
  const rows = Array.from({ length: 3000 }, (__, index) =>
    row({ quantity: 'p50', operation: `GET /${index}`, outcome: 'fail', verdict: 'regression' }),
  );
  const { run } = ledgerNote([comparison({ verdict: 'fail', rows })], FACTS);
  expect(run.scenarios[0]).toMatchObject({ failures: 3000, failed: { length: 100 } });
});
