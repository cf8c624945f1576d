import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpReceiver, startHttpReceiver } from '../../../src/telemetry/otlp/http-receiver.ts';
import { OtlpInbox } from '../../../src/telemetry/otlp/inbox.ts';
import { collected, jsonLogs, protobufLogs, SeverityNumber, sdkLogs } from './sdk-logs.ts';
import { fieldsOf, jsonOf, protobufOf, sdkSpans, tableOf } from './sdk-spans.ts';

function spansOf(service: string, count: number) {
  const { tracer, ended } = sdkSpans(service);
  for (let index = 0; index < count; index += 1) tracer.startSpan(`step ${index}`).end();
  return ended();
}

const PROTOBUF = { 'content-type': 'application/x-protobuf' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const LIMIT = 100_000;

let inbox: OtlpInbox;
let receiver: HttpReceiver;
const agent = new Agent({ connections: 1 });

beforeAll(async () => {
  inbox = new OtlpInbox();
  receiver = await startHttpReceiver({ inbox, mostBytes: LIMIT });
});
afterAll(async () => {
  await agent.destroy();
  await receiver[Symbol.asyncDispose]();
});

async function post(
  path: string,
  headers: Record<string, string>,
  body: Uint8Array | string,
  method: 'POST' | 'PUT' = 'POST',
) {
  const answer = await request(`${receiver.url}${path}`, { method, headers, body, dispatcher: agent });
  return {
    status: answer.statusCode,
    type: answer.headers['content-type'],
    allow: answer.headers.allow,
    body: Buffer.from(await answer.body.arrayBuffer()),
  };
}

describe('a request that can be read', () => {
  test.each([
    ['protobuf', PROTOBUF, () => protobufOf(spansOf('a', 2)), ''],
    ['JSON', JSON_TYPE, () => jsonOf(spansOf('b', 2)), '{}'],
    ['gzip', { ...PROTOBUF, 'content-encoding': 'gzip' }, () => gzipSync(protobufOf(spansOf('c', 2))), ''],
    [
      'deflate',
      { ...PROTOBUF, 'content-encoding': 'Deflate' },
      () => deflateSync(protobufOf(spansOf('d', 2))),
      '',
    ],
  ])(
    'as %s is answered with 200, in its own encoding, and partial success unset',
    async (_, headers, body, expected) => {
      const answer = await post('/v1/traces', headers, body());
      expect(answer.status).toBe(200);
      expect(answer.type).toBe(headers['content-type'].split(';')[0]);
      expect(answer.body.toString()).toBe(expected);
    },
  );

  test('without anything in it succeeds too', async () => {
    expect((await post('/v1/traces', PROTOBUF, '')).status).toBe(200);
    expect((await post('/v1/metrics', JSON_TYPE, '{}')).status).toBe(200);
    expect((await post('/v1/logs', JSON_TYPE, '{}')).status).toBe(200);
  });

  test('gives its spans when the round is over', async () => {
    const own = new OtlpInbox();
    await using other = await startHttpReceiver({ inbox: own });
    const bodies = [protobufOf(spansOf('orders', 3)), protobufOf(spansOf('shop', 1))];
    for (const body of bodies) {
      const answer = await request(`${other.url}/v1/traces`, { method: 'POST', headers: PROTOBUF, body });
      await answer.body.dump();
    }
    expect(fieldsOf(tableOf(own.spans().files())).map(({ service, name }) => `${service} ${name}`)).toEqual([
      ...['orders step 0', 'orders step 1', 'orders step 2', 'shop step 0'],
    ]);
    expect(own.quality).toMatchObject({ requests: 2, refused: 0, refusedSpans: 0, decodedInline: 0 });
  });
});

describe('a request that cannot be read', () => {
  test.each([
    ['another path', '/v1/profiles', PROTOBUF, '', 404],
    ['another type', '/v1/traces', { 'content-type': 'text/plain' }, 'x', 415],
    ['no type', '/v1/traces', {}, 'x', 415],
    ['another encoding', '/v1/traces', { ...PROTOBUF, 'content-encoding': 'br' }, 'x', 415],
    ['half a message', '/v1/traces', PROTOBUF, protobufOf(spansOf('a', 1)).subarray(0, 30), 400],
    ['half of JSON', '/v1/traces', JSON_TYPE, '{"resourceSpans":[', 400],
    ['what is no gzip', '/v1/traces', { ...PROTOBUF, 'content-encoding': 'gzip' }, 'x', 400],
    ['too many bytes', '/v1/traces', PROTOBUF, new Uint8Array(LIMIT + 1), 413],
    [
      'a bomb',
      '/v1/traces',
      { ...PROTOBUF, 'content-encoding': 'gzip' },
      gzipSync(new Uint8Array(50_000_000)),
      413,
    ],
  ])('for %s gets its own status', async (_, path, headers, body, status) => {
    const answer = await post(path, headers as Record<string, string>, body);
    expect(answer.status).toBe(status);
    const isJson = answer.type === 'application/json';
    if (isJson) expect(JSON.parse(answer.body.toString())).toHaveProperty('message');
    // google.rpc.Status begins with its code.
    else expect(answer.body[0]).toBe(0x08);
  });

  test.each([
    ['/v1/traces', 'br', 'refused', 'the content encoding "br" is neither gzip nor deflate'],
    ['/v1/traces', 'gzip', 'refused', 'the body is not gzip: incorrect header check'],
    ['/', 'identity', 'refused', '/ is none of /v1/traces, /v1/metrics and /v1/logs'],
    ['/v1/logs', 'br', 'refusedLogs', null],
    ['/v1/metrics', 'br', 'refusedMetrics', null],
    ['/v1/profiles', 'br', 'nothing', null],
  ])('to %s as %s is counted as %s, and spans with the reason', async (path, packing, counted, reason) => {
    const own = new OtlpInbox({ metrics: new Set(['jobs']) });
    await using other = await startHttpReceiver({ inbox: own });
    for (const _ of [1, 2]) {
      const headers = { ...PROTOBUF, 'content-encoding': packing };
      const answer = await request(`${other.url}${path}`, { method: 'POST', headers, body: 'whatever' });
      await answer.body.dump();
    }
    const { refused, refusedLogs, refusedMetrics, reasons } = own.quality;
    expect({ refused, refusedLogs, refusedMetrics }).toEqual({
      ...{ refused: 0, refusedLogs: 0, refusedMetrics: 0 },
      ...(counted !== 'nothing' && { [counted]: 2 }),
    });
    expect(reasons).toEqual(reason === null ? [] : [reason]);
  });

  test('of a signal that nobody wants is not counted', () => {
    const own = new OtlpInbox({ logs: false });
    own.refuse('logs', 'no reason');
    own.refuse('metrics', 'no reason');
    expect(own.quality).toMatchObject({ refusedLogs: 0, refusedMetrics: 0 });
  });

  test('by another method is told which one', async () => {
    const answer = await post('/v1/traces', PROTOBUF, '', 'PUT');
    expect([answer.status, answer.allow]).toEqual([405, 'POST']);
  });

  test('leaves nothing behind, and the receiver goes on', async () => {
    expect((await post('/v1/traces', PROTOBUF, protobufOf(spansOf('a', 1)))).status).toBe(200);
  });

  test('and ends in the middle is dropped without a trace', async () => {
    const before = inbox.quality.requests;
    await new Promise<void>((resolve) => {
      const socket = connect(receiver.port, '127.0.0.1', () => {
        socket.write('POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n');
        socket.write('Content-Length: 1000\r\n\r\nabc', () => socket.destroy());
      });
      socket.once('close', () => resolve());
    });
    expect((await post('/v1/traces', PROTOBUF, '')).status).toBe(200);
    expect(inbox.quality.requests).toBe(before + 1);
  });
});

test('past its memory limit the inbox decodes as bodies come, and loses none', () => {
  const small = new OtlpInbox({ mostBytes: 500 });
  for (let index = 0; index < 5; index += 1) {
    small.accept({ signal: 'traces', encoding: 'protobuf', bytes: protobufOf(spansOf('a', 2)) });
  }
  expect(small.quality.decodedInline).toBeGreaterThan(0);
  expect(small.spans().count).toBe(10);
});

test('past its memory limit the inbox keeps the records that count, and counts the others', () => {
  const small = new OtlpInbox({ mostBytes: 0 });
  const { logger, emitted } = sdkLogs('orders');
  for (const severityNumber of [SeverityNumber.INFO, SeverityNumber.WARN, SeverityNumber.FATAL])
    logger.emit({ severityNumber, body: `${'x'.repeat(290)} password=hunter2-and-more` });
  small.accept({ signal: 'logs', encoding: 'protobuf', bytes: protobufLogs(emitted()) });
  small.accept({ signal: 'logs', encoding: 'json', bytes: new TextEncoder().encode(jsonLogs(emitted())) });
  const kept = collected((visit) => small.visitLogs(visit));
  // Half of a secret is none that anybody would take out.
  expect(kept.map(({ severity, body }) => [severity, body])).toEqual([
    ...[
      ['warn', `${'x'.repeat(290)} …`],
      ['fatal', `${'x'.repeat(290)} …`],
    ],
    ...[
      ['warn', `${'x'.repeat(290)} …`],
      ['fatal', `${'x'.repeat(290)} …`],
    ],
  ]);
  expect(small.quality).toMatchObject({
    ...{ droppedLogs: 0, droppedLogsBelowWarn: 2, decodedInline: 2, refusedLogs: 0 },
  });
});
