/**
 * Decodes `ExportTraceServiceRequest` as OTLP's JSON: ids in hex, lower or upper case; 64-bit numbers as text or
 * number; enums as number, and by lenient senders as name. What is unknown is left alone.
 */
import { adjustedCount } from './sampling-threshold.ts';
import { type OtlpSpan, READ_ATTRIBUTES, type SpanRows } from './span-rows.ts';

/** The text is no JSON, or not a request of this kind. */
export class MalformedJson extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'MalformedJson';
  }
}

const WANTED: ReadonlySet<string> = new Set(READ_ATTRIBUTES);
const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const CODES = ['UNSET', 'OK', 'ERROR'];

type Json = Readonly<Record<string, unknown>>;

/**
 * @param span filled in anew for every span
 * @throws MalformedJson where the text is not JSON, or not an object with lists where lists belong
 */
export function decodeJsonTraces(text: string, rows: SpanRows, span: OtlpSpan): void {
  for (const resourceSpans of listOf(parse(text), 'resourceSpans')) {
    const recorder = rows.recorderOf(resourceOf(resourceSpans));
    for (const scopeSpans of listOf(resourceSpans, 'scopeSpans')) {
      for (const found of listOf(scopeSpans, 'spans')) {
        fill(span, found);
        rows.add(recorder, span);
      }
    }
  }
}

function parse(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MalformedJson((error as Error).message);
  }
  if (!isObject(value)) throw new MalformedJson('the request is not an object');
  return value;
}

function listOf(parent: Json, key: string): readonly Json[] {
  const list = parent[key] ?? [];
  if (!Array.isArray(list)) throw new MalformedJson(`${key} is not a list`);
  for (const entry of list)
    if (!isObject(entry)) throw new MalformedJson(`${key} has an entry that is no object`);
  return list as readonly Json[];
}

function resourceOf({ resource }: Json) {
  let service = '';
  let pid = 0;
  if (isObject(resource)) {
    for (const { key, value } of listOf(resource, 'attributes')) {
      const plain = plainOf(value);
      if (key === 'service.name' && plain !== null) service = String(plain);
      else if (key === 'process.pid' && typeof plain === 'number') pid = plain;
    }
  }
  return { service, pid };
}

function fill(span: OtlpSpan, found: Json): void {
  span.clear();
  setId(span.traceId, found.traceId);
  setId(span.spanId, found.spanId);
  setId(span.parentId, found.parentSpanId);
  span.name = typeof found.name === 'string' ? found.name : '';
  span.kind = Math.min(Math.max(enumOf(found.kind, 'SPAN_KIND_', KINDS) - 1, 0), 4);
  [span.startHigh, span.startLow] = wordsOf(found.startTimeUnixNano);
  [span.endHigh, span.endLow] = wordsOf(found.endTimeUnixNano);
  if (typeof found.traceState === 'string' && found.traceState !== '')
    span.count = adjustedCount(found.traceState);
  span.flags = typeof found.flags === 'number' ? found.flags >>> 0 : 0;
  if (isObject(found.status)) {
    span.status.code = Math.min(Math.max(enumOf(found.status.code, 'STATUS_CODE_', CODES), 0), 2);
  }
  for (const { key, value } of listOf(found, 'attributes')) {
    if (typeof key !== 'string' || !WANTED.has(key)) continue;
    const plain = plainOf(value);
    if (plain !== null) span.setAttribute(key, plain);
  }
  for (const event of listOf(found, 'events')) {
    if (event.name !== 'exception') continue;
    for (const { key, value } of listOf(event, 'attributes')) {
      if (key === 'exception.type') span.addException(String(plainOf(value) ?? ''));
    }
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

const DIGITS = /^\d{1,20}$/;

/** High and low word of nanoseconds; 0 for what is none. A number has lost its last digits already. */
function wordsOf(value: unknown): [number, number] {
  const isNumber = typeof value === 'number' && Number.isFinite(value) && value >= 0;
  if (!isNumber && !(typeof value === 'string' && DIGITS.test(value))) return [0, 0];
  const nanoseconds = BigInt.asUintN(64, BigInt(isNumber ? Math.trunc(value) : (value as string)));
  return [Number(nanoseconds >> 32n), Number(nanoseconds & 0xffff_ffffn)];
}

function enumOf(value: unknown, prefix: string, names: readonly string[]): number {
  if (typeof value === 'number') return Math.trunc(value) || 0;
  if (typeof value !== 'string') return 0;
  return Math.max(0, names.indexOf(value.replace(prefix, '')));
}

function plainOf(value: unknown): string | number | null {
  if (!isObject(value)) return null;
  if (typeof value.stringValue === 'string') return value.stringValue;
  const { intValue, doubleValue } = value;
  if (typeof intValue === 'number') return intValue;
  if (typeof intValue === 'string' && /^-?\d+$/.test(intValue)) return Number(intValue);
  return typeof doubleValue === 'number' ? doubleValue : null;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
