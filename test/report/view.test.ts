import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppliedWaiver, GateVerdict, Row } from '../../src/compare/comparison.ts';
import { waives } from '../../src/compare/waivers.ts';
import { parseWaiverTrailer } from '../../src/config/waiver-trailer.ts';
import { formatResult } from '../../src/report/format.ts';
import { plainText } from '../../src/report/phrase.ts';
import { viewOf } from '../../src/report/view.ts';
import type { ScenarioView } from '../../src/report/view-model.ts';
import { CASES } from './cases.ts';
import { comparison, quietRows, result, row, rowId, span } from './comparison-fixture.ts';

const FAILED = { verdict: 'regression', reason: 'slower', outcome: 'fail', candidate: 0.002 } as const;
const WARNED = { ...FAILED, outcome: 'warn' } as const;
const A = span('a');
const B = span('b');
const OPERATION = 'GET /orders/:id';

function scenarioOf(rows: readonly Row[]): ScenarioView {
  const verdict = rows.some(({ outcome }) => outcome === 'fail') ? 'fail' : 'pass';
  const [scenario] = viewOf(result(comparison({ verdict, rows }))).scenarios;
  if (!scenario) throw new Error('no scenario');
  return scenario;
}

describe('the first line', () => {
  const lines: Readonly<Record<string, string>> = {
    pass: 'pass: 32 rows unchanged in 2 operations',
    'fail-loop-and-slow-span':
      'fail: GET /orders/:id: calls of pg.query SELECT order_lines in orders-api 1 -> 11 a request (N+1: was constant, is constant); and 1 more',
    'fail-errors':
      'fail: GET /orders/:id > pg.query SELECT orders in orders-api: error rate 0 % -> 4.7 % (p < 0.0001), 8 instances each; and 1 more',
    warned:
      'pass with 1 warning: GET /orders/:id > summarize in orders-api: p50 +0.33 ms (+32 %, 95 % interval +28 % to +36 %, limit +25 %), 8 instances each',
    'nothing-compared':
      'nothing compared: there is no baseline yet; measured 10,620 requests in 2 operations, p50 differs by 2.0 % between instances',
    'other-workload':
      'nothing compared: the baseline was measured with another workload (duration: 8 s and 4 s). Record it anew with this one: spangate baseline record',
    'inconclusive-spans-missing':
      'inconclusive: No request of "GET /orders/:id" was completed, which the baseline has; it was not compared.',
    error: 'error: The service answered 5,310 requests and recorded no span at all.',
    scenarios:
      'fail in 1 of 3 scenarios: orders: GET /orders/:id: calls of pg.query SELECT order_lines in orders-api 1 -> 11 a request (N+1: was constant, is constant); and 1 more',
  };
  for (const [name, line] of Object.entries(lines)) {
    it(`of ${name} says the verdict and the worst cause`, () => {
      expect(plainText(viewOf(CASES[name] ?? result()).headline)).toBe(line);
    });
  }

  it('of scenarios that pass has what each of them would not keep to itself', () => {
    const waiver: AppliedWaiver = {
      ...{ operation: OPERATION, span: 'a', service: null, quantity: 'p50', state: 'applied' },
      ...{ reason: 'known', expires: '2026-12-31', source: { kind: 'commit', sha: 'abcdef0' } },
    };
    const accepted = row({ span: A, quantity: 'p50', ...FAILED, outcome: 'none', waivedBy: 0 });
    const loosened = [
      {
        ...{ cause: 'limit-changed', what: 'limits.p50.fail', from: 0.04, to: 0.4, rows: null },
        ...{ line: 3, baseLine: null },
      } as const,
    ];
    const pass = (scenario: string, parts: object) =>
      comparison({ scenario, verdict: 'pass', mode: 'together', rows: quietRows(), ...parts });
    const { headline } = viewOf(
      result(
        pass('orders', {}),
        pass('checkout', { rows: [accepted], waivers: [waiver] }),
        pass('search', { loosened }),
      ),
    );
    expect(plainText(headline)).toMatch(
      /^pass in all 3 scenarios with 1 accepted regression, 1 limit loosened: checkout: GET \/orders\/:id > a in orders-api: p50/,
    );
  });

  it('has a name that is warned of as a whole, whatever is in it', () => {
    const coverage = [
      {
        id: 'coverage | cart: add item | no-server-span',
        state: 'no-server-span',
        level: 'warn',
        operation: 'cart: add item',
        service: null,
        message: 'The new operation "cart: add item" has no server span. Look there.',
      } as const,
    ];
    const { headline } = viewOf(result(comparison({ verdict: 'pass', rows: quietRows(), coverage })));
    expect(plainText(headline)).toMatch(
      /^pass with 1 warning: The new operation "cart: add item" has no server span/,
    );
  });

  it('does not say that there is no baseline where nothing of it was found again', () => {
    const rows = [
      row({ span: A, quantity: 'calls', verdict: 'removed', reason: 'missing-span', candidate: null }),
    ];
    const { headline } = viewOf(result(comparison({ verdict: 'nothing-compared', rows })));
    expect(plainText(headline)).toBe(
      'nothing compared: the baseline and this measurement have no operation or span in common',
    );
  });

  const added = (candidate: number) =>
    row({
      span: B,
      quantity: 'calls',
      verdict: 'added',
      reason: 'new-span',
      outcome: 'none',
      baseline: 0,
      candidate,
    });

  it('does not call a new span a warning where nothing flags it', () => {
    const scenario = scenarioOf([...quietRows(), added(1)]);
    expect(plainText(scenario.headline)).toMatch(/^pass: \d+ rows unchanged/);
    expect(scenario.moved).toHaveLength(1);
  });

  it('leaves out a span that came up in a few requests only', () => {
    expect(scenarioOf([...quietRows(), added(0.003)]).moved).toHaveLength(0);
  });

  it('of nothing at all is no pass', () => {
    expect(plainText(viewOf(result()).headline)).toBe('error: no scenario was compared');
  });
});

