import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { decodeJsonTraces } from '../../../src/telemetry/otlp/decode-json-traces.ts';
import { TraceDecoder } from '../../../src/telemetry/otlp/decode-traces.ts';
import { MalformedJson } from '../../../src/telemetry/otlp/json-request.ts';
import { OtlpSpan } from '../../../src/telemetry/otlp/otlp-span.ts';
import { countMessages } from '../../../src/telemetry/otlp/resource-messages.ts';
import { SpanRows } from '../../../src/telemetry/otlp/span-rows.ts';
import { MalformedMessage } from '../../../src/telemetry/otlp/wire-reader.ts';
import { parentIdOf, spanIdOf, traceIdOf } from '../../../src/telemetry/span-table.ts';
import { SpanTableBuilder } from '../../../src/telemetry/span-table-builder.ts';
import { fieldsOf, jsonOf, protobufOf, SpanKind, SpanStatusCode, sdkSpans, tableOf } from './sdk-spans.ts';

function exampleSpans() {
  const { tracer, ended } = sdkSpans('shop ☂');
  const remote = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
  const incoming = trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
  const start: [number, number] = [1_790_000_000, 123_456_789];
  const server = tracer.startSpan('GET', { kind: SpanKind.SERVER, startTime: start }, incoming);
  server.setAttributes({ 'url.path': '/orders/17', 'http.response.status_code': 503, 'user.id': 'u1' });
  const inside = trace.setSpan(incoming, server);
  const query = tracer.startSpan('pg.query:SELECT shop', { kind: SpanKind.CLIENT, startTime: start }, inside);
  query.setAttributes({
    'db.system.name': 'postgresql',
    'db.query.text': 'SELECT * FROM orders WHERE id = $1',
  });
  query.end([1_790_000_000, 125_456_789]);
  const work = tracer.startSpan('price', { startTime: [1_790_000_000, 126_000_000] }, inside);
  work.recordException({ name: 'RangeError', message: 'no price' });
  work.setStatus({ code: SpanStatusCode.ERROR });
  work.end([1_790_000_000, 126_250_001]);
  server.end([1_790_000_000, 130_456_789]);
  return ended();
}

/** Both encodings have to say the same. */
const ENCODINGS = {
  protobuf: (spans: ReturnType<typeof exampleSpans>, rows: SpanRows) =>
    new TraceDecoder(rows).decode(protobufOf(spans)),
  JSON: (spans: ReturnType<typeof exampleSpans>, rows: SpanRows) =>
    decodeJsonTraces(jsonOf(spans), rows, new OtlpSpan()),
} as const;

describe.each(Object.entries(ENCODINGS))('spans of the SDK, sent as %s', (_, decode) => {
  const spans = exampleSpans();
  const rows = new SpanRows();
  decode(spans, rows);
  const table = tableOf(rows.files());

  test('bring what the exception of a span with an error says', () => {
    expect([...(table.exceptions ?? [])]).toEqual([[1, { type: 'RangeError', message: 'no price' }]]);
  });

  test('arrive with names, kinds, times, statuses and errors as the recorder in the service would keep them', () => {
    expect(rows.refused).toBe(0);
    expect(fieldsOf(table).map(({ startSeconds, durationSeconds, ...rest }) => rest)).toEqual([
      {
        ...{ service: 'shop ☂', name: 'pg.query SELECT orders', kind: 'client', status: 'unset' },
        ...{ errorType: null, httpStatus: null, derivedName: false, remoteParent: false },
      },
      {
        ...{ service: 'shop ☂', name: 'price', kind: 'internal', status: 'error' },
        ...{ errorType: 'RangeError', httpStatus: null, derivedName: false, remoteParent: false },
      },
      {
        ...{ service: 'shop ☂', name: 'GET /orders/:id', kind: 'server', status: 'unset' },
        ...{ errorType: '503', httpStatus: 503, derivedName: true, remoteParent: true },
      },
    ]);
  });

  test('keep their times to the nanosecond', () => {
    const durations = fieldsOf(table).map(({ durationSeconds }) => durationSeconds);
    expect(durations).toEqual([0.002, 0.000_250_001, 0.007]);
    const starts = fieldsOf(table).map(({ startSeconds }) => startSeconds + table.epochSeconds);
    expect(starts[2]).toBeCloseTo(1_790_000_000.123_457, 6);
    expect((starts[1] as number) - (starts[0] as number)).toBeCloseTo(0.002543211, 6);
  });

  test('keep their ids, and the link from child to parent', () => {
    for (const row of [0, 1, 2]) expect(traceIdOf(table, row)).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(parentIdOf(table, 2)).toBe('b7ad6b7169203331');
    expect(parentIdOf(table, 0)).toBe(spanIdOf(table, 2));
    expect(parentIdOf(table, 1)).toBe(spanIdOf(table, 2));
  });
});

test('spans of several services become a recorder each', () => {
  const rows = new SpanRows();
  const decoder = new TraceDecoder(rows);
  for (const service of ['gateway', 'orders', 'gateway']) {
    const { tracer, ended } = sdkSpans(service);
    tracer.startSpan(`work of ${service}`).end();
    decoder.decode(protobufOf(ended()));
  }
  expect(rows.count).toBe(3);
  expect(fieldsOf(tableOf(rows.files())).map(({ service, name }) => `${service}: ${name}`)).toEqual([
    'gateway: work of gateway',
    'gateway: work of gateway',
    'orders: work of orders',
  ]);
});

