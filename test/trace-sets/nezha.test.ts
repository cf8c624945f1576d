import { describe, expect, it } from 'vitest';
import { blamedServices } from '../../bench/trace-sets/blamed-services.ts';
import { calleeOf, nezhaSpans, serviceOfPod } from '../../bench/trace-sets/nezha-spans.ts';
import { SPAN_KINDS } from '../../src/telemetry/span-table.ts';

const HEADER = 'TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration';
const PODS = { shop: 'shop-579b9bff58-t2dbm', stock: 'cart-stock-5f6-abcde' };
const MILLISECOND = 1_000_000n;
const START = 1_661_140_434_000_000_000n;

interface Work {
  /** Milliseconds of the query, and of the function of the shop. */
  readonly query?: number;
  readonly render?: number;
  readonly queries?: number;
}

/** Fifty requests: the shop calls the stock, which sends queries, and then renders. */
function file(work: Work): string {
  const { query = 2, render = 3, queries = 1 } = work;
  const lines = Array.from({ length: 50 }, (_, request) => {
    const trace = String(request + 1).padStart(32, 'a');
    const id = (span: string): string => `${String(request).padStart(13, '0')}${span}`;
    const at = START + BigInt(request) * 100n * MILLISECOND;
    const line = (
      id: string,
      parent: string,
      pod: string,
      name: string,
      [from, to]: readonly [number, number],
    ) => [
      trace,
      id,
      parent,
      pod,
      name,
      at + BigInt(from) * MILLISECOND,
      at + BigInt(to) * MILLISECOND,
      (to - from) * 1000,
    ];
    const inside = queries * query;
    return [
      line(id('0a1'), 'root', PODS.shop, 'Recv, all', [0, 4 + inside + render]),
      line(id('0a2'), id('0a1'), PODS.shop, 'Stock/Get', [1, 3 + inside]),
      line(id('0a3'), id('0a2'), PODS.stock, 'Stock/Get', [2, 2 + inside]),
      ...Array.from({ length: queries }, (_each, index) =>
        line(id(`0b${index}`), id('0a3'), PODS.stock, 'select', [2 + index * query, 2 + (index + 1) * query]),
      ),
      line(id('0a5'), id('0a1'), PODS.shop, 'render', [4 + inside, 4 + inside + render]),
    ];
  });
  return [HEADER, ...lines.flat().map((cells) => cells.join(',')), ''].join('\n');
}

const blamed = (before: Work, after: Work): readonly string[] =>
  blamedServices(nezhaSpans(file(before)), nezhaSpans(file(after))).map(({ service }) => service);

describe('spans of the Nezha set', () => {
  it('are read with times to the nanosecond, services without the names of pods, and kinds from their other ends', () => {
    const table = nezhaSpans(file({}));
    expect(table.count).toBe(250);
    const spans = [0, 1, 2, 3].map((row) => [
      table.services[table.serviceIds[row] ?? 0],
      SPAN_KINDS[table.kinds[row] ?? 0],
      table.names[table.nameIds[row] ?? 0],
    ]);
    expect(spans).toEqual([
      ['shop', 'server', 'Recv, all'],
      ['shop', 'client', 'Stock/Get -> cart-stock'],
      ['cart-stock', 'server', 'Stock/Get'],
      ['cart-stock', 'internal', 'select'],
    ]);
    expect(table.epochSeconds).toBe(1_661_140_434);
    expect(table.startSeconds[1]).toBeCloseTo(0.001, 9);
    expect([...table.parentIds.slice(0, 4)]).toEqual([0, 0, 0, 0xa1]);
    expect(calleeOf('Stock/Get -> cart-stock')).toBe('cart-stock');
    expect(serviceOfPod('ts-order-other-service-6cdbf9b4cc-h7mqk')).toBe('ts-order-other-service');
  });

  it('are refused by line where they are none', () => {
    expect(() => nezhaSpans(`${HEADER}\n1,2,3\n`)).toThrow(/line 2 of the traces is no span: 1,2,3/);
  });
});

describe('the blamed service', () => {
  it('is none where nothing changed', () => {
    expect(blamed({}, {})).toEqual([]);
  });

  it('is the one that became slower, and not its caller', () => {
    expect(blamed({}, { query: 20 })[0]).toBe('cart-stock');
    expect(blamed({}, { render: 30 })[0]).toBe('shop');
  });

  it('is the one whose constant calls changed, before one that became slower', () => {
    expect(blamed({}, { queries: 2, render: 90 })).toEqual(['cart-stock', 'shop']);
    expect(blamed({}, { queries: 0, render: 90 })[0]).toBe('cart-stock');
  });
});
