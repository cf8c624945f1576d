import { describe, expect, it } from 'vitest';
import type { Coverage } from '../../src/config.ts';
import { coverageFindings } from '../../src/coverage/coverage.ts';
import { compareMeasurements, exitCodeOf } from '../../src/gate.ts';
import type { LogQuality, Measurement } from '../../src/measurement.ts';
import { formatResult } from '../../src/report/format.ts';
import { STANDARD } from '../compare/policies.ts';
import { CALL, CART, CART_EDGES, CART_OPERATION, cart, GONE, operation, QUERY, STOCK } from './sketched.ts';

function said(candidate: Measurement, baseline: Measurement = cart()): readonly string[] {
  return coverageFindings({ baseline, candidate }).map(({ state, message }) => `${state}: ${message}`);
}

describe('coverage', () => {
  it('has nothing to say where both sides have the same', () => {
    expect(said(cart({ id: 'other', seed: 7 }))).toEqual([]);
  });

  it('misses a service none of whose spans came', () => {
    const candidate = cart({ operations: operation({ [STOCK]: GONE, [QUERY]: GONE }) }, [[CART, CALL]]);
    expect(said(candidate)).toEqual([
      'missing: No span of "inventory" came any more; the baseline has 2 span names of it. Is it not called any more, or does it not send its spans here?',
    ]);
  });

  it('misses a call whose two ends are both there, and apart', () => {
    const candidate = cart({}, [
      [CART, CALL],
      [CALL, STOCK],
      [CART, QUERY],
    ]);
    expect(said(candidate)).toEqual([
      'missing: Spans that the baseline has below one another are apart now: "GET /stock -> pg.query SELECT stock". Was the call moved, or was its context lost on the way?',
    ]);
  });

  it('does not miss a call of a pool that connects now and then', () => {
    const baseline = cart({}, [...CART_EDGES, [CART, QUERY, 200]]);
    expect(said(cart(), baseline)).toEqual([]);
  });

  it('sees several names that became one', () => {
    const route = (id: string): Measurement['merged'] | object => ({
      latency: 0.01,
      spans: { [id]: { duration: 0.009 } },
    });
    const routes = (...ids: readonly string[]) =>
      cart({
        operations: Object.fromEntries(ids.map((id, index) => [`GET /${index}`, route(id)])) as never,
      });
    const before = routes(CART, 'server:shop:GET /orders/:id', 'server:shop:GET /health');
    expect(said(routes('server:shop:GET', 'server:shop:GET', 'server:shop:GET /health'), before)).toEqual([
      'collapsed: 2 span names of "shop" ("GET /cart", "GET /orders/:id") have become one, "GET", so its rows mix what differs. Does the span still know its route, or what it works on?',
    ]);
  });

  it('takes one name that became another for a rename, and not for a collapse', () => {
    const candidate = cart(
      { operations: operation({ [QUERY]: GONE, 'client:inventory:select': { duration: 0.004 } }) },
      [
        [CART, CALL],
        [CALL, STOCK],
        [STOCK, 'client:inventory:select'],
      ],
    );
    expect(said(candidate)).toEqual([]);
  });

  it('sees that a called service samples', () => {
    const sampled = { [STOCK]: { duration: 0.005, calls: 0.25 }, [QUERY]: { duration: 0.004, calls: 0.25 } };
    const candidate = cart({ operations: operation(sampled) }, [
      [CART, CALL],
      [CALL, STOCK, 800],
      [STOCK, QUERY, 800],
    ]);
    expect(said(candidate)).toEqual([
      'under-sampled: Of the calls to "inventory", its own spans came of 25 %, and of 100 % in the baseline: does it sample, or lose spans? Its calls and errors are counted too low.',
    ]);
  });

  it('does not take fewer calls for a sample', () => {
    const fewer = { [CALL]: { duration: 0.006, calls: 0.25 }, [STOCK]: { duration: 0.005, calls: 0.25 } };
    const candidate = cart({ operations: operation(fewer) }, [
      [CART, CALL, 800],
      [CALL, STOCK, 800],
      [STOCK, QUERY, 800],
    ]);
    expect(said(candidate)).toEqual([]);
  });

  it('does not take more calls to a stranger for a sample', () => {
    const more = cart({ operations: operation({ [CALL]: { duration: 0.006, calls: 2 } }) });
    expect(said(more)).toEqual([]);
  });

  it('sees a new operation without a server span', () => {
    const bare = { latency: 0.01, spans: { 'internal:shop:work': { duration: 0.001 } } };
    const candidate = cart({ operations: { 'GET /cart': CART_OPERATION, 'GET /new': bare } });
    expect(said(candidate)).toEqual([
      'no-server-span: The new operation "GET /new" has no server span, so only its clients see it. Is its route instrumented, and does the service pass `traceparent` on to it?',
    ]);
  });

  it('sees failed answers that no span calls an error', () => {
    const failing = (spanErrors: readonly number[]) =>
      cart({ operations: operation({ [CART]: { duration: 0.009, errors: spanErrors } }, { errors: [20] }) });
    expect(said(failing([1]))).toEqual([
      'error-without-status: Answers with a status of 500 and more have no span with an error status: "GET /cart". Set the status of the span to ERROR where the request fails, else its error rate says nothing.',
    ]);
    expect(said(failing([20]))).toEqual([]);
    // It was no better before.
    expect(said(failing([1]), failing([0]))).toEqual([]);
  });

  it('sees log lines that lost their trace ids', () => {
    const withLogs = (logs: Partial<LogQuality>): Measurement => {
      const measured = cart();
      return {
        ...measured,
        rounds: measured.rounds.map((round) => ({
          ...round,
          instances: round.instances.map((instance) => ({
            ...instance,
            quality: { ...instance.quality, logs: { records: 0, withoutTrace: 0, dropped: 0, ...logs } },
          })),
        })),
      };
    };
    const before = withLogs({ records: 40 });
    expect(said(withLogs({ withoutTrace: 40 }), before)).toEqual([
      'log-without-trace: 320 WARN or ERROR log records name no trace, and 0 in the baseline, so they count for no request. Does the logger still write trace_id and span_id?',
    ]);
    expect(said(withLogs({ withoutTrace: 40 }), withLogs({ withoutTrace: 30, records: 40 }))).toEqual([]);
  });

  it('sees names that multiply', () => {
    const orders = Array.from({ length: 12 }, (_, order) => [
      `internal:shop:order ${String.fromCharCode(97 + order)}`,
      { duration: 0.0001, calls: 0.1 },
    ]);
    expect(said(cart({ operations: operation(Object.fromEntries(orders)) }))).toEqual([
      'names-multiply: "shop" makes 14 span names, and 2 in the baseline; new are "order a", "order b", "order c" and 9 more. If a name holds an id, give the span a name with a placeholder.',
    ]);
  });
});

