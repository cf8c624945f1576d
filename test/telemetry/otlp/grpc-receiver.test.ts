import grpc from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GrpcReceiver, startGrpcReceiver } from '../../../src/telemetry/otlp/grpc-receiver.ts';
import { OtlpInbox } from '../../../src/telemetry/otlp/inbox.ts';
import { collected, protobufLogs, SeverityNumber, sdkLogs } from './sdk-logs.ts';
import { protobufMetrics, sdkMetrics } from './sdk-metrics.ts';
import { fieldsOf, protobufOf, sdkSpans, tableOf } from './sdk-spans.ts';

const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
const LIMIT = 100_000;

let inbox: OtlpInbox;
let receiver: GrpcReceiver;
let client: grpc.Client;

beforeAll(async () => {
  inbox = new OtlpInbox();
  receiver = await startGrpcReceiver({ inbox, mostBytes: LIMIT });
  client = new grpc.Client(`127.0.0.1:${receiver.port}`, grpc.credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  });
});
afterAll(async () => {
  client.close();
  await receiver[Symbol.asyncDispose]();
});

function call(path: string, body: Uint8Array, through = client): Promise<Buffer> {
  const asIs = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) => {
    through.makeUnaryRequest<Buffer, Buffer>(path, asIs, asIs, Buffer.from(body), (error, answer) =>
      error || !answer ? reject(error) : resolve(answer),
    );
  });
}

function body(count: number): Uint8Array {
  const { tracer, ended } = sdkSpans('orders');
  for (let index = 0; index < count; index += 1) tracer.startSpan(`step ${index}`).end();
  return protobufOf(ended());
}

test('spans that are exported are answered with an empty success, and come out behind the round', async () => {
  expect(await call(TRACES, body(2))).toHaveLength(0);
  expect(
    await call('/opentelemetry.proto.collector.logs.v1.LogsService/Export', Buffer.alloc(0)),
  ).toHaveLength(0);
  expect(
    await call('/opentelemetry.proto.collector.metrics.v1.MetricsService/Export', Buffer.alloc(0)),
  ).toHaveLength(0);
  expect(fieldsOf(tableOf(inbox.spans().files())).map(({ name }) => name)).toEqual(['step 0', 'step 1']);
});

test('log records and metrics come by gRPC too', async () => {
  const { logger, emitted } = sdkLogs('orders');
  logger.emit({ severityNumber: SeverityNumber.WARN, body: 'stock is low' });
  const { meter, collect } = sdkMetrics('orders', 'delta');
  meter.createCounter('jobs').add(3);
  const own = new OtlpInbox({ metrics: new Set(['jobs']) });
  await using other = await startGrpcReceiver({ inbox: own });
  const bodies = { logs: protobufLogs(emitted()), metrics: protobufMetrics(await collect()) };
  const sender = new grpc.Client(`127.0.0.1:${other.port}`, grpc.credentials.createInsecure());
  for (const [signal, bytes] of Object.entries(bodies)) {
    const service = signal === 'logs' ? 'LogsService' : 'MetricsService';
    expect(
      await call(`/opentelemetry.proto.collector.${signal}.v1.${service}/Export`, bytes, sender),
    ).toHaveLength(0);
  }
  sender.close();
  expect(collected((visit) => own.visitLogs(visit)).map(({ body }) => body)).toEqual(['stock is low']);
  expect(own.metrics().points()).toMatchObject([{ name: 'jobs', value: 3 }]);
});

test.each([
  ['half a message', TRACES, body(1).subarray(0, 20), grpc.status.INVALID_ARGUMENT],
  [
    'another method',
    '/opentelemetry.proto.collector.trace.v1.TraceService/Import',
    body(1),
    grpc.status.UNIMPLEMENTED,
  ],
  ['too many bytes', TRACES, new Uint8Array(LIMIT + 1), grpc.status.RESOURCE_EXHAUSTED],
])('%s gets the status of its own, and the receiver goes on', async (_, path, bytes, code) => {
  await expect(call(path, bytes)).rejects.toMatchObject({ code });
  expect(await call(TRACES, body(1))).toHaveLength(0);
});

test('a request with too many bytes counts as one whose spans nobody knows', async () => {
  const own = new OtlpInbox();
  await using other = await startGrpcReceiver({ inbox: own, mostBytes: LIMIT });
  const sender = new grpc.Client(`127.0.0.1:${other.port}`, grpc.credentials.createInsecure(), {
    'grpc.max_send_message_length': -1,
  });
  await expect(call(TRACES, new Uint8Array(LIMIT + 1), sender)).rejects.toMatchObject({
    code: grpc.status.RESOURCE_EXHAUSTED,
  });
  sender.close();
  expect(own.quality).toMatchObject({
    refused: 1,
    reasons: [`a request may have ${LIMIT} bytes at most, unpacked`],
  });
});
