import { join } from 'node:path';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, describe, expect, test } from 'vitest';
import type { Load, RequestTemplate } from '../../../src/config.ts';
import { EXIT, UserError } from '../../../src/errors.ts';
import { assertGrpcCalls } from '../../../src/runner/load/grpc-methods.ts';
import type { LoadResult } from '../../../src/runner/load/load-result.ts';
import { runLoad } from '../../../src/runner/load/model-load.ts';
import { createWorkload } from '../../../src/runner/load/workload.ts';
import { parseTraceId } from '../../../src/telemetry/trace-id.ts';
import { exampleLoad, exampleOptions, exampleRequest, noFiles } from './example-load.ts';

const PROTO = join(import.meta.dirname, 'fixtures', 'orders.proto');

interface Seen {
  readonly id: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const servers: grpc.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.forceShutdown();
});

async function ordersServer(): Promise<{ readonly url: string; readonly seen: Seen[]; stop(): void }> {
  const seen: Seen[] = [];
  const server = new grpc.Server();
  servers.push(server);
  const { 'shop.Orders': orders } = loadSync(PROTO);
  server.addService(orders as unknown as grpc.ServiceDefinition, {
    Get: (
      { request, metadata }: grpc.ServerUnaryCall<{ id: number }, object>,
      done: grpc.sendUnaryData<object>,
    ) => {
      seen.push({ id: request.id, metadata: metadata.getMap() });
      if (request.id === 13) done({ code: grpc.status.NOT_FOUND, details: 'there is no order 13' });
      else if (request.id !== 99) done(null, { id: request.id });
    },
  });
  const credentials = grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return { url: `http://127.0.0.1:${port}`, seen, stop: () => server.forceShutdown() };
}

function call(body: object, overrides: Partial<RequestTemplate> = {}): RequestTemplate {
  return exampleRequest({
    ...{ name: 'get', method: 'POST', path: '/shop.Orders/Get', expect: [0], protocol: 'grpc' },
    ...{ body: JSON.stringify(body), ...overrides },
  });
}

function grpcLoad(requests: readonly RequestTemplate[], overrides: Partial<Load> = {}): Load {
  return exampleLoad({ grpc: { proto: PROTO, include: [] }, requests, ...overrides });
}

function run(load: Load, urls: readonly string[]): Promise<LoadResult> {
  return runLoad('closed', { ...exampleOptions(load, urls), seed: 1 });
}

async function mistakeOf(load: Load): Promise<UserError> {
  const workload = createWorkload(load, { readFile: noFiles });
  const outcome = await assertGrpcCalls(workload).catch((error: unknown) => error);
  if (!(outcome instanceof UserError)) throw new Error(`expected a UserError, got ${String(outcome)}`);
  expect(outcome.exitCode).toBe(EXIT.usage);
  return outcome;
}

