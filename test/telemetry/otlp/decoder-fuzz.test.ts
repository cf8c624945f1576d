import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/random.ts';
import type { LogRecord } from '../../../src/telemetry/logs/log-record.ts';
import { cellQuantile, cellsOf } from '../../../src/telemetry/metrics/metric-buckets.ts';
import type { MetricSeries } from '../../../src/telemetry/metrics/metric-series.ts';
import { decodeJsonMetrics } from '../../../src/telemetry/otlp/decode-json-metrics.ts';
import { decodeJsonTraces } from '../../../src/telemetry/otlp/decode-json-traces.ts';
import { decodeJsonLogs, decodeLogs } from '../../../src/telemetry/otlp/decode-logs.ts';
import { decodeMetrics } from '../../../src/telemetry/otlp/decode-metrics.ts';
import { TraceDecoder } from '../../../src/telemetry/otlp/decode-traces.ts';
import { MalformedJson } from '../../../src/telemetry/otlp/json-request.ts';
import { OtlpSpan } from '../../../src/telemetry/otlp/otlp-span.ts';
import { countMessages } from '../../../src/telemetry/otlp/resource-messages.ts';
import { SpanRows } from '../../../src/telemetry/otlp/span-rows.ts';
import { MalformedMessage } from '../../../src/telemetry/otlp/wire-reader.ts';
import { inSpan, jsonLogs, protobufLogs, SeverityNumber, sdkLogs } from './sdk-logs.ts';
import { jsonMetrics, protobufMetrics, sdkMetrics, seriesOf } from './sdk-metrics.ts';
import { jsonOf, protobufOf, SpanKind, SpanStatusCode, sdkSpans } from './sdk-spans.ts';

/** What a mutation can do to memory: strings and rows come out of the bytes, so they are bounded by them. */
const MOST_SPANS = 200;

function payloads() {
  const { tracer, ended } = sdkSpans('orders');
  for (let index = 0; index < 4; index += 1) {
    const span = tracer.startSpan(`work ${index}`, { kind: SpanKind.SERVER });
    span.setAttributes({
      'http.response.status_code': 500 + index,
      'error.type': 'timeout',
      text: 'ü'.repeat(40),
    });
    span.recordException(new RangeError('broken'));
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    span.end();
  }
  return { protobuf: protobufOf(ended()), json: jsonOf(ended()) };
}

type Random = ReturnType<typeof seededRandom>;

