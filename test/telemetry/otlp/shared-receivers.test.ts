import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import type { Receivers } from '../../../src/config.ts';
import { EXIT, UserError } from '../../../src/errors.ts';
import { SharedReceivers } from '../../../src/telemetry/otlp/shared-receivers.ts';
import { mintSpanId, mintTraceId } from '../../../src/telemetry/trace-id.ts';
import { ports } from '../../runner/process-bench.ts';
import { fieldsOf, tableOf } from './sdk-spans.ts';

const RUN_TAG = 0x5a5a;

async function receiversOf(changes: Partial<Receivers> = {}): Promise<Receivers> {
  const httpPort = await ports.take();
  return { host: '127.0.0.1', httpPort, grpcPort: null, settleSeconds: 1, ...changes };
}

function minted(instance: number, serial: number): string {
  return mintTraceId(RUN_TAG, { phase: 'measured', instance, request: 0, content: 0 }, serial);
}

let spans = 0;

async function send(given: Receivers, name: string, traceId: string): Promise<void> {
  spans += 1;
  const span = {
    ...{ traceId, spanId: spans.toString(16).padStart(16, '0'), parentSpanId: mintSpanId(traceId) },
    ...{ name, kind: 2, startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000001000000' },
  };
  await post(given, 'traces', { resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans: [span] }] }] });
}

const RESOURCE = {
  attributes: [
    { key: 'service.name', value: { stringValue: 'inventory' } },
    { key: 'cloud.region', value: { stringValue: 'eu' } },
  ],
};

async function post({ httpPort }: Receivers, signal: string, body: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${httpPort}/v1/${signal}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

function namesOf(receivers: SharedReceivers, instance: number, isAlone = false): readonly string[] {
  const files = receivers.filesOf({ runTag: RUN_TAG, instance, isAlone });
  return fieldsOf(tableOf(files)).map(({ name }) => name);
}

test('gives each instance the spans of its own requests', async () => {
  const given = await receiversOf();
  await using receivers = await SharedReceivers.open(given);
  if (!receivers) throw new Error('there are receivers');
  receivers.begin();
  await send(given, 'first', minted(0, 1));
  await send(given, 'second', minted(1, 2));
  await send(given, 'first again', minted(0, 3));
  await send(given, 'of nobody', 'f'.repeat(32));
  expect(namesOf(receivers, 0)).toEqual(['first', 'first again']);
  expect(namesOf(receivers, 1)).toEqual(['second']);
  expect(namesOf(receivers, 2)).toEqual([]);
  expect(namesOf(receivers, 0, true)).toHaveLength(4);
});

test('keeps the records of all, and deals out those that name no trace, so that each counts once', async () => {
  const given = await receiversOf();
  await using receivers = await SharedReceivers.open(given, { logs: true });
  if (!receivers) throw new Error('there are receivers');
  receivers.begin();
  const record = (traceId: string | undefined) => ({
    traceId,
    severityNumber: 17,
    body: { stringValue: 'failed' },
  });
  const logRecords = [minted(0, 1), undefined, minted(1, 2), undefined, undefined].map(record);
  await post(given, 'logs', { resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ logRecords }] }] });
  const seenBy = (instance: number) => {
    const traces: (string | null)[] = [];
    const lost = receivers.visitLogs(({ traceId }) => traces.push(traceId), { instance, instances: 2 });
    expect(lost).toEqual({ dropped: 0, droppedBelowWarn: 0 });
    return traces;
  };
  expect(seenBy(0)).toEqual([minted(0, 1), minted(1, 2), null]);
  expect(seenBy(1)).toEqual([minted(0, 1), null, minted(1, 2), null]);
});

test('keeps the metrics that somebody asks for, as those of all instances', async () => {
  const given = await receiversOf();
  await using receivers = await SharedReceivers.open(given, { metrics: new Set(['reads']) });
  if (!receivers) throw new Error('there are receivers');
  receivers.begin();
  const now = BigInt(Date.now()) * 1_000_000n;
  const dataPoints = [
    { asInt: '7', startTimeUnixNano: String(now), timeUnixNano: String(now + 1_000_000_000n) },
  ];
  const metric = (name: string) => ({
    name,
    sum: { dataPoints, aggregationTemporality: 1, isMonotonic: true },
  });
  const metrics = [metric('reads'), metric('writes')];
  await post(given, 'metrics', { resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ metrics }] }] });
  expect(receivers.metrics()).toMatchObject({ points: [{ name: 'reads', value: 7 }], dropped: 0 });
  receivers.begin();
  expect(receivers.metrics().points).toEqual([]);
});

test('splits the service by what its resource says', async () => {
  const given = await receiversOf();
  await using receivers = await SharedReceivers.open(given, { splitBy: ['cloud.region'] });
  if (!receivers) throw new Error('there are receivers');
  await send(given, 'first', minted(0, 1));
  const files = receivers.filesOf({ runTag: RUN_TAG, instance: 0, isAlone: false });
  expect(files.map(({ text }) => text[0]?.recorder?.resource)).toEqual([{ 'cloud.region': 'eu' }]);
});

test('forgets a round when the next one begins, and listens on', async () => {
  const given = await receiversOf();
  await using receivers = await SharedReceivers.open(given);
  if (!receivers) throw new Error('there are receivers');
  await send(given, 'before', minted(0, 1));
  receivers.begin();
  await send(given, 'after', minted(0, 2));
  expect(namesOf(receivers, 0)).toEqual(['after']);
});

test('says why requests with spans were refused since the round began', async () => {
  const given = await receiversOf();
  await using receivers = await SharedReceivers.open(given);
  if (!receivers) throw new Error('there are receivers');
  const url = `http://127.0.0.1:${given.httpPort}/v1/traces`;
  expect((await fetch(url, { method: 'POST', body: 'spans' })).status).toBe(415);
  expect(receivers.refusals()).toEqual([expect.stringContaining('the content type "text/plain')]);
  receivers.begin();
  expect(receivers.refusals()).toEqual([]);
});

test('opens nothing where nobody asks for it', async () => {
  expect(await SharedReceivers.open(undefined)).toBeNull();
});

test.each(['httpPort', 'grpcPort'] as const)('says that its %s is taken', async (key) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  try {
    const given = await receiversOf({ httpPort: null, [key]: port });
    const error: unknown = await SharedReceivers.open(given).catch((cause: unknown) => cause);
    if (!(error instanceof UserError)) throw new Error(`expected a UserError, got ${String(error)}`);
    expect(error.code).toBe('receiver-port-taken');
    expect(error.message).toBe(
      `Spans cannot be received at 127.0.0.1:${port}: another program listens there already.`,
    );
    expect(error.where).toBe(`receivers.${key === 'httpPort' ? 'http-port' : 'grpc-port'}`);
    expect(error.exitCode).toBe(EXIT.couldNotMeasure);
  } finally {
    other.close();
  }
});
