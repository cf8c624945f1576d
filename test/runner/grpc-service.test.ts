import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { measure } from '../../src/runner/measure.ts';
import { exampleLoad, exampleRequest } from './load/example-load.ts';
import { type Bench, openBench, service } from './process-bench.ts';
import { togetherOptions } from './together/example-arms.ts';

const DIRECTORY = join(import.meta.dirname, 'load', 'fixtures');

let bench: Bench;

beforeEach(() => {
  bench = openBench();
});

afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

test('a gRPC service has a root span for every call that was answered, failed ones too', async () => {
  const { head, seed, inherited, registry, directory, progress, now, tool } = togetherOptions(bench, {});
  const call = { method: 'POST', path: '/shop.Orders/Get', expect: [0], protocol: 'grpc' } as const;
  const measurement = await measure({
    ...{ seed, inherited, registry, directory, progress, now, tool },
    scenario: {
      ...head.scenario,
      services: [service('node grpc-server.mjs', { directory: DIRECTORY })],
      load: exampleLoad({
        grpc: { proto: join(DIRECTORY, 'orders.proto'), include: [] },
        requests: [
          exampleRequest({ ...call, name: 'get order', body: '{"id":${int(1,9)}}' }),
          exampleRequest({ ...call, name: 'get nothing', body: '{"id":13}' }),
        ],
      }),
    },
    setUp: true,
    commit: null,
  });
  const [instance] = measurement.rounds.flatMap(({ instances }) => instances);
  const { requestsCompleted = 0, rootSpans = 0 } = instance?.quality ?? {};
  expect(requestsCompleted).toBeGreaterThan(20);
  expect(rootSpans).toBeGreaterThanOrEqual(requestsCompleted * 0.99);
  const { 'get order': found, 'get nothing': missing } = instance?.operations ?? {};
  expect(found?.errors).toEqual({});
  expect(missing?.errors).toEqual({ NOT_FOUND: missing?.requests });
  expect(Object.keys(found?.spans ?? {})).toEqual(['server:api:grpc.shop.Orders/Get']);
  expect(measurement.workload).toMatchObject({ model: 'closed', driver: 'grpc' });
});
