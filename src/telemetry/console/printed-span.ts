/**
 * A span out of what a ConsoleSpanExporter prints. Node's SDKs 1.x and 2.x print the same fields, but for the parent;
 * Python prints those of `ReadableSpan.to_json`.
 */
import { EXCEPTION_ATTRIBUTES, type OtlpSpan, READ_ATTRIBUTES } from '../otlp/otlp-span.ts';
import { adjustedCount } from '../otlp/sampling-threshold.ts';
import type { OtlpResource } from '../otlp/span-recorder.ts';
import type { InspectedObject, InspectedValue } from './inspected-value.ts';

/** How the prints of Node and Python begin, and what every one has: where its end is missing, that has to do. */
const SPAN_LINES = /^ +(?:resource: \{|instrumentationScope: \{|"context": \{|["']?trace_?id["']?: ['"])/im;

/** Python's kinds and codes by name; those of the API are numbers in Node. */
const KINDS = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const CODES = ['UNSET', 'OK', 'ERROR'];
/** `flags` of OTLP: the parent is known to be remote. */
const REMOTE_PARENT = 0x300;

/** Whether a text that is no whole object was meant to be a span. */
export function looksLikeSpan(text: string): boolean {
  return SPAN_LINES.test(text);
}

/**
 * @param span filled in anew
 * @param process its service, where its print does not say what it is; attributes of its resource that are kept
 * @returns null where the object is no span
 */
export function readPrintedSpan(
  print: InspectedObject,
  span: OtlpSpan,
  process: PrintingProcess,
): OtlpResource | null {
  const context = print.get('context');
  const isPython = isObject(context) && context.has('trace_id');
  if (!isPython && !(print.has('traceId') && print.has('id'))) return null;
  span.clear();
  span.name = textOf(print.get('name'));
  if (isPython) readPython(print, context, span);
  else readNode(print, span);
  readStatus(print.get('status'), span);
  for (const [key, value] of entriesOf(print.get('attributes'))) {
    if (WANTED.has(key) && (typeof value === 'string' || typeof value === 'number'))
      span.setAttribute(key, value);
  }
  for (const event of listOf(print.get('events'))) {
    if (!isObject(event) || event.get('name') !== 'exception') continue;
    const said = entriesOf(event.get('attributes'));
    const texts = EXCEPTION_ATTRIBUTES.map((key) => [key, said.get(key)] as const);
    span.addException(Object.fromEntries(texts.filter(([, text]) => typeof text === 'string')));
  }
  return resourceOf(print.get('resource'), process);
}

export interface PrintingProcess {
  readonly service: string;
  readonly splitBy: readonly string[];
}

const WANTED: ReadonlySet<string> = new Set(READ_ATTRIBUTES);

function readNode(print: InspectedObject, span: OtlpSpan): void {
  const parent = print.get('parentSpanContext');
  setId(span.traceId, print.get('traceId'));
  setId(span.spanId, print.get('id'));
  setId(span.parentId, isObject(parent) ? parent.get('spanId') : print.get('parentId'));
  if (isObject(parent) && parent.get('isRemote') === true) span.flags = REMOTE_PARENT;
  const kind = print.get('kind');
  span.kind = typeof kind === 'number' ? Math.min(Math.max(Math.trunc(kind) || 0, 0), 4) : 0;
  const start = nanosecondsOf(print.get('timestamp'));
  setTime(span, 0, start);
  setTime(span, 2, start + nanosecondsOf(print.get('duration')));
  span.adjustedCount = adjustedCount(textOf(print.get('traceState')));
}

function readPython(print: InspectedObject, context: InspectedObject, span: OtlpSpan): void {
  setId(span.traceId, context.get('trace_id'));
  setId(span.spanId, context.get('span_id'));
  setId(span.parentId, print.get('parent_id'));
  span.kind = Math.max(0, KINDS.indexOf(textOf(print.get('kind')).replace('SpanKind.', '')));
  setTime(span, 0, timeOf(textOf(print.get('start_time'))));
  setTime(span, 2, timeOf(textOf(print.get('end_time'))));
  // `['{key=ot, value=th:8}']`
  const member = /\{key=ot, value=([^}]*)\}/.exec(textOf(context.get('trace_state')))?.[1];
  if (member !== undefined) span.adjustedCount = adjustedCount(`ot=${member}`);
}

function readStatus(status: InspectedValue | undefined, span: OtlpSpan): void {
  if (!isObject(status)) return;
  const code = status.get('code') ?? status.get('status_code');
  const number = typeof code === 'number' ? Math.trunc(code) : CODES.indexOf(textOf(code));
  span.status.code = number > 0 ? Math.min(number, 2) : 0;
}

/** Early SDKs print no resource. */
function resourceOf(
  resource: InspectedValue | undefined,
  { service, splitBy }: PrintingProcess,
): OtlpResource {
  if (!isObject(resource)) return { service, pid: 0 };
  const attributes = entriesOf(resource.get('attributes'));
  const pid = attributes.get('process.pid');
  const kept = splitBy.flatMap((key): [string, string][] => {
    const value = attributes.get(key);
    return typeof value === 'string' || typeof value === 'number' ? [[key, String(value)]] : [];
  });
  return {
    service: textOf(attributes.get('service.name')),
    pid: typeof pid === 'number' ? pid : 0,
    ...(kept.length > 0 && { attributes: Object.fromEntries(kept) }),
  };
}

/** What is no id of that length leaves zeros: the span is refused then. */
function setId(words: Uint32Array, id: InspectedValue | undefined): void {
  const digits = textOf(id).replace(/^0x/, '');
  if (digits.length !== words.length * 8 || !/^[0-9a-f]+$/i.test(digits)) return;
  for (let index = 0; index < words.length; index += 1)
    words[index] = Number.parseInt(digits.slice(index * 8, index * 8 + 8), 16);
}

/** Of microseconds; what is none makes a time that is refused. */
function nanosecondsOf(microseconds: InspectedValue | undefined): bigint {
  if (typeof microseconds !== 'number' || !Number.isFinite(microseconds)) return -1n;
  return BigInt(Math.round(microseconds * 1000));
}

/** Python prints microseconds, of which a `Date` holds milliseconds. */
function timeOf(text: string): bigint {
  const [, seconds, fraction = ''] = /^(.{19})(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
  const milliseconds = Date.parse(`${seconds}Z`);
  return Number.isNaN(milliseconds)
    ? -1n
    : BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** Below zero it is no time: the end is put before the start then, so that the span is refused. */
function setTime(span: OtlpSpan, index: number, nanoseconds: bigint): void {
  if (nanoseconds < 0n) {
    span.times[0] = 1;
    span.times[2] = 0;
    return;
  }
  span.times[index] = Number((nanoseconds >> 32n) & 0xffff_ffffn);
  span.times[index + 1] = Number(nanoseconds & 0xffff_ffffn);
}

function textOf(value: InspectedValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function isObject(value: InspectedValue | undefined): value is InspectedObject {
  return value instanceof Map;
}

const NONE: InspectedObject = new Map();

function entriesOf(value: InspectedValue | undefined): InspectedObject {
  return isObject(value) ? value : NONE;
}

function listOf(value: InspectedValue | undefined): readonly InspectedValue[] {
  return Array.isArray(value) ? value : [];
}
