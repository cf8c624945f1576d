import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/random.ts';
import { decodeJsonTraces, MalformedJson } from '../../../src/telemetry/otlp/decode-json-traces.ts';
import { countSpans, TraceDecoder } from '../../../src/telemetry/otlp/decode-traces.ts';
import { OtlpSpan, SpanRows } from '../../../src/telemetry/otlp/span-rows.ts';
import { MalformedMessage } from '../../../src/telemetry/otlp/wire-reader.ts';
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
      expect(countSpans(body)).toBe(rows.count + rows.refused);
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