/** Bytes are changed, taken out, put in twice, or overwritten by what varints and lengths break on. */
function mutated(original: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = original.slice();
  const below = (limit: number) => Math.floor(random() * limit);
  for (let change = 1 + below(4); change > 0; change -= 1) {
    const at = below(bytes.length);
    const kind = below(5);
    if (kind === 0) bytes[at] = below(256);
    else if (kind === 1) bytes[at] = [0, 0x7f, 0x80, 0xff][below(4)] as number;
    else if (kind === 2) bytes = bytes.subarray(0, Math.max(1, at));
    else if (kind === 3) bytes = joined([bytes.subarray(0, at), bytes.subarray(at + 1 + below(8))]);
    else
      bytes = joined([
        bytes.subarray(0, at),
        bytes.subarray(Math.max(0, at - below(40)), at),
        bytes.subarray(at),
      ]);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

test('160,000 mutated protobuf requests are decoded or refused, and nothing else', () => {
  const { protobuf } = payloads();
  const random = seededRandom(20_261_122);
  let refused = 0;
  for (let round = 0; round < 160_000; round += 1) {
    const body = mutated(protobuf, random);
    const rows = new SpanRows();
    try {
      new TraceDecoder(rows).decode(body);
      expect(countMessages(body)).toBe(rows.count + rows.refused);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      refused += 1;
    }
    expect(rows.count).toBeLessThan(MOST_SPANS);
  }
  expect(refused).toBeGreaterThan(10_000);
  expect(refused).toBeLessThan(150_000);
}, 120_000);

test('40,000 mutated JSON requests are decoded or refused, and nothing else', () => {
  const json = new TextEncoder().encode(payloads().json);
  const random = seededRandom(20_261_123);
  const span = new OtlpSpan();
  let refused = 0;
  for (let round = 0; round < 40_000; round += 1) {
    const text = new TextDecoder().decode(mutated(json, random));
    try {
      decodeJsonTraces(text, new SpanRows(), span);
    } catch (error) {
      if (!(error instanceof MalformedJson)) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(1_000);
}, 120_000);

function logPayloads() {
  const { logger, emitted } = sdkLogs('orders');
  for (let index = 0; index < 4; index += 1) {
    logger.emit({
      context: inSpan('0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'),
      severityNumber: SeverityNumber.WARN + index,
      body: { text: 'ü'.repeat(40), list: [1, -2, [true, { deep: index }]] },
      attributes: { 'exception.type': 'RangeError', 'exception.message': 'out of range' },
    });
  }
  return { protobuf: protobufLogs(emitted()), json: jsonLogs(emitted()) };
}

async function metricPayloads() {
  const payloads: { readonly protobuf: Uint8Array; readonly json: string }[] = [];
  for (const histograms of ['explicit', 'exponential'] as const) {
    const { meter, collect } = sdkMetrics('orders', 'cumulative', histograms);
    meter.createCounter('jobs').add(3, { queue: 'mail' });
    meter.createUpDownCounter('jobs').add(-3);
    for (const value of [0, 0.5, 3, 3000]) meter.createHistogram('duration').record(value);
    const collected = await collect();
    payloads.push({ protobuf: protobufMetrics(collected), json: jsonMetrics(collected) });
  }
  return payloads;
}

/** @returns how many were refused */
function feed(bodies: readonly Uint8Array[], rounds: number, read: (body: Uint8Array) => void): number {
  const random = seededRandom(20_261_128);
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    try {
      read(mutated(bodies[round % bodies.length] as Uint8Array, random));
    } catch (error) {
      if (!(error instanceof MalformedMessage || error instanceof MalformedJson)) throw error;
      refused += 1;
    }
  }
  return refused;
}

/** Whatever came is a record of some form, and no larger than what brought it. */
function checkedRecord(record: LogRecord): void {
  expect(record.traceId === null || /^[0-9a-f]{32}$/.test(record.traceId)).toBe(true);
  expect(record.body.length).toBeLessThanOrEqual(4096);
}

/** Whatever came can be turned into intervals, quantiles and a number. */
function checkedSeries(read: (series: MetricSeries) => void): void {
  const series = seriesOf('jobs', 'duration');
  try {
    read(series);
  } finally {
    for (const { buckets, value } of series.points()) {
      expect(Number.isNaN(value)).toBe(false);
      const median = buckets ? cellQuantile(cellsOf(buckets), 0.5) : null;
      expect(Number.isNaN(median ?? 0)).toBe(false);
    }
  }
}

test('60,000 mutated protobuf requests of logs are decoded or refused, and nothing else', () => {
  const { protobuf } = logPayloads();
  const refused = feed([protobuf], 60_000, (body) => decodeLogs(body, checkedRecord));
  expect(refused).toBeGreaterThan(5_000);
  expect(refused).toBeLessThan(58_000);
}, 120_000);

test('20,000 mutated JSON requests of logs are decoded or refused, and nothing else', () => {
  const json = new TextEncoder().encode(logPayloads().json);
  const read = (body: Uint8Array) => decodeJsonLogs(new TextDecoder().decode(body), checkedRecord);
  expect(feed([json], 20_000, read)).toBeGreaterThan(500);
}, 120_000);

test('60,000 mutated protobuf requests of metrics are decoded or refused, and nothing else', async () => {
  const bodies = (await metricPayloads()).map(({ protobuf }) => protobuf);
  const refused = feed(bodies, 60_000, (body) => checkedSeries((series) => decodeMetrics(body, series)));
  expect(refused).toBeGreaterThan(5_000);
  expect(refused).toBeLessThan(58_000);
}, 120_000);

test('20,000 mutated JSON requests of metrics are decoded or refused, and nothing else', async () => {
  const bodies = (await metricPayloads()).map(({ json }) => new TextEncoder().encode(json));
  const read = (body: Uint8Array) =>
    checkedSeries((series) => decodeJsonMetrics(new TextDecoder().decode(body), series));
  expect(feed(bodies, 20_000, read)).toBeGreaterThan(500);
}, 120_000);