describe('a sentence', () => {
  const sentences = (rows: readonly Row[]) =>
    scenarioOf(rows).failed.map(({ sentence }) => plainText(sentence));

  it('tells a slower span by shift, effect, interval, limit and instances', () => {
    const slower = row({
      span: span('summarize'),
      quantity: 'p50',
      ...FAILED,
      candidate: 0.00164,
      interval: { lower: 1.55, upper: 1.66, level: 0.95 },
    });
    expect(sentences([slower])).toEqual([
      'GET /orders/:id > summarize: p50 +0.62 ms (+61 %, 95 % interval +55 % to +66 %, limit +25 %), 8 instances each',
    ]);
  });

  it('tells further quantities of the same span in the same breath', () => {
    const rows = [row({ span: A, quantity: 'p90', ...FAILED }), row({ span: A, quantity: 'p50', ...FAILED })];
    expect(sentences(rows)).toHaveLength(1);
    expect(sentences(rows)[0]).toMatch(/p50 \+0\.98 ms .*; also p90 \+96 %$/);
  });

  it('tells what the load client saw as such', () => {
    expect(sentences([row({ quantity: 'p50', ...FAILED })])[0]).toMatch(/^GET \/orders\/:id: client p50 /);
  });

  it('tells one more call from a query in a loop', () => {
    const calls = (candidate: number) =>
      row({ span: A, quantity: 'calls', ...FAILED, reason: 'calls-constant-changed', candidate });
    expect(sentences([calls(2)])[0]).toBe(
      'GET /orders/:id: calls of a 1 -> 2 a request (was constant, is constant)',
    );
    expect(sentences([calls(3)])[0]).toContain('(N+1: ');
  });

  it('tells spans outside any request as such', () => {
    const rows = [row({ operation: null, span: A, quantity: 'p50', ...FAILED })];
    expect(sentences(rows)[0]).toMatch(/^outside requests > a: p50/);
  });
});

