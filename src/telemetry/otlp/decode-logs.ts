/**
 * Decodes `ExportLogsServiceRequest`, protobuf and JSON. Field numbers are those of opentelemetry-proto 1.11.0,
 * `logs.proto`.
 */
import type { LogSeverity } from '../../measurement.ts';
import {
  cutBody,
  type LogRecord,
  type LogVisitor,
  severityOfNumber,
  severityOfWord,
  spanIdIn,
  traceIdIn,
} from '../logs/log-record.ts';
import {
  jsonAnyValue,
  jsonAttributes,
  type PlainValue,
  plainValueText,
  readAnyValue,
  readKeyValue,
} from './any-value.ts';
import { type Json, listOf, parseRequest, resourceOf, wordsOf } from './json-request.ts';
import { resourceMessages } from './resource-messages.ts';
import { WIRE, WireReader } from './wire-reader.ts';

const { varint, fixed64, bytes: BYTES } = WIRE;
const WORD = 2 ** 32;

/** What a record says of itself, before it is put together. */
interface Parts {
  time: number;
  observed: number;
  number: number;
  text: string;
  body: PlainValue;
  traceId: string | null;
  spanId: string | null;
  exception: Exception;
}

interface Exception {
  type: string;
  message: string;
}

/** @throws MalformedMessage; records before that place have been visited */
export function decodeLogs(body: Uint8Array, visit: LogVisitor): void {
  const reader = new WireReader(body);
  resourceMessages(reader, ({ resource, end }) => visit(recordOf(resource.service, readRecord(reader, end))));
}

function readRecord(reader: WireReader, end: number): Parts {
  const parts = emptyParts();
  while (reader.next(end)) {
    const { field, type } = reader;
    if (field === 1 && type === fixed64) parts.time = nanoseconds(reader);
    else if (field === 2 && type === varint) parts.number = reader.varint();
    else if (field === 3 && type === BYTES) parts.text = reader.text(reader.endOfBytes(end));
    else if (field === 5 && type === BYTES) parts.body = readAnyValue(reader, reader.endOfBytes(end));
    else if (field === 6 && type === BYTES)
      noteException(parts.exception, readKeyValue(reader, reader.endOfBytes(end)));
    else if (field === 9 && type === BYTES) parts.traceId = traceIdIn(hex(reader, end));
    else if (field === 10 && type === BYTES) parts.spanId = spanIdIn(hex(reader, end));
    else if (field === 11 && type === fixed64) parts.observed = nanoseconds(reader);
    else reader.skip(end);
  }
  return parts;
}

/** @throws MalformedJson; records before that place have been visited */
export function decodeJsonLogs(text: string, visit: LogVisitor): void {
  for (const resourceLogs of listOf(parseRequest(text), 'resourceLogs')) {
    const { service } = resourceOf(resourceLogs);
    for (const scopeLogs of listOf(resourceLogs, 'scopeLogs')) {
      for (const found of listOf(scopeLogs, 'logRecords')) visit(recordOf(service, jsonParts(found)));
    }
  }
}

function jsonParts(found: Json): Parts {
  const parts = emptyParts();
  for (const attribute of jsonAttributes(found, 'attributes')) noteException(parts.exception, attribute);
  const { severityNumber, severityText } = found;
  return {
    ...parts,
    time: jsonNanoseconds(found.timeUnixNano),
    observed: jsonNanoseconds(found.observedTimeUnixNano),
    number: typeof severityNumber === 'number' ? severityNumber : 0,
    // Lenient senders write the name of the enum where its number belongs.
    text: String(
      [severityText, severityNumber].find((each) => typeof each === 'string' && each !== '') ?? '',
    ),
    body: jsonAnyValue(found.body),
    traceId: traceIdIn(found.traceId),
    spanId: spanIdIn(found.spanId),
  };
}

function jsonNanoseconds(value: unknown): number {
  const [high, low] = wordsOf(value);
  return high * WORD + low;
}

function emptyParts(): Parts {
  const exception = { type: '', message: '' };
  return {
    ...{ time: 0, observed: 0, number: 0, text: '', body: null },
    traceId: null,
    spanId: null,
    exception,
  };
}

function recordOf(service: string, parts: Parts): LogRecord {
  const time = parts.time || parts.observed;
  return {
    service,
    traceId: parts.traceId,
    spanId: parts.spanId,
    severity: severityOf(parts),
    body: bodyOf(parts),
    // To the microsecond: a double holds no more, and a millisecond must not become the one before.
    timeSeconds: time === 0 ? null : Math.round(time / 1e3) / 1e6,
  };
}

function severityOf({ number, text }: Parts): LogSeverity | null {
  return severityOfNumber(number) ?? severityOfWord(text.replace(/^SEVERITY_NUMBER_|\d$/g, ''));
}

/** A record of an exception may have nothing but its attributes. */
function bodyOf({ body, exception }: Parts): string {
  const said = plainValueText(body);
  const { type, message } = exception;
  const thrown = [type, message].filter((each) => each !== '').join(': ');
  const text =
    thrown === '' || said.includes(message || type) ? said : said === '' ? thrown : `${said} | ${thrown}`;
  return cutBody(text);
}

function noteException(exception: Exception, [key, value]: readonly [string, PlainValue]): void {
  if (key === 'exception.type') exception.type = plainValueText(value);
  else if (key === 'exception.message') exception.message = plainValueText(value);
}

function nanoseconds(reader: WireReader): number {
  const low = reader.fixed32();
  return reader.fixed32() * WORD + low;
}

function hex(reader: WireReader, within: number): string {
  const end = reader.endOfBytes(within);
  const { bytes, at } = reader;
  reader.at = end;
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, end - at).toString('hex');
}
