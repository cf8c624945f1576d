import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { Measurement, SpanKey } from '../../src/measurement.ts';
import { spanKeyId } from '../../src/measurement.ts';
import { formatMeasurement } from '../../src/report/measurement-report.ts';
import { spanKeyOf } from '../../src/report/span-key.ts';
import { expectGolden } from './golden.ts';
import { instance, measurement, metric, operation, round, spanRecord } from './measurement-fixture.ts';

const key = (name: string, kind: SpanKey['kind'], service = 'orders-api'): SpanKey => ({
  name,
  kind,
  service,
});

/** Two operations on one service; instances differ by `step` per cent. */
function ordinaryInstance(step: number) {
  const factor = 1 + step / 100;
  return instance({
    operations: {
      'GET /orders': operation(0.00321 * factor, [
        [key('GET /orders', 'server'), spanRecord(0.0027 * factor, 660)],
        [key('pg.query:SELECT orders', 'client'), spanRecord(0.00135 * factor, 660)],
        [key('pg-pool.connect', 'client'), spanRecord(0.00002 * factor, 672)],
      ]),
      'POST /orders': operation(
        0.0081 * factor,
        [
          [key('POST /orders', 'server'), spanRecord(0.0074 * factor, 660, 3)],
          [key('pg.query:INSERT orders', 'client'), spanRecord(0.0018 * factor, 660)],
          [key('pg.query:INSERT order_lines', 'client'), spanRecord(0.0004 * factor, 1980)],
        ],
        3,
      ),
    },
    outsideRequests: { [spanKeyId(key('refresh prices', 'internal'))]: spanRecord(0.0121, 4) },
    metrics: [
      metric({ name: 'nodejs.eventloop.delay.p99', value: 0.0112 * factor, unit: 's' }),
      metric({ name: 'nodejs.eventloop.utilization', value: 0.61, unit: '1' }),
      metric({ name: 'v8js.gc.duration', value: 0.0014, unit: 's', attributes: { 'v8js.gc.type': 'minor' } }),
      metric({
        name: 'v8js.memory.heap.used',
        value: 21e6,
        unit: 'By',
        attributes: { 'v8js.heap.space.name': 'new' },
      }),
      metric({
        name: 'v8js.memory.heap.used',
        value: 14e6,
        unit: 'By',
        attributes: { 'v8js.heap.space.name': 'old' },
      }),
    ],
  });
}

const MEASUREMENTS: Readonly<Record<string, Measurement>> = {
  complete: measurement([
    round([ordinaryInstance(-1), ordinaryInstance(1)]),
    round([ordinaryInstance(-2), ordinaryInstance(2)], { id: 'r2' }),
  ]),

  degraded: measurement(
    [
      round(
        [
          instance({
            operations: {
              'GET /orders': operation(0.00321, [
                [key('GET /orders', 'server'), spanRecord(0.0027, 660)],
                [key('GET /stock/:sku', 'server', 'inventory'), spanRecord(0.0009, 660)],
              ]),
            },
            quality: {
              requestsCompleted: 1320,
              rootSpans: 1188,
              spans: 5400,
              orphanSpans: 12,
              droppedSpans: 900,
              overflowSpans: 40,
              outsideSpans: 7,
            },
            metrics: [
              metric({ name: 'nodejs.eventloop.delay.p99', value: 0.0112, unit: 's' }),
              metric({ name: 'nodejs.eventloop.delay.p99', value: 0.0431, unit: 's', service: 'inventory' }),
            ],
          }),
        ],
        {
          warm: false,
          conditions: { generatorCpu: 0.98, generatorSaturated: true, steal: null, pressure: 0.61 },
        },
      ),
      round([], {
        id: 'r2',
        invalid: { code: 'service-died', message: 'api exited with code 137 in round 2.' },
      }),
    ],
    {
      status: 'degraded',
      commit: null,
      warnings: [{ code: 'spans-missing', message: 'Root spans are 90 % of completed requests.' }],
    },
  ),

  failed: measurement([round([], { invalid: { code: 'no-answers', message: 'No request was answered.' } })], {
    status: 'failed',
  }),
};

describe('the report of a bare measurement', () => {
  for (const [name, each] of Object.entries(MEASUREMENTS)) {
    it(`that is ${name} reads as its golden files, and fits 80 columns`, () => {
      const terminal = formatMeasurement(each, 'terminal');
      expect(terminal.split('\n').filter((line) => stringWidth(line) > 80)).toEqual([]);
      expectGolden(`measurement-${name}.terminal.txt`, terminal);
      expectGolden(`measurement-${name}.md`, formatMeasurement(each, 'markdown'));
    });

    it(`that is ${name} comes back from its JSON`, () => {
      expect(JSON.parse(formatMeasurement(each, 'json'))).toEqual(each);
    });
  }
});

describe('a span key in a report', () => {
  it('is read as the measurement wrote it, whatever the names hold', () => {
    const keys = fc.record({
      service: fc.string(),
      kind: fc.constantFrom('internal', 'server', 'client', 'producer', 'consumer' as const),
      name: fc.string({ unit: 'binary' }),
    });
    fc.assert(
      fc.property(keys, (spanKey) => {
        expect(spanKeyOf(spanKeyId(spanKey as SpanKey))).toEqual(spanKey);
      }),
      { seed: 8 },
    );
  });

  it('that nobody wrote is shown as it is', () => {
    expect(spanKeyOf('GET /orders')).toEqual({ kind: 'internal', service: '', name: 'GET /orders' });
  });
});
