import { describe, expect, it } from 'vitest';
import { RoundSpans } from '../../src/handing-on/round-spans.ts';
import type { SpanBody } from '../../src/handing-on/send-spans.ts';
import { decodeJsonTraces } from '../../src/telemetry/otlp/decode-json-traces.ts';
import { OtlpSpan } from '../../src/telemetry/otlp/otlp-span.ts';
import { SpanRows } from '../../src/telemetry/otlp/span-rows.ts';
import { parentIdOf, spanIdOf, traceIdOf } from '../../src/telemetry/span-table.ts';
import { DRAWN_RUN_TAG, type DrawnSpan, drawnTraceId, drawTable } from '../telemetry/drawn-spans.ts';
import { fieldsOf, tableOf } from '../telemetry/otlp/sdk-spans.ts';

const TRACE = { request: 0, serial: 1 };
const SPANS: readonly DrawnSpan[] = [
  { trace: TRACE, id: 1, parent: 'minted', name: 'GET /cart', kind: 'server', start: 1, duration: 0.5 },
  {
    trace: TRACE,
    id: 2,
    parent: 1,
    name: 'stock',
    service: 'inventory',
    error: 'Gone',
    start: 1.1,
    duration: 0.25,
  },
  {
    trace: { ...TRACE, phase: 'warm-up' },
    id: 3,
    parent: 'minted',
    name: 'GET /cart',
    start: 0,
    duration: 1,
  },
  { trace: 'timer', id: 4, parent: null, name: 'timer', start: 0, duration: 1 },
];
const TAKEN = { scenario: 'cart', round: 2, instance: 0, arm: 'head', runTag: DRAWN_RUN_TAG } as const;

async function bodiesOf(rounds: RoundSpans): Promise<readonly SpanBody[]> {
  const bodies: SpanBody[] = [];
  for await (const body of rounds.bodies()) bodies.push(body);
  return bodies;
}

describe('spans of whole rounds', () => {
  it('are those of the measured requests, with the ids that the services gave them', async () => {
    await using rounds = new RoundSpans();
    rounds.take({ ...TAKEN, spans: drawTable(SPANS) });
    const bodies = await bodiesOf(rounds);
    const rows = new SpanRows();
    for (const { text } of bodies) decodeJsonTraces(text, rows, new OtlpSpan());
    const table = tableOf(rows.files());
    expect(fieldsOf(table)).toMatchObject([
      { service: 'shop', name: 'GET /cart', kind: 'server', durationSeconds: 0.5 },
      { service: 'inventory', name: 'stock', errorType: 'Gone', status: 'error', durationSeconds: 0.25 },
    ]);
    expect([0, 1].map((row) => traceIdOf(table, row))).toEqual(Array(2).fill(drawnTraceId(TRACE)));
    // What the load generator minted is no span that anybody could look for.
    expect([0, 1].map((row) => parentIdOf(table, row))).toEqual([null, spanIdOf(table, 0)]);
    expect(bodies.reduce((sum, { spans }) => sum + spans, 0)).toBe(2);
    expect(bodies[0]?.text).toContain('"spangate.side","value":{"stringValue":"head"}');
  });

  it('are known by their traces', async () => {
    await using rounds = new RoundSpans();
    rounds.take({ ...TAKEN, spans: drawTable(SPANS) });
    expect(rounds.has(drawnTraceId(TRACE))).toBe(true);
    expect(rounds.has(drawnTraceId({ ...TRACE, phase: 'warm-up' }))).toBe(false);
  });

  it('are kept instance by instance up to a limit, and what is left out is told', async () => {
    await using rounds = new RoundSpans({ mostSpans: 3 });
    rounds.take({ ...TAKEN, spans: drawTable(SPANS) });
    rounds.take({ ...TAKEN, round: 3, spans: drawTable(SPANS) });
    expect((await bodiesOf(rounds)).map(({ spans }) => spans)).toEqual([2]);
    expect(rounds.warnings).toEqual([
      {
        code: 'otlp-export-cut',
        message:
          'Only 2 spans of the measured rounds are handed on; 2 more are too many. Measure fewer or shorter rounds to get all.',
      },
    ]);
  });
});
