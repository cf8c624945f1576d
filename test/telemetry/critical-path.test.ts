/** Each file of fixtures/critical-paths/ is a trace drawn by hand, and what holds its path and who calls whom in it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assembleTraces, type RequestTraces } from '../../src/telemetry/trace-assembly.ts';
import { DRAWN_RUN_TAG, type DrawnSpan, drawTable } from './drawn-spans.ts';

const CASES = fileURLToPath(new URL('./fixtures/critical-paths/', import.meta.url));

type Drawn = Omit<DrawnSpan, 'trace'>;

describe('the critical path and the calls', () => {
  test.each(readdirSync(CASES).filter((name) => name.endsWith('.json')))('of %s', (name) => {
    const { spans, critical, edges } = JSON.parse(readFileSync(CASES + name, 'utf8'));
    const found = plain(assembled(spans));
    if (JSON.stringify(found) !== JSON.stringify({ critical, edges })) {
      writeFileSync(`${CASES}${name}.got`, `${JSON.stringify(found, null, 2)}\n`);
    }
    expect(found).toEqual({ critical, edges });
  });
});

/** Any tree: each span has an earlier one for a parent, and lies wherever it likes. */
const anyTrace = fc
  .array(
    fc.record({
      parent: fc.nat(),
      name: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom('internal', 'client', 'server', 'producer') as fc.Arbitrary<'internal'>,
      service: fc.constantFrom('shop', 'stock'),
      start: fc.nat(30),
      duration: fc.nat(20),
    }),
    { maxLength: 25 },
  )
  .map((spans): readonly Drawn[] => [
    { id: 1, parent: 'minted', name: 'root', kind: 'server', start: 5, duration: 10 },
    ...spans.map((span, index) => ({ ...span, id: index + 2, parent: 1 + (span.parent % (index + 1)) })),
  ]);

test('the parts of a critical path are never negative, and add up to the root span', () => {
  fc.assert(
    fc.property(anyTrace, (spans) => {
      const { seconds } = assembled(spans).critical;
      const parts = [...seconds.values()];
      expect(Math.min(...parts)).toBeGreaterThanOrEqual(-1e-9);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(10, 9);
    }),
  );
});

test('of the slowest tenth of the traces is kept apart, and two traces are chosen to be shown', () => {
  const traces = Array.from({ length: 21 }, (_, serial) => serial);
  const table = drawTable(
    traces.map((serial) => ({
      ...{ trace: { request: 0, serial }, id: serial + 1, parent: 'minted' as const, name: 'root' },
      ...{ start: serial * 100, duration: serial + 1 },
      ...(serial === 3 && { error: 'Timeout' }),
    })),
  );
  const [request] = assembleTraces({ spans: table }, OPTIONS).requests;
  expect(request?.tail).toEqual({ traces: 2, seconds: new Map([['internal:shop:root', 41]]) });
  expect(request?.exemplars.map(({ why, durationSeconds }) => [why, durationSeconds])).toEqual([
    ['typical', 11],
    ['slow', 20],
    ['error', 4],
  ]);
});

describe('of requests, some of which failed', () => {
  const request = (serial: number, { duration, error }: { duration: number; error?: string }) => [
    {
      ...{ trace: { request: 0, serial }, id: 10 * serial, parent: 'minted' as const, name: 'root' },
      ...{ kind: 'server' as const, start: 100 * serial, duration },
      ...(error !== undefined && { error }),
    },
    {
      ...{ trace: { request: 0, serial }, id: 10 * serial + 1, parent: 10 * serial, name: 'query' },
      ...{ kind: 'client' as const, start: 100 * serial, duration: duration - 1 },
    },
  ];
  const tracesOf = (spans: readonly DrawnSpan[]): RequestTraces | undefined =>
    assembleTraces({ spans: drawTable(spans) }, OPTIONS).requests[0];

  test('the path is that of the others, as their latency is', () => {
    const found = tracesOf([...request(1, { duration: 3 }), ...request(2, { duration: 50, error: '500' })]);
    expect(found?.traces).toBe(2);
    expect(found?.critical).toEqual({
      traces: 1,
      seconds: new Map([
        ['client:shop:query', 2],
        ['server:shop:root', 1],
      ]),
    });
  });

  test('the path is that of all, where none did not fail', () => {
    const found = tracesOf(request(1, { duration: 50, error: '500' }));
    expect(found?.critical.traces).toBe(1);
    expect(found?.exemplars.map(({ why }) => why)).toEqual(['error']);
  });

  test('a request is a usual one where a span below failed and it did not', () => {
    const handled = [1, 2, 3].flatMap((serial) => {
      const [root, query] = request(serial, { duration: serial + 1 });
      return root && query ? [root, { ...query, error: 'NOT_FOUND' }] : [];
    });
    const failed = request(4, { duration: 2, error: '500' });
    expect(
      tracesOf([...handled, ...failed])?.exemplars.map(({ why, durationSeconds }) => [why, durationSeconds]),
    ).toEqual([
      ['typical', 3],
      ['slow', 4],
      ['error', 2],
      ['error', 4],
    ]);
  });
});

test('an example trace has its spans by start, each with the place of its parent', () => {
  const [typical] = assembled([
    { id: 1, parent: 'minted', name: 'root', kind: 'server', start: 5, duration: 10 },
    { id: 2, parent: 3, name: 'query', kind: 'client', start: 8, duration: 1 },
    { id: 3, parent: 1, name: 'work', start: 6, duration: 4 },
    { id: 4, parent: 99, name: 'lost parent', start: 7, duration: 1 },
  ]).exemplars;
  expect(typical?.spans).toEqual([
    { span: 'server:shop:root', start: 0, duration: 10 },
    { span: 'internal:shop:work', start: 1, duration: 4, parent: 0 },
    { span: 'internal:shop:lost parent', start: 2, duration: 1 },
    { span: 'client:shop:query', start: 3, duration: 1, parent: 1 },
  ]);
});

const OPTIONS = { runTag: DRAWN_RUN_TAG, requests: 1, phase: 'measured' } as const;

function assembled(spans: readonly Drawn[]): RequestTraces {
  const table = drawTable(spans.map((span) => ({ ...span, trace: { request: 0, serial: 1 } })));
  const [request] = assembleTraces({ spans: table }, OPTIONS).requests;
  if (!request) throw new Error('one request');
  return request;
}

function plain({ critical, edges }: RequestTraces): object {
  const seconds = [...critical.seconds].filter(([, own]) => own > 1e-9);
  return {
    critical: Object.fromEntries(seconds.map(([id, own]) => [id, Math.round(own * 1e9) / 1e9])),
    edges: Object.fromEntries(
      [...edges].flatMap(([parent, children]) =>
        [...children].map(([child, { calls, overlapping, retries }]) => [
          `${parent} -> ${child}`,
          { calls, ...(overlapping > 0 && { overlapping }), ...(retries > 0 && { retries }) },
        ]),
      ),
    ),
  };
}
