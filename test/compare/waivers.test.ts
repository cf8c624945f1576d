import { describe, expect, it } from 'vitest';
import { needsConfirmation } from '../../src/compare/compare.ts';
import { applyWaivers } from '../../src/compare/waivers.ts';
import type { Waiver } from '../../src/config.ts';
import { row, rowId, span } from '../report/comparison-fixture.ts';
import { operations, together } from '../report/together-fixture.ts';

const OPERATION = 'GET /orders/:id';
const SUMMARIZE = span('summarize');
const FAILING = { verdict: 'regression', reason: 'slower', outcome: 'fail', candidate: 0.002 } as const;

function waiver(parts: Partial<Waiver> = {}): Waiver {
  return {
    operation: OPERATION,
    span: 'summarize',
    service: null,
    quantity: 'p50',
    reason: 'known',
    expires: '2026-12-31',
    source: { kind: 'config', line: 9 },
    ...parts,
  };
}

const apply = (
  rows: Parameters<typeof applyWaivers>[0],
  waivers: readonly Waiver[],
  today = '2026-03-05T09:31:00.000Z',
) => applyWaivers(rows, { waivers, today, isOpen: ({ reason }) => reason === 'screened' });

describe('a waiver', () => {
  const failing = row({ span: SUMMARIZE, quantity: 'p50', ...FAILING });

  it('keeps its row from failing, and leaves verdict and figures as they are', () => {
    const { rows, waivers } = apply([failing], [waiver()]);
    expect(rows).toEqual([{ ...failing, outcome: 'none', waivedBy: 0 }]);
    expect(waivers).toEqual([{ ...waiver(), state: 'applied' }]);
  });

  it('for a service accepts the rows of all that it is split into, and one of them alone where it is named', () => {
    const rows = ['eu', 'us'].map((region) =>
      row({ span: { ...SUMMARIZE, service: `shop{cloud.region=${region}}` }, quantity: 'p50', ...FAILING }),
    );
    const accepted = (service: string) =>
      apply(rows, [waiver({ service })]).rows.filter(({ waivedBy }) => waivedBy !== undefined).length;
    expect(accepted('shop')).toBe(2);
    expect(accepted('shop{cloud.region=eu}')).toBe(1);
    expect(accepted('shop{cloud.region=ap}')).toBe(0);
  });

  it.each<[string, Parameters<typeof row>[0], Partial<Waiver>]>([
    ['log records', { quantity: 'error-logs', service: 'api' }, { span: null, quantity: 'error-logs' }],
    [
      'those of a service',
      { quantity: 'warn-logs', service: 'api' },
      { span: null, service: 'api', quantity: 'warn-logs' },
    ],
    [
      'a metric, by its name',
      { quantity: 'metric', operation: null, metric: { name: 'heap', unit: 'By' } },
      { operation: null, span: 'heap', quantity: 'metric' },
    ],
  ])('accepts %s', (_, parts, named) => {
    const failed = row({ ...parts, ...FAILING });
    expect(apply([failed], [waiver(named)]).rows[0]?.waivedBy).toBe(0);
    const others = { span: named.span === null ? null : 'other', service: 'other' };
    expect(apply([failed], [waiver({ ...named, ...others })]).rows[0]?.waivedBy).toBeUndefined();
  });

  it('keeps a row that waits for a second measurement from keeping the gate open', () => {
    const seen = row({ span: SUMMARIZE, quantity: 'p50', verdict: 'inconclusive', reason: 'screened' });
    expect(apply([seen], [waiver()]).rows[0]?.waivedBy).toBe(0);
  });

  it.each<[string, Partial<Waiver>]>([
    ['another quantity', { quantity: 'p90' }],
    ['another operation', { operation: 'GET /orders' }],
    ['another span', { span: 'summarise' }],
    ['a part of the name', { span: 'summ*' }],
    ['another service', { service: 'other' }],
    ['the row of the load client', { span: null }],
    ['the row of the concurrency probe', { under: 'concurrency' }],
  ])('that names %s matches nothing, and says so', (_, parts) => {
    const { rows, waivers } = apply([failing], [waiver(parts)]);
    expect(rows).toEqual([failing]);
    expect(waivers[0]?.state).toBe('unmatched');
  });

  it('of the concurrency probe does not accept the row under the load itself', () => {
    const probed = { ...failing, id: `${failing.id} | concurrency`, under: 'concurrency' as const };
    const { rows } = apply([failing, probed], [waiver({ under: 'concurrency' })]);
    expect(rows.map(({ waivedBy }) => waivedBy)).toEqual([undefined, 0]);
  });

  it('without an operation accepts the span in every operation, and outside any', () => {
    const rows = [failing, row({ ...FAILING, operation: null, span: SUMMARIZE, quantity: 'p50' })];
    expect(apply(rows, [waiver({ operation: null })]).rows.map(({ outcome }) => outcome)).toEqual([
      'none',
      'none',
    ]);
  });

  it('of an operation alone accepts what the load client saw', () => {
    const rows = [failing, row({ quantity: 'p50', ...FAILING })];
    const { rows: waived } = apply(rows, [waiver({ span: null })]);
    expect(waived.map(({ id, outcome }) => [id, outcome])).toEqual([
      [rowId(OPERATION, SUMMARIZE, 'p50'), 'fail'],
      [rowId(OPERATION, null, 'p50'), 'none'],
    ]);
  });

  it('is not needed where its row does not fail', () => {
    const warned = { ...failing, outcome: 'warn' as const };
    const { rows, waivers } = apply([warned], [waiver()]);
    expect(rows).toEqual([warned]);
    expect(waivers[0]?.state).toBe('unneeded');
  });

  it('counts to the end of its last day, in UTC, and not longer', () => {
    const states = ['2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'].map(
      (today) => apply([failing], [waiver()], today).waivers[0]?.state,
    );
    expect(states).toEqual(['applied', 'expired']);
    expect(apply([failing], [waiver()], '2027-01-01T00:00:00.000Z').rows).toEqual([failing]);
  });

  it('is told of the first one where several accept the same row', () => {
    const { rows, waivers } = apply(
      [failing],
      [waiver({ expires: '2026-01-01' }), waiver(), waiver({ operation: null })],
    );
    expect(rows[0]?.waivedBy).toBe(1);
    expect(waivers.map(({ state }) => state)).toEqual(['expired', 'applied', 'applied']);
  });

  it('leaves what fails in front, and what it accepted before what has no outcome', () => {
    const other = row({ span: span('other'), quantity: 'p50', ...FAILING });
    const warned = {
      ...row({ span: span('warned'), quantity: 'p50', ...FAILING }),
      outcome: 'warn' as const,
    };
    const quiet = row({ quantity: 'p90' });
    const { rows } = apply([failing, other, warned, quiet], [waiver()]);
    expect(rows.map(({ id }) => id)).toEqual([other, warned, failing, quiet].map(({ id }) => id));
  });
});

