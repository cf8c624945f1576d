import { describe, expect, test } from 'vitest';
import { decodeJsonLogs, decodeLogs } from '../../../src/telemetry/otlp/decode-logs.ts';
import { MalformedJson } from '../../../src/telemetry/otlp/json-request.ts';
import { countMessages } from '../../../src/telemetry/otlp/resource-messages.ts';
import { MalformedMessage } from '../../../src/telemetry/otlp/wire-reader.ts';
import { collected, inSpan, jsonLogs, protobufLogs, SeverityNumber, sdkLogs } from './sdk-logs.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

function exampleLogs() {
  const { logger, emitted } = sdkLogs('shop ☂');
  const context = inSpan(TRACE, SPAN);
  const timestamp = new Date('2026-11-28T08:00:00.250Z');
  logger.emit({ timestamp, context, severityNumber: SeverityNumber.WARN2, body: 'stock is low' });
  logger.emit({ timestamp, context, severityText: 'ERROR', body: { order: 17, lines: [1, -2, true] } });
  logger.emit({ timestamp, severityNumber: SeverityNumber.FATAL, body: 'no memory' });
  logger.emit({
    ...{ timestamp, context, severityNumber: SeverityNumber.ERROR, body: 'failed' },
    attributes: { 'exception.type': 'RangeError', 'exception.message': 'out of range' },
  });
  logger.emit({ timestamp, context, body: '' });
  return emitted();
}

const EXPECTED = [
  { severity: 'warn', body: 'stock is low' },
  { severity: 'error', body: '{"order":17,"lines":[1,-2,true]}' },
  { severity: 'fatal', body: 'no memory', traceId: null, spanId: null },
  { severity: 'error', body: 'failed | RangeError: out of range' },
  { severity: null, body: '' },
].map((record) => ({
  service: 'shop ☂',
  traceId: TRACE,
  spanId: SPAN,
  timeSeconds: 1_795_852_800.25,
  ...record,
}));

describe('the records of the SDK', () => {
  test('are read from protobuf', () => {
    expect(collected((visit) => decodeLogs(protobufLogs(exampleLogs()), visit))).toEqual(EXPECTED);
    expect(countMessages(protobufLogs(exampleLogs()))).toBe(5);
  });

  test('are read from JSON', () => {
    expect(collected((visit) => decodeJsonLogs(jsonLogs(exampleLogs()), visit))).toEqual(EXPECTED);
  });
});

test('the example of the protocol is read, ids in upper case and numbers as text', () => {
  const text = JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'my.service' } }] },
        scopeLogs: [
          {
            scope: { name: 'my.library', version: '1.0.0' },
            logRecords: [
              {
                timeUnixNano: '1544712660300000000',
                observedTimeUnixNano: '1544712660300000000',
                severityNumber: 10,
                severityText: 'Information',
                traceId: '5B8EFFF798038103D269B633813FC60C',
                spanId: 'EEE19B7EC3C1B174',
                body: { stringValue: 'Example log record' },
                attributes: [
                  { key: 'array.attribute', value: { arrayValue: { values: [{ stringValue: 'many' }] } } },
                ],
              },
            ],
          },
        ],
      },
    ],
  });
  expect(collected((visit) => decodeJsonLogs(text, visit))).toEqual([
    {
      service: 'my.service',
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      severity: 'info',
      body: 'Example log record',
      timeSeconds: 1_544_712_660.3,
    },
  ]);
});

test.each([
  ['SEVERITY_NUMBER_WARN', 'warn'],
  ['SEVERITY_NUMBER_ERROR3', 'error'],
  ['unheard of', null],
])('the severity %s by name is %s', (name, severity) => {
  const text = JSON.stringify({
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ severityNumber: name, body: { stringValue: 'x' } }] }] }],
  });
  expect(collected((visit) => decodeJsonLogs(text, visit))[0]?.severity).toBe(severity);
});

test('a request that is cut off anywhere is malformed, or a shorter request', () => {
  const body = protobufLogs(exampleLogs());
  for (let length = 1; length < body.length; length += 1) {
    try {
      const records = collected((visit) => decodeLogs(body.subarray(0, length), visit));
      expect(records.length).toBeLessThan(5);
    } catch (error) {
      expect(error).toBeInstanceOf(MalformedMessage);
    }
  }
});

test.each([
  ['{'],
  ['[]'],
  ['{"resourceLogs":{}}'],
  ['{"resourceLogs":[{"scopeLogs":[{"logRecords":[3]}]}]}'],
])('%s is malformed', (text) => {
  expect(() => decodeJsonLogs(text, () => {})).toThrow(MalformedJson);
});

test('a body that nests without end is read as far as anybody would', () => {
  // AnyValue: a list (5) of one value (1) that is a list again; a length takes up to three bytes.
  const varint = (value: number) =>
    value < 128
      ? [value]
      : [
          (value & 127) | 128,
          ...[value >> 7 < 128 ? [value >> 7] : [((value >> 7) & 127) | 128, value >> 14]].flat(),
        ];
  const field = (number: number, inside: readonly number[]) => [
    (number << 3) | 2,
    ...varint(inside.length),
    ...inside,
  ];
  let value: number[] = [];
  for (let depth = 0; depth < 1000; depth += 1) value = field(5, field(1, value));
  const body = field(1, field(2, field(2, field(5, value))));
  const [record] = collected((visit) => decodeLogs(Uint8Array.from(body), visit));
  expect(record?.body).toBe(`${'['.repeat(8)}null${']'.repeat(8)}`);
});