describe('a gRPC load', () => {
  test('calls each instance, with a trace of its own for every call', async () => {
    const [first, second] = [await ordersServer(), await ordersServer()];
    const headers = { 'x-tenant': 'a' };
    const load = grpcLoad([call({ id: 7 }, { headers })], { connections: 2 });
    const result = await run(load, [first.url, second.url]);
    expect(result.driver).toBe('grpc');
    for (const [position, { seen }] of [first, second].entries()) {
      const [operation] = result.instances[position]?.operations ?? [];
      expect(operation?.completed).toBeGreaterThan(3);
      expect(operation?.errors).toEqual({});
      expect(operation?.latencies).toHaveLength(operation?.completed ?? 0);
      expect(new Set(seen.map(({ id }) => id))).toEqual(new Set([7]));
      expect(new Set(seen.map(({ metadata }) => metadata['x-tenant']))).toEqual(new Set(['a']));
      const traces = seen.map(({ metadata }) => String(metadata.traceparent).slice(3, 35));
      expect(new Set(traces).size).toBe(seen.length);
      const measured = traces
        .map((id) => parseTraceId(0x5a17, id))
        .filter((origin) => origin?.phase === 'measured');
      expect(new Set(measured.map((origin) => origin?.instance))).toEqual(new Set([position]));
      // Those in flight at the end are seen by one side only.
      expect(measured.length - (operation?.completed ?? 0)).toBeLessThanOrEqual(2);
    }
  });

  test('sends the values of variables', async () => {
    const { url, seen } = await ordersServer();
    const id = JSON.stringify({ id: 0 }).replace('0', '${int(20,25)}');
    await run(grpcLoad([call({}, { body: id })]), [url]);
    expect(seen.every((each) => each.id >= 20 && each.id <= 25)).toBe(true);
    expect(new Set(seen.map((each) => each.id)).size).toBeGreaterThan(3);
  });

  test('counts a status that is not OK as an error, by its name', async () => {
    const { url } = await ordersServer();
    const result = await run(grpcLoad([call({ id: 13 })]), [url]);
    const [operation] = result.instances[0]?.operations ?? [];
    expect(operation?.requests).toBeGreaterThan(3);
    expect(operation?.errors).toEqual({ NOT_FOUND: operation?.requests });
    expect(operation?.completed).toBe(operation?.requests);
    expect(operation?.unexpected).toEqual({ status: 5, body: 'there is no order 13' });
  });

  test('counts an answer that does not come in time as an error', async () => {
    const { url } = await ordersServer();
    const load = grpcLoad([call({ id: 99 }), call({ id: 7 }, { name: 'other' })], { timeoutSeconds: 0.1 });
    const result = await run(load, [url]);
    const [operation] = result.instances[0]?.operations ?? [];
    expect(Object.keys(operation?.errors ?? {})).toEqual(['timeout']);
    expect(operation?.completed).toBe(0);
  });

  test('ends with an error where nobody listens any more', async () => {
    const { url, stop } = await ordersServer();
    stop();
    const load = grpcLoad([call({ id: 7 })]);
    const options = { ...exampleOptions(load, [url], { durationSeconds: 20 }), seed: 1 };
    await expect(runLoad('closed', options)).rejects.toMatchObject({ code: 'service-died' });
  });
});

describe('mistakes of a gRPC load are found before anything is started:', () => {
  test('a proto file that is not there', async () => {
    const proto = join(import.meta.dirname, 'nowhere.proto');
    const error = await mistakeOf(grpcLoad([call({})], { grpc: { proto, include: [] } }));
    expect(error.code).toBe('grpc-proto-unreadable');
    expect(error.message).toMatch(/^The proto file cannot be read: .*nowhere\.proto/);
  });

  test('a method that is not in it', async () => {
    const error = await mistakeOf(grpcLoad([call({}, { path: '/shop.Orders/Put' })]));
    expect(error.message).toBe('There is no method shop.Orders/Put in the proto file.');
    expect(error.hint).toBe('It has shop.Orders/Get, shop.Orders/Watch.');
  });

  test('a method that streams', async () => {
    const error = await mistakeOf(grpcLoad([call({}, { path: '/shop.Orders/Watch' })]));
    expect(error.message).toBe('The method shop.Orders/Watch streams, and only unary calls are sent.');
  });

  test.each([
    [{ sku: 'A' }, 'there is no field `sku`; there are id, note, filter'],
    [{ filter: 'open' }, '.shop.OrderRequest.filter: object expected'],
  ])('the message %j', async (message, problem) => {
    const error = await mistakeOf(grpcLoad([call(message)]));
    expect(error.code).toBe('grpc-message-invalid');
    expect(error.message).toBe(`The message of the call \`get\` is none of its method: ${problem}.`);
  });

  test('none in a load that is not gRPC, or right', async () => {
    await assertGrpcCalls(createWorkload(exampleLoad({}), { readFile: noFiles }));
    await assertGrpcCalls(createWorkload(grpcLoad([call({ id: 3, note: 'x' })]), { readFile: noFiles }));
  });
});