describe('a comparison with waivers', () => {
  const head = operations({ summarize: 1.11 });
  const all = (quantity: Waiver['quantity']) => [
    waiver({ quantity }),
    waiver({ quantity, span: OPERATION }),
    waiver({ quantity, span: null }),
  ];
  const waivers = [...all('p50'), ...all('p90'), ...all('p95')];

  it('passes where each row that would fail is accepted', () => {
    expect(together({ head, confirm: 3 }).verdict).toBe('fail');
    const accepted = together({ head, confirm: 3, waivers });
    expect(accepted.verdict).toBe('pass');
    expect(accepted.rows.some(({ outcome }) => outcome === 'fail')).toBe(false);
    expect(accepted.waivers?.[0]?.state).toBe('applied');
  });

  it('fails where a row is left', () => {
    expect(together({ head, confirm: 3, waivers: waivers.slice(1) }).verdict).toBe('fail');
  });

  it('needs no second measurement of what is accepted', () => {
    const rows = together({ head }).rows.filter(({ reason }) => reason === 'screened');
    expect(rows.length).toBeGreaterThan(0);
    expect(needsConfirmation(together({ head }))).toBe(true);
    const accepted = together({ head, waivers });
    expect(needsConfirmation(accepted)).toBe(false);
    expect(accepted.verdict).toBe('pass');
  });
});