describe('rows that another row explains', () => {
  const client = row({ quantity: 'p50', ...FAILED, explainedBy: rowId(OPERATION, A, 'p50') });

  it('are folded under it', () => {
    const { failed } = scenarioOf([client, row({ span: A, quantity: 'p50', ...FAILED })]);
    expect(failed.map(({ subject }) => plainText(subject))).toEqual(['GET /orders/:id > a']);
    expect(failed[0]?.explains).toEqual([client]);
    expect(failed[0]?.notes.map(plainText)).toEqual([
      'explains 1 more row: GET /orders/:id client p50 +96 %',
    ]);
  });

  it('make it a failure even where it only warns itself', () => {
    const { failed, moved } = scenarioOf([client, row({ span: A, quantity: 'p50', ...WARNED })]);
    expect(failed).toHaveLength(1);
    expect(moved).toEqual([]);
  });

  it('follow a chain to its end', () => {
    const middle = row({ span: B, quantity: 'p50', ...FAILED, explainedBy: rowId(OPERATION, A, 'p50') });
    const far = { ...client, explainedBy: middle.id };
    const { failed } = scenarioOf([far, middle, row({ span: A, quantity: 'p50', ...FAILED })]);
    expect(failed).toHaveLength(1);
    expect(failed[0]?.explains).toHaveLength(2);
  });

  it('stand alone where the cause is unknown, unchanged, better, or the row itself', () => {
    for (const cause of [
      [],
      [row({ span: A, quantity: 'p50' })],
      [row({ span: A, quantity: 'p50', verdict: 'improvement', reason: 'faster', candidate: 0.0005 })],
    ]) {
      expect(scenarioOf([client, ...cause]).failed[0]?.rows).toEqual([client]);
    }
    const own = { ...client, explainedBy: client.id };
    expect(scenarioOf([own]).failed[0]?.rows).toEqual([own]);
  });

  it('stand alone where they explain one another', () => {
    const other = row({ span: A, quantity: 'p50', ...FAILED, explainedBy: client.id });
    expect(scenarioOf([client, other]).failed).toHaveLength(2);
  });
});

describe('every row that fails', () => {
  it('is in a finding that failed, in every case', () => {
    for (const each of Object.values(CASES)) {
      for (const scenario of viewOf(each).scenarios) {
        const told = scenario.failed.flatMap(({ rows, explains }) => [...rows, ...explains]);
        for (const failing of scenario.rows.filter(({ outcome }) => outcome === 'fail')) {
          expect(told).toContain(failing);
        }
      }
    }
  });
});

describe('rows of level off', () => {
  it('are counted, and neither flagged nor called undecided', () => {
    const off = { level: 'off' } as const;
    const scenario = scenarioOf([
      ...quietRows(),
      row({ span: A, quantity: 'p99', ...FAILED, outcome: 'none', ...off }),
      row({ span: A, quantity: 'p95', verdict: 'inconclusive', reason: 'noisy', ...off }),
    ]);
    expect([scenario.failed, scenario.moved, scenario.undecided]).toEqual([[], [], []]);
    expect(plainText(scenario.unchanged.sentence)).toContain('2 more rows shown only, not gated');
  });
});

describe('scenarios', () => {
  it('are told worst first', () => {
    const { scenarios } = viewOf(CASES.scenarios ?? result());
    expect(scenarios.map(({ name }) => name)).toEqual(['orders', 'checkout', 'catalogue']);
  });
});

describe('what a waiver accepts', () => {
  const waiver: AppliedWaiver = {
    operation: OPERATION,
    span: 'a',
    service: null,
    quantity: 'p50',
    reason: 'known',
    expires: '2026-12-31',
    state: 'applied',
    source: { kind: 'config', line: 9 },
  };
  const accepted = row({ span: A, quantity: 'p50', ...FAILED, outcome: 'none', waivedBy: 0 });
  const viewWith = (rows: readonly Row[], verdict: GateVerdict = 'pass') =>
    viewOf(result(comparison({ verdict, rows, mode: 'together', waivers: [waiver] }))).scenarios[0];

  it('is told by name in the headline of a pass', () => {
    const scenario = viewWith([accepted, ...quietRows()]);
    expect(plainText(scenario?.headline ?? [])).toMatch(/^pass with 1 accepted regression: GET .* > a in /);
    expect(scenario?.accepted).toHaveLength(1);
    expect(scenario?.moved).toHaveLength(0);
  });

  it('hides no failure that follows from it', () => {
    const client = row({ quantity: 'p50', ...FAILED, explainedBy: accepted.id });
    const scenario = viewWith([client, accepted], 'fail');
    expect(scenario?.failed.map(({ rows }) => rows)).toEqual([[client]]);
    expect(scenario?.failed[0]?.notes.map(plainText)).toEqual([
      'follows from GET /orders/:id > a p50, which is accepted; this is not',
    ]);
  });

  it('is told with what of the same span fails all the same', () => {
    const scenario = viewWith([row({ span: A, quantity: 'p90', ...FAILED }), accepted], 'fail');
    expect(scenario?.accepted).toHaveLength(0);
    expect(scenario?.failed[0]?.rows.map(({ quantity }) => quantity)).toEqual(['p90', 'p50']);
    expect(scenario?.failed[0]?.notes.map(plainText)).toEqual([
      'p50: accepted until 2026-12-31 (configuration, line 9): known',
    ]);
  });
});

