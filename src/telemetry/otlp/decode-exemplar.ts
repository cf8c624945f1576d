/** `Exemplar` of opentelemetry-proto 1.11.0, `metrics.proto`: of use where it names its trace. */
import type { MetricExemplar } from '../metrics/metric-exemplar.ts';
import { type Json, wordsOf } from './json-request.ts';
import { WIRE, type WireReader } from './wire-reader.ts';

const WORD = 2 ** 32;
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;

/** @returns null for one without a value or a trace @throws MalformedMessage */
export function readExemplar(reader: WireReader, end: number): MetricExemplar | null {
  const words = new Uint32Array(2);
  let value = Number.NaN;
  let traceId = '';
  let at = 0;
  while (reader.next(end)) {
    if (reader.is(2, WIRE.fixed64)) {
      reader.fixed64(words, 0);
      at = secondsOf(words);
    } else if (reader.is(3, WIRE.fixed64)) value = reader.double();
    else if (reader.is(6, WIRE.fixed64)) {
      reader.fixed64(words, 0);
      value = ((words[0] as number) | 0) * WORD + (words[1] as number);
    } else if (reader.is(5, WIRE.bytes)) {
      const to = reader.endOfBytes(end);
      traceId = Buffer.from(reader.bytes.subarray(reader.at, to)).toString('hex');
      reader.at = to;
    } else reader.skip(end);
  }
  return exemplarOf(value, traceId, at);
}

/** The same out of JSON. */
export function jsonExemplar({ asDouble, asInt, traceId, timeUnixNano }: Json): MetricExemplar | null {
  const value = Number(asDouble ?? asInt ?? Number.NaN);
  const id = typeof traceId === 'string' ? traceId.toLowerCase() : '';
  return exemplarOf(value, id, secondsOf(Uint32Array.from(wordsOf(timeUnixNano))));
}

function exemplarOf(value: number, traceId: string, at: number): MetricExemplar | null {
  return Number.isFinite(value) && TRACE_ID.test(traceId) ? { value, traceId, at } : null;
}

function secondsOf(words: Uint32Array): number {
  return ((words[0] as number) * WORD + (words[1] as number)) / 1e9;
}
