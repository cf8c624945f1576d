/**
 * Reads a line that a service wrote to its standard output or error as a log record: JSON of pino, winston, bunyan,
 * Logback, Serilog, .NET and others, or text with `trace_id=…` in it, such as that of Python's
 * OTEL_PYTHON_LOG_CORRELATION. Pure; never throws.
 */
import type { LogSeverity } from '../../measurement.ts';
import { withoutColours } from '../colours.ts';
import {
  cutBody,
  type LogRecord,
  severityOfPinoLevel,
  severityOfWord,
  spanIdIn,
  traceIdIn,
} from './log-record.ts';

/** @returns null where the line says neither a trace nor how severe it is */
export function parseLogLine(line: string, service: string): LogRecord | null {
  const text = withoutColours(line).trim();
  const record =
    (text.startsWith('{') ? parseJsonLine(text, service) : labelledJson(text, service)) ??
    parseTextLine(text, service);
  return record.traceId === null && record.severity === null ? null : record;
}

/** What starts several services puts the number or the name of each in front: `[0] {"level":50, …}`. */
const LONGEST_LABEL = 40;

/** Null where the JSON says no level: then what stands in front is no label, as in `ERROR no such order {"id":7}`. */
function labelledJson(text: string, service: string): LogRecord | null {
  const start = text.indexOf('{');
  if (start < 0 || start > LONGEST_LABEL || !text.endsWith('}')) return null;
  const record = parseJsonLine(text.slice(start), service);
  return record?.severity == null ? null : record;
}

const SEVERE = /warn|wrn|err|fatal|crit|fail|severe|panic|alert|emerg|"level":\s{0,3}[456]\d/i;

/** Whether a line can be of any use, at a fraction of what it takes to read it. */
export function mayMatter(line: string, traceIdStart: string): boolean {
  return line.includes(traceIdStart) || SEVERE.test(line);
}

/** Whether the first trace id of a run that a line names is one of these. */
export function namesOneOf(line: string, traceIdStart: string, traceIds: ReadonlySet<string>): boolean {
  const at = line.indexOf(traceIdStart);
  return at >= 0 && traceIds.has(line.slice(at, at + 32));
}

type Json = Readonly<Record<string, unknown>>;

/** In the order in which they are believed. `@tr` and `@sp` are Serilog's. */
const TRACE_KEYS = ['trace_id', 'traceId', 'TraceId', 'otelTraceID', 'traceID', 'trace.id', '@tr', 'traceid'];
const SPAN_KEYS = ['span_id', 'spanId', 'SpanId', 'otelSpanID', 'spanID', 'span.id', '@sp', 'spanid'];
const LEVEL_KEYS = [
  ...['level', 'severity', 'levelname', 'log.level', 'LogLevel', 'lvl', 'loglevel', 'severity_text'],
  ...['severityText', 'Level', '@l', 'logLevel', 'Severity'],
];
const BODY_KEYS = ['msg', 'message', 'body', '@m', '@mt', 'Message', 'event', 'text'];
const TIME_KEYS = ['time', 'timestamp', '@timestamp', 'ts', '@t', 'Timestamp', 'asctime', 'date', 'datetime'];
/** Where loggers put what belongs to the context of a line. */
const NESTED_KEYS = [
  'mdc',
  'contextMap',
  'context',
  'ctx',
  'extra',
  'attributes',
  'fields',
  'Properties',
  'otel',
];

function parseJsonLine(text: string, service: string): LogRecord | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(parsed)) return null;
  const places = placesOf(parsed);
  return {
    service: serviceOf(parsed, service),
    traceId: firstOf(places, TRACE_KEYS, traceIdIn) ?? traceIdIn(nested(parsed, 'trace', 'id')),
    spanId: firstOf(places, SPAN_KEYS, spanIdIn) ?? spanIdIn(nested(parsed, 'span', 'id')),
    severity:
      firstOf([parsed], LEVEL_KEYS, severityIn) ??
      severityIn(nested(parsed, 'log', 'level')) ??
      serilogDefault(parsed),
    body: bodyOf(parsed, text),
    timeSeconds: firstOf([parsed], TIME_KEYS, timeIn),
  };
}

/** Only Python's own name is told apart: its spans may have another than the configuration says. */
function serviceOf(parsed: Json, service: string): string {
  const name = parsed.otelServiceName ?? parsed['service.name'] ?? parsed['resource.service.name'];
  return typeof name === 'string' && name !== '' ? name : service;
}

function placesOf(parsed: Json): readonly Json[] {
  const scopes = Array.isArray(parsed.Scopes) ? parsed.Scopes.slice(0, 20) : [];
  return [parsed, ...NESTED_KEYS.map((key) => parsed[key]), ...scopes].filter(isObject);
}