describe('a waiver of several scenarios', () => {
  const waiver = {
    ...{ operation: OPERATION, span: 'a', service: null, reason: 'known', expires: '2026-12-31' },
    ...{ quantity: 'p50' as const, source: { kind: 'commit' as const, sha: 'abcdef0123' } },
  };
  const waiversOf = (...states: readonly AppliedWaiver['state'][]) =>
    viewOf(
      result(
        ...states.map((state) =>
          comparison({ verdict: 'pass', rows: quietRows(), waivers: [{ ...waiver, state }] }),
        ),
      ),
    ).scenarios.map(({ waivers }) => waivers.map(plainText).join());

  it('is told where it has a row, and nowhere else', () => {
    expect(waiversOf('unmatched', 'unneeded')).toEqual([
      '',
      'p50 of a in GET /orders/:id needs no waiver any more, since it does not fail (commit abcdef0): known',
    ]);
  });

  it('is told everywhere where it has none', () => {
    const told = 'p50 of a in GET /orders/:id matches no row of this scenario (commit abcdef0): known';
    expect(waiversOf('unmatched', 'unmatched')).toEqual([told, told]);
  });
});

describe('the trailer that a failure suggests', () => {
  const failing = (service: string) =>
    row({ span: span('query', 'client', service), quantity: 'p50', ...FAILED, id: `p50 of ${service}` });
  const trailerOf = (rows: readonly Row[]): string => {
    const { scenarios } = viewOf(result(comparison({ verdict: 'fail', mode: 'together', rows })));
    return plainText(scenarios[0]?.next.at(-1) ?? []);
  };

  it('names the service where another has a span of that name', () => {
    expect(trailerOf([failing('orders'), failing('stock')])).toContain('of query from orders in');
    expect(trailerOf([failing('orders')])).toContain('of query in');
    const logs = (service: string) =>
      row({ quantity: 'error-logs', service, ...FAILED, id: `logs of ${service}` });
    const line = trailerOf([logs('orders'), logs('stock')]);
    expect(parseWaiverTrailer(line.replace(/^Spangate-Accept: /, ''))).toMatchObject({
      waivers: [{ quantity: 'error-logs', span: null, service: 'orders', operation: OPERATION }],
    });
  });

  it('can be copied from Markdown, whatever its names would mean there', () => {
    const operation = 'OrdersController#show of @users at amqp://host';
    const rows = [row({ operation, quantity: 'p50', ...FAILED })];
    const markdown = formatResult(
      result(comparison({ verdict: 'fail', mode: 'together', rows })),
      'markdown',
    );
    expect(markdown).toContain(`\`Spangate-Accept: p50 in "${operation}" until 2026-06-03: why\``);
  });

  const names = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 30 })
    .filter((text) => text.trim() !== '');

  it('is read as a waiver of just the rows that fail', () => {
    fc.assert(
      fc.property(names, names, fc.boolean(), (operation, spanName, ofSpan) => {
        const subject = { operation, span: ofSpan ? span(spanName) : null };
        const rows = [
          row({ ...subject, quantity: 'p50', ...FAILED }),
          row({ ...subject, quantity: 'p90', ...FAILED }),
          row({ ...subject, quantity: 'p95', ...WARNED }),
        ];
        const { scenarios } = viewOf(result(comparison({ verdict: 'fail', mode: 'together', rows })));
        const line = plainText(scenarios[0]?.next.at(-1) ?? []);
        const parsed = parseWaiverTrailer(line.replace(/^Spangate-Accept: /, ''));
        const waivers = 'waivers' in parsed ? parsed.waivers : [];
        expect(waivers.map(({ quantity }) => quantity)).toEqual(['p50', 'p90']);
        for (const fields of waivers) {
          const waiver = { ...fields, source: { kind: 'config', line: 1 } } as const;
          expect(rows.filter((each) => waives(waiver, each))).toHaveLength(1);
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});