describe('a state of coverage', () => {
  const apart = cart({ id: 'head', roundPrefix: 'r' }, [
    [CART, CALL],
    [CALL, STOCK],
    [CART, QUERY],
  ]);

  function compared(coverage?: Coverage) {
    return compareMeasurements(cart({ id: 'base' }), apart, {
      scenario: { policy: STANDARD, ...(coverage && { coverage }) },
      world: { now: () => new Date('2026-01-02T00:00:00Z'), seed: 1, tool: 'spangate' },
    });
  }

  it('is a row at level warn in every report, and no reason to fail', () => {
    const result = compared();
    expect(result.comparisons[0]?.coverage).toMatchObject([
      { id: 'coverage | - | missing', state: 'missing', level: 'warn', service: null },
    ]);
    expect(result.verdict).not.toBe('fail');
    expect(exitCodeOf(result)).toBe(0);
    for (const format of ['terminal', 'markdown', 'html', 'json', 'junit'] as const) {
      const report = formatResult(result, format, { width: 400 });
      expect(report).toContain('are apart now');
      expect(report).toMatch(/missing[\s\S]*warn|warn[\s\S]*missing/);
    }
  });

  it('fails the gate where its level is fail, and is the reason in the first line', () => {
    const result = compared({ missing: 'fail' });
    expect(result.verdict).toBe('fail');
    expect(result.comparisons[0]?.coverage?.map(({ level }) => level)).toEqual(['fail']);
    expect(exitCodeOf(result)).toBe(1);
    const [first] = formatResult(result, 'terminal', { width: 400 }).split('\n');
    expect(first).toContain('fail: Spans that the baseline has below one another are apart now');
  });

  it('is not told where its level is off', () => {
    expect(JSON.stringify(compared({ missing: 'off' }))).not.toContain('are apart now');
  });
});
