import { describe, expect, test } from 'vitest';
import type { MetricExemplar } from '../../../src/telemetry/metrics/metric-exemplar.ts';
import { decodeJsonMetrics } from '../../../src/telemetry/otlp/decode-json-metrics.ts';
import { decodeMetrics } from '../../../src/telemetry/otlp/decode-metrics.ts';
import { seriesOf } from './sdk-metrics.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const NANOSECONDS = 1_544_712_660_300_000_000n;

interface Sent {
  readonly value: number;
  readonly isInteger?: boolean;
  readonly traceId: string;
}

const bytes = (field: number, body: readonly number[]): readonly number[] => {
  const length = body.length;
  const size =
    length < 128
      ? [length]
      : [
          (length & 127) | 128,
          ...(length < 16_384 ? [length >> 7] : [((length >> 7) & 127) | 128, length >> 14]),
        ];
  return [(field << 3) | 2, ...size, ...body];
};

function fixed64(field: number, write: (view: DataView) => void): readonly number[] {
  const view = new DataView(new ArrayBuffer(8));
  write(view);
  return [(field << 3) | 1, ...new Uint8Array(view.buffer)];
}

/** A histogram of one data point, written by hand: the SDK of JavaScript sends no exemplars. */
function protobuf(kind: 'histogram' | 'exponential', sent: readonly Sent[]): Uint8Array {
  const time = (field: number) => fixed64(field, (view) => view.setBigUint64(0, NANOSECONDS, true));
  const exemplars = sent.flatMap(({ value, isInteger, traceId }) =>
    bytes(kind === 'histogram' ? 8 : 11, [
      ...time(2),
      ...(isInteger
        ? fixed64(6, (view) => view.setBigInt64(0, BigInt(value), true))
        : fixed64(3, (view) => view.setFloat64(0, value, true))),
      ...bytes(4, [...Buffer.from('b7ad6b7169203331', 'hex')]),
      ...bytes(5, [...Buffer.from(traceId, 'hex')]),
      ...bytes(7, bytes(1, [...Buffer.from('filtered')])),
    ]),
  );
  const count = fixed64(4, (view) => view.setBigUint64(0, 3n, true));
  const sum = fixed64(5, (view) => view.setFloat64(0, 6, true));
  const point = bytes(1, [...time(2), ...time(3), ...count, ...sum, ...exemplars]);
  const data = bytes(kind === 'histogram' ? 9 : 10, [...point, 2 << 3, 1]);
  const metric = bytes(2, [...bytes(1, [...Buffer.from('m')]), ...data]);
  return Uint8Array.from(bytes(1, bytes(2, metric)));
}

function json(kind: 'histogram' | 'exponential', sent: readonly Sent[]): string {
  const time = { startTimeUnixNano: `${NANOSECONDS}`, timeUnixNano: `${NANOSECONDS}` };
  const exemplars = sent.map(({ value, isInteger, traceId }) => ({
    timeUnixNano: `${NANOSECONDS}`,
    ...(isInteger ? { asInt: String(value) } : { asDouble: value }),
    ...{ traceId: traceId.toUpperCase(), spanId: 'B7AD6B7169203331' },
  }));
  const key = kind === 'histogram' ? 'histogram' : 'exponentialHistogram';
  const data = { aggregationTemporality: 1, dataPoints: [{ ...time, count: '3', sum: 6, exemplars }] };
  return JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', [key]: data }] }] }] });
}

function read(encoding: string, kind: 'histogram' | 'exponential', sent: readonly Sent[]) {
  const series = seriesOf('m');
  if (encoding === 'protobuf') decodeMetrics(protobuf(kind, sent), series);
  else decodeJsonMetrics(json(kind, sent), series);
  return series.points().flatMap(({ exemplars }): readonly MetricExemplar[] => exemplars ?? []);
}

describe.each([
  ['protobuf', 'histogram'],
  ['protobuf', 'exponential'],
  ['JSON', 'histogram'],
  ['JSON', 'exponential'],
] as const)('exemplars of %s, %s', (encoding, kind) => {
  test('have their value, their trace and their time', () => {
    const sent = [
      { value: 0.25, traceId: TRACE },
      { value: -3, isInteger: true, traceId: TRACE },
    ];
    expect(read(encoding, kind, sent)).toEqual([
      { value: 0.25, traceId: TRACE, at: Number(NANOSECONDS) / 1e9 },
      { value: -3, traceId: TRACE, at: Number(NANOSECONDS) / 1e9 },
    ]);
  });

  test('that name no trace are left out', () => {
    const sent = ['', 'abcd', '0'.repeat(32)].map((traceId) => ({ value: 1, traceId }));
    expect(read(encoding, kind, sent)).toEqual([]);
  });

  test('beyond two hundred a point are left out', () => {
    const sent = Array.from({ length: 210 }, (_, value) => ({ value, traceId: TRACE }));
    expect(read(encoding, kind, sent)).toHaveLength(200);
  });
});