function firstOf<T>(
  places: readonly Json[],
  keys: readonly string[],
  read: (value: unknown) => T | null,
): T | null {
  for (const place of places) {
    for (const key of keys) {
      const found = place[key] === undefined ? null : read(place[key]);
      if (found !== null) return found;
    }
  }
  return null;
}

function nested(parsed: Json, outer: string, inner: string): unknown {
  const place = parsed[outer];
  return isObject(place) ? place[inner] : undefined;
}

function severityIn(value: unknown): LogSeverity | null {
  if (typeof value === 'number') return severityOfPinoLevel(value);
  // Bracketed by some, and with an emoji by others.
  return typeof value === 'string' ? severityOfWord(withoutColours(value).replace(/[^A-Za-z]/g, '')) : null;
}

/** Serilog leaves the level out where it is Information. */
function serilogDefault(parsed: Json): LogSeverity | null {
  return '@t' in parsed && !('@l' in parsed) ? 'info' : null;
}

function bodyOf(parsed: Json, text: string): string {
  const said = BODY_KEYS.map((key) => parsed[key]).find((value) => typeof value === 'string' && value !== '');
  const error = [parsed.err, parsed.error, parsed.exception, parsed.exc_info, parsed['@x'], parsed.stack]
    .map(errorText)
    .find((each) => each !== '');
  const parts = [said as string | undefined, error].filter((part) => part !== undefined);
  const distinct = parts.filter((part, at) => at === 0 || !parts[0]?.includes(part));
  return cutBody(distinct.length === 0 ? text : distinct.join(' | '));
}

function errorText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return '';
  const { type, name, message } = value;
  return [type ?? name, message].filter((part) => typeof part === 'string' && part !== '').join(': ');
}

/** Milliseconds or seconds since 1970, or a date as ISO 8601 writes it. */
function timeIn(value: unknown): number | null {
  if (typeof value === 'number') {
    if (value > 1e17) return value / 1e9;
    return value > 1e11 ? value / 1e3 : value > 1e9 ? value : null;
  }
  if (typeof value !== 'string' || value.length > 40) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time / 1e3;
}

/** Python's form; what comes behind it is the message. */
const PYTHON =
  /\[trace_id=\S{1,40} span_id=\S{1,24} resource\.service\.name=([^\]]{0,200}?)(?: trace_sampled=\w{1,8})?\](?: - )?/;
const TEXT_TRACE = /\b(?:trace[_.-]?id|otelTraceID)["']?[ \t]{0,3}[=:][ \t]{0,3}["']?([0-9a-f]{32})\b/i;
const TEXT_SPAN = /\b(?:span[_.-]?id|otelSpanID)["']?[ \t]{0,3}[=:][ \t]{0,3}["']?([0-9a-f]{16})\b/i;
/** `level=warn` of logfmt, and a word in capitals near the beginning, or the words of .NET and of winston. */
const KEYED_LEVEL = /\b(?:level|lvl|severity)=["']?([a-z]{2,12})/gi;
const LEVEL_WORD =
  /\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|SEVERE|PANIC)\b|^(warn|fail|crit|info|dbug|trce|error|warning|debug)(?=:)/;
/** Further on a capital word belongs to what is said. */
const LEVEL_WITHIN = 120;
const TEXT_TIME = /^\[?(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)/;

function parseTextLine(text: string, service: string): LogRecord {
  const python = PYTHON.exec(text);
  const time = TEXT_TIME.exec(text)?.[1]?.replace(',', '.').replace(' ', 'T');
  return {
    service: python?.[1] || service,
    traceId: traceIdIn(TEXT_TRACE.exec(text)?.[1]),
    spanId: spanIdIn(TEXT_SPAN.exec(text)?.[1]),
    severity: severityOfText(text),
    body: cutBody(python ? text.slice(python.index + python[0].length) : text),
    timeSeconds: time === undefined ? null : timeIn(time),
  };
}

/** The first that is a level: `level=low` and `severity=high` may be words of what the service is for. */
function severityOfText(text: string): LogSeverity | null {
  const word = LEVEL_WORD.exec(text.slice(0, LEVEL_WITHIN));
  const ofWord = severityOfWord(word?.[1] ?? word?.[2] ?? '');
  for (const { index, 1: keyed = '' } of text.matchAll(KEYED_LEVEL)) {
    if (word !== null && ofWord !== null && word.index < index) break;
    const severity = severityOfWord(keyed);
    if (severity !== null) return severity;
  }
  return ofWord;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