test('ten thousand spans keep their order and their names, whatever decoder read them', () => {
  const rows = new SpanRows();
  const made: string[] = [];
  for (let batch = 0; batch < 20; batch += 1) {
    const { tracer, ended } = sdkSpans('orders');
    for (let index = 0; index < 500; index += 1) {
      const name = `step ${(batch + index) % 7}`;
      made.push(name);
      tracer.startSpan(name, { kind: index % 2 === 0 ? SpanKind.INTERNAL : SpanKind.CLIENT }).end();
    }
    // Each decoder meets the names in another order.
    new TraceDecoder(rows).decode(protobufOf(ended()));
  }
  const [file, ...others] = rows.files();
  expect(others).toEqual([]);
  expect(file?.rowCount).toBe(10_000);
  expect(fieldsOf(tableOf(rows.files())).map(({ name }) => name)).toEqual(made);
});

test('attributes are read where a name or an error depends on them, and are jumped over elsewhere', () => {
  const { tracer, ended } = sdkSpans('orders');
  const attributes = { 'error.type': 'timeout', 'http.response.status_code': 404, 'url.path': '/a/12345' };
  const spans = [
    { name: 'inside', kind: SpanKind.INTERNAL, failed: false },
    { name: 'inside', kind: SpanKind.INTERNAL, failed: true },
    { name: 'GET /a/:id', kind: SpanKind.SERVER, failed: false },
    { name: 'GET', kind: SpanKind.SERVER, failed: false },
  ];
  for (const { name, kind, failed } of spans) {
    const span = tracer.startSpan(name, { kind, attributes });
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  }
  const rows = new SpanRows();
  new TraceDecoder(rows).decode(protobufOf(ended()));
  const found = fieldsOf(tableOf(rows.files()));
  expect(found.map(({ name, errorType, httpStatus }) => [name, errorType, httpStatus])).toEqual([
    ['inside', null, null],
    ['inside', 'timeout', null],
    ['GET /a/:id', 'timeout', 404],
    ['GET /a/:id', 'timeout', 404],
  ]);
});

test('a request is counted without decoding it', () => {
  expect(countMessages(protobufOf(exampleSpans()))).toBe(3);
  expect(countMessages(new Uint8Array())).toBe(0);
});

test('a request that is cut off anywhere is malformed, or a shorter request', () => {
  const body = protobufOf(exampleSpans());
  for (let length = 1; length < body.length; length += 1) {
    const decode = () => new TraceDecoder(new SpanRows()).decode(body.subarray(0, length));
    // The outermost message is one field: whatever is missing is missing inside it.
    expect(decode, `${length} bytes`).toThrow(MalformedMessage);
  }
});

test.each([
  ['text that is no JSON', '{"resourceSpans":', /JSON/],
  ['a list in the place of the request', '[]', /not an object/],
  ['an object in the place of a list', '{"resourceSpans":{}}', /resourceSpans is not a list/],
  [
    'a number in the place of a span',
    '{"resourceSpans":[{"scopeSpans":[{"spans":[1]}]}]}',
    /spans has an entry/,
  ],
])('%s is malformed', (_, text, message) => {
  const decode = () => decodeJsonTraces(text, new SpanRows(), new OtlpSpan());
  expect(decode).toThrow(MalformedJson);
  expect(decode).toThrow(message);
});

test('JSON of lenient senders is read: upper-case ids, numbers for times, names for enums', () => {
  const rows = new SpanRows();
  const span = {
    traceId: '5B8EFFF798038103D269B633813FC60C',
    spanId: 'EEE19B7EC3C1B174',
    name: 'I am a server',
    kind: 'SPAN_KIND_SERVER',
    startTimeUnixNano: 1_544_712_660_000_000_000,
    endTimeUnixNano: '1544712661000000000',
    status: { code: 'STATUS_CODE_ERROR' },
    unknown: { field: [1] },
  };
  decodeJsonTraces(
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
    rows,
    new OtlpSpan(),
  );
  const table = tableOf(rows.files());
  expect(fieldsOf(table)).toMatchObject([
    {
      service: 'unknown_service',
      name: 'I am a server',
      kind: 'server',
      status: 'error',
      errorType: '_OTHER',
      durationSeconds: 1,
    },
  ]);
  expect(spanIdOf(table, 0)).toBe('eee19b7ec3c1b174');
});

test.each([
  ['without ids', { startTimeUnixNano: '1', endTimeUnixNano: '2' }],
  ['with a trace id of the wrong length', { traceId: 'abcd', spanId: 'eee19b7ec3c1b174' }],
  ['with an id of other digits', { traceId: 'z'.repeat(32), spanId: 'eee19b7ec3c1b174' }],
  [
    'that ends before it starts',
    { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), startTimeUnixNano: '2', endTimeUnixNano: '1' },
  ],
])('a span %s is refused and counted', (_, span) => {
  const rows = new SpanRows();
  decodeJsonTraces(
    JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
    rows,
    new OtlpSpan(),
  );
  expect([rows.count, rows.refused]).toEqual([0, 1]);
});

test('a request that is sent again after a lost answer gives its spans once', () => {
  const rows = new SpanRows();
  const decoder = new TraceDecoder(rows);
  const body = protobufOf(exampleSpans());
  decoder.decode(body);
  decoder.decode(body);
  const files = rows.files();
  const builder = new SpanTableBuilder(files, { mayRepeat: true });
  for (const file of files) builder.add(file);
  const { spans, repeated } = builder.build();
  expect([spans.count, repeated]).toEqual([3, 3]);
});
