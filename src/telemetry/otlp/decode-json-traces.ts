/**
 * Decodes `ExportTraceServiceRequest` as OTLP's JSON: ids in hex, lower or upper case; 64-bit numbers as text or
 * number; enums as number, and by lenient senders as name. What is unknown is left alone.
 */

import { API_KIND } from '../preload/ended-span.ts';
import {
  enumOf,
  isObject,
  type Json,
  listOf,
  parseRequest,
  plainOf,
  resourceOf,
  wordsOf,
} from './json-request.ts';
import { EXCEPTION_ATTRIBUTES, type OtlpSpan, READ_ATTRIBUTES } from './otlp-span.ts';
import { adjustedCount } from './sampling-threshold.ts';
import type { SpanRows } from './span-rows.ts';

const WANTED: ReadonlySet<string> = new Set(READ_ATTRIBUTES);
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const CODES = ['UNSET', 'OK', 'ERROR'];

/**
 * @param span filled in anew for every span
 * @param splitBy attributes of resources that are kept
 * @throws MalformedJson where the text is not JSON, or not an object with lists where lists belong
 */
export function decodeJsonTraces(
  text: string,
  rows: SpanRows,
  span: OtlpSpan,
  splitBy: readonly string[] = [],
): void {
  for (const resourceSpans of listOf(parseRequest(text), 'resourceSpans')) {
    const recorder = rows.recorderOf(resourceOf(resourceSpans, splitBy));
    for (const scopeSpans of listOf(resourceSpans, 'scopeSpans')) {
      for (const found of listOf(scopeSpans, 'spans')) {
        fill(span, found);
        rows.add(recorder, span);
      }
    }
  }
}

function fill(span: OtlpSpan, found: Json): void {
  span.clear();
  setId(span.traceId, found.traceId);
  setId(span.spanId, found.spanId);
  setId(span.parentId, found.parentSpanId);
  span.name = typeof found.name === 'string' ? found.name : '';
  span.kind = Math.min(Math.max(enumOf(found.kind, 'SPAN_KIND_', KINDS) - 1, 0), 4);
  span.times.set(wordsOf(found.startTimeUnixNano), 0);
  span.times.set(wordsOf(found.endTimeUnixNano), 2);
  if (typeof found.traceState === 'string') span.adjustedCount = adjustedCount(found.traceState);
  span.flags = typeof found.flags === 'number' ? found.flags >>> 0 : 0;
  if (isObject(found.status)) {
    span.status.code = Math.min(Math.max(enumOf(found.status.code, 'STATUS_CODE_', CODES), 0), 2);
  }
  for (const { key, value } of listOf(found, 'attributes')) {
    if (typeof key !== 'string' || !WANTED.has(key)) continue;
    const plain = plainOf(value);
    if (plain !== null) span.setAttribute(key, plain);
  }
  if (span.kind === API_KIND.consumer) {
    const linked = new Uint32Array(4);
    for (const link of listOf(found, 'links')) {
      linked.fill(0);
      setId(linked, link.traceId);
      if (linked.some((word) => word > 0)) span.addLink(linked);
    }
  }
  for (const event of listOf(found, 'events')) {
    if (event.name !== 'exception') continue;
    const attributes: Record<string, string> = {};
    for (const { key, value } of listOf(event, 'attributes')) {
      if (typeof key === 'string' && EXCEPTION_ATTRIBUTES.includes(key))
        attributes[key] = String(plainOf(value) ?? '');
    }
    span.addException(attributes);
  }
}

const HEX = /^[0-9a-f]*$/i;

/** Of another length than its kind of id, or with other digits, it is no id: the span is refused then. */
function setId(words: Uint32Array, id: unknown): void {
  if (typeof id !== 'string' || id.length !== words.length * 8 || !HEX.test(id)) return;
  for (let index = 0; index < words.length; index += 1) {
    words[index] = Number.parseInt(id.slice(index * 8, index * 8 + 8), 16);
  }
}
