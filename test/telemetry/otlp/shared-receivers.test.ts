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

async function send({ httpPort }: Receivers, name: string, traceId: string): Promise<void> {
  spans += 1;
  const span = {
    ...{ traceId, spanId: spans.toString(16).padStart(16, '0'), parentSpanId: mintSpanId(traceId) },
    ...{ name, kind: 2, startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000001000000' },
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'inventory' } }] };
  const answer = await fetch(`http://127.0.0.1:${httpPort}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
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

test('forgets a round when the next one begins, and listens on', async () => {
  const given = await receiversOf();
  await using receivers = await SharedReceivers.open(given);
  if (!receivers) throw new Error('there are receivers');
  await send(given, 'before', minted(0, 1));
  receivers.begin();
  await send(given, 'after', minted(0, 2));
  expect(namesOf(receivers, 0)).toEqual(['after']);
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
