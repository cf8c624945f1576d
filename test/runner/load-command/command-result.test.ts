import { describe, expect, test } from 'vitest';
import type { CommandLoadResult } from '../../../src/runner/load-command/command-load.ts';
import { commandResult } from '../../../src/runner/load-command/command-result.ts';
import { parseLoadReport } from '../../../src/runner/load-command/load-report.ts';
import { type DrawnSpan, drawnTraceId, drawTable } from '../../telemetry/drawn-spans.ts';

/** Start of the measured command; drawings count from there. */
const EPOCH = 1_000_000;

function resultOf(spans: readonly DrawnSpan[], entries: readonly object[], warmUp: readonly string[] = []) {
  const measured = parseLoadReport(JSON.stringify(entries));
  const operations = [...measured.keys()].sort();
  const load: CommandLoadResult = {
    driver: 'command',
    operations,
    reports: [{ measured, warmUp: new Set(warmUp.map(drawnTraceId)) }],
    warmUpSeconds: 0,
    warm: true,
    measuredSeconds: 10,
    measuredFrom: EPOCH * 1000,
    measuredTo: (EPOCH + 10) * 1000,
    generatorCpu: 0,
    generatorSaturated: false,
    instances: [
      {
        instance: 0,
        throughput: 1,
        operations: operations.map((name) => {
          const { sent: requests = 0, latencies = [] } = measured.get(name) ?? {};
          return {
            ...{ requests, completed: requests, errors: {}, unexpected: null },
            latencies: Float64Array.from(latencies),
          };
        }),
      },
    ],
    warnings: [],
  };
  const { traces, load: joined } = commandResult(drawTable(spans), load, { position: 0, until: EPOCH + 20 });
  return {
    roots: traces.rootSpans,
    outside: traces.outsideSpans,
    operations: Object.fromEntries(
      operations.map((name, index) => [
        name,
        {
          traces: traces.requests[index]?.traces,
          latencies: [...(joined.operations[index]?.latencies ?? [])].map((each) => Number(each.toFixed(6))),
          spans: [...(traces.requests[index]?.spans.keys() ?? [])],
        },
      ]),
    ),
    consumers: [...traces.consumers].map(([name, { messages }]) => `${name} ${messages}`),
  };
}

const consumer = { name: 'process', kind: 'consumer', service: 'worker' } as const;
const server = { name: 'POST /orders', kind: 'server', service: 'api' } as const;

describe('messages of a load command', () => {
  test('are found by their trace ids, in a trace that goes on or one that links', () => {
    const spans: DrawnSpan[] = [
      { ...consumer, trace: 'a1', id: 1, parent: 90, start: 1, duration: 2 },
      { ...consumer, trace: 'b1', id: 2, parent: null, start: 4, duration: 1, links: ['a2'] },
      { trace: 'b1', id: 3, parent: 2, name: 'store', start: 4, duration: 0.5 },
      { trace: 'c1', id: 4, parent: null, name: 'timer', start: 5, duration: 1 },
    ];
    const entries = [
      { operation: 'order', trace: drawnTraceId('a1'), sentAt: EPOCH + 0.5 },
      { operation: 'order', trace: drawnTraceId('a2'), sentAt: EPOCH + 3 },
      { operation: 'order', trace: drawnTraceId('a3'), sentAt: EPOCH + 6 },
    ];
    expect(resultOf(spans, entries)).toEqual({
      roots: 2,
      outside: 1,
      operations: {
        order: { traces: 2, latencies: [2.5, 2], spans: ['consumer:worker:process', 'internal:shop:store'] },
      },
      consumers: [],
    });
  });

  test('count once each where one consumer takes several', () => {
    const links = ['a1', 'a2', 'a3'];
    const spans: DrawnSpan[] = [
      { ...consumer, trace: 'b1', id: 1, parent: null, start: 1, duration: 2, links },
    ];
    const traces = links.map(drawnTraceId);
    const found = resultOf(spans, [{ operation: 'order', sent: 3, traces }]);
    expect(found).toMatchObject({ roots: 3, operations: { order: { traces: 1, latencies: [] } } });
  });

  test('that a front takes and a worker finishes are done when the worker is, and its work has rows of its own', () => {
    const spans: DrawnSpan[] = [
      { ...server, trace: 'a1', id: 1, parent: 90, start: 1, duration: 0.5 },
      {
        trace: 'a1',
        id: 2,
        parent: 1,
        name: 'send',
        kind: 'producer',
        service: 'api',
        start: 1.25,
        duration: 0.1,
      },
      { ...consumer, trace: 'b1', id: 3, parent: null, start: 3, duration: 1, links: ['a1'] },
    ];
    expect(resultOf(spans, [{ operation: 'order', sent: 1, traces: [drawnTraceId('a1')] }])).toEqual({
      roots: 1,
      outside: 0,
      operations: {
        // From the start of the PRODUCER span, since the report has no time.
        order: { traces: 1, latencies: [2.75], spans: ['server:api:POST /orders', 'producer:api:send'] },
      },
      consumers: ['process 1'],
    });
  });

  test('keep the latencies that were reported', () => {
    const spans: DrawnSpan[] = [{ ...consumer, trace: 'a1', id: 1, parent: 90, start: 1, duration: 2 }];
    const entry = { operation: 'order', trace: drawnTraceId('a1'), sentAt: EPOCH, latency: 0.125 };
    expect(resultOf(spans, [entry]).operations.order?.latencies).toEqual([0.125]);
  });

  test('of the warm-up count nowhere, wherever they end', () => {
    const spans: DrawnSpan[] = [
      { ...consumer, trace: 'a0', id: 1, parent: 90, start: 1, duration: 2 },
      { ...consumer, trace: 'b0', id: 2, parent: null, start: 2, duration: 2, links: ['a9'] },
      { ...consumer, trace: 'a1', id: 3, parent: 91, start: 3, duration: 2 },
    ];
    const found = resultOf(
      spans,
      [{ operation: 'order', sent: 1, traces: [drawnTraceId('a1')] }],
      ['a0', 'a9'],
    );
    expect(found).toMatchObject({ roots: 1, outside: 0, consumers: [] });
  });

  test('without trace ids are those whose root span has the name of the operation', () => {
    const spans: DrawnSpan[] = [
      { ...consumer, trace: 'a1', id: 1, parent: null, start: -1, duration: 2 },
      { ...consumer, trace: 'a2', id: 2, parent: null, start: 1, duration: 2 },
      { ...server, trace: 'a3', id: 3, parent: null, start: 2, duration: 2 },
      { ...server, trace: 'a4', id: 4, parent: null, name: 'GET /healthz', start: 3, duration: 2 },
    ];
    const entries = [
      { operation: 'process', sent: 1 },
      { operation: 'POST /orders', sent: 1 },
    ];
    expect(resultOf(spans, entries)).toMatchObject({
      roots: 2,
      outside: 1,
      operations: { process: { traces: 1 }, 'POST /orders': { traces: 1 } },
    });
  });

  test('without trace ids are all that begin with a SERVER or CONSUMER span, where one operation has another name', () => {
    const spans: DrawnSpan[] = [
      { ...consumer, trace: 'a1', id: 1, parent: null, start: 1, duration: 2 },
      { ...consumer, trace: 'a2', id: 2, parent: null, name: 'retry', start: 2, duration: 2 },
      { trace: 'a3', id: 3, parent: null, name: 'timer', start: 3, duration: 2 },
    ];
    expect(resultOf(spans, [{ operation: 'order', sent: 2 }])).toMatchObject({
      roots: 2,
      outside: 1,
      operations: { order: { traces: 2 } },
    });
  });
});
