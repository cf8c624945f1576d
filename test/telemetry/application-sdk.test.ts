/** Services that use OpenTelemetry themselves: through the API alone, or with an SDK of their own. */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { metricRecords } from '../../src/telemetry/metric-records.ts';
import { traceTree } from '../../src/telemetry/trace-tree.ts';
import { FIXTURES, outline, startFixture } from './recorded-service.ts';

const PACKAGES = fileURLToPath(new URL('../../node_modules/', import.meta.url));

describe.each([
  ['1.4', 'otel-api-1.4', 'own-api.cjs'],
  ['1.4', 'otel-api-1.4', 'own-api.mjs'],
  ['1.9', '@opentelemetry/api', 'own-api.cjs'],
  ['1.9', '@opentelemetry/api', 'own-api.mjs'],
])('a service with its own copy of the API %s (%s, %s)', (_version, packageName, fixture) => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spangate-own-api-'));
    const copy = join(folder, 'node_modules/@opentelemetry/api');
    await mkdir(copy, { recursive: true });
    await cp(join(PACKAGES, packageName), copy, { recursive: true });
    await cp(join(FIXTURES, fixture), join(folder, fixture));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ['', {}],
    [', and although it has set a logger before', { DIAG: '1' }],
  ])('has its spans in our tree, also those of an early tracer%s', async (_what, environment) => {
    await using service = await startFixture(fixture, { folder, environment });
    const { traceId, body } = await service.request('/orders/17');
    const recording = await service.stop();
    expect(body).toBe('in a span');
    expect(outline(traceTree(recording, traceId))).toEqual([
      'server GET /orders/:id',
      '  internal load order',
      '    internal price order',
    ]);
    expect(recording.processes[0]?.details).toMatchObject({ provider: 'ours', applicationSdk: null });
  });

  test('has the metrics recorded that it reports', async () => {
    await using service = await startFixture(fixture, { folder });
    const from = Date.now() / 1e3 - 60;
    await service.request('/orders/17');
    await service.request('/orders/18');
    await service.waitForMetric('shop.orders');
    const { metrics } = await service.stop();
    const records = metricRecords(metrics, { from, to: Date.now() / 1e3 + 60 });
    expect(records).toContainEqual({
      service: 'fixture',
      name: 'shop.orders',
      unit: '{order}',
      kind: 'sum',
      attributes: { channel: 'web' },
      value: 4,
    });
    const names = new Set(records.map(({ name }) => name));
    expect([...names]).toEqual(
      expect.arrayContaining(['process.cpu.time', 'process.memory.usage', 'nodejs.eventloop.utilization']),
    );
  });
});

describe('a service with an SDK of its own', () => {
  test('2.x: its spans are seen once, its exporter still gets them, and the SDK is named', async () => {
    await using service = await startFixture('app-sdk-2.cjs');
    const { traceId } = await service.request('/orders/17');
    const { body } = await service.request('/exported');
    const recording = await service.stop();
    // Not even the route is ours: it exports what it exports without us.
    expect(JSON.parse(body)).toEqual(['load order', 'GET']);
    expect(outline(traceTree(recording, traceId))).toEqual([
      'server GET /orders/:id',
      '  internal load order',
    ]);
    expect(recording.processes[0]?.details).toMatchObject({
      provider: 'application',
      active: [],
      applicationSdk: { name: 'BasicTracerProvider', version: '2.12.0', attached: true },
    });
  });

  test('2.x: spans that its sampler drops are recorded, and still not exported', async () => {
    await using service = await startFixture('app-sdk-2.cjs', { environment: { SAMPLED: '0' } });
    const { traceId } = await service.request('/orders/17');
    const { body } = await service.request('/exported');
    const recording = await service.stop();
    expect(JSON.parse(body)).toEqual([]);
    expect(outline(traceTree(recording, traceId))).toEqual([
      'server GET /orders/:id',
      '  internal load order',
    ]);
  });

  test('2.x by --require: it is there before the preload, and its spans are seen once all the same', async () => {
    const nodeArguments = ['--require', './app-sdk-required.cjs'];
    await using service = await startFixture('express.cjs', { nodeArguments });
    const { traceId } = await service.request('/orders/17');
    const recording = await service.stop();
    const servers = outline(traceTree(recording, traceId)).filter((line) => /^ *server /.test(line));
    expect(servers).toHaveLength(1);
    expect(recording.processes[0]?.details).toMatchObject({
      provider: 'application',
      active: [],
      applicationSdk: { name: 'BasicTracerProvider', version: '2.12.0', attached: true },
    });
  });

  test('1.x: its spans are seen once, its exporter still gets them, and the SDK is named', async () => {
    await using service = await startFixture('app-sdk-1.cjs');
    const { traceId } = await service.request('/orders/17');
    const { body } = await service.request('/exported');
    const recording = await service.stop();
    expect(JSON.parse(body)).toEqual(['load order', 'GET /orders/:id']);
    expect(outline(traceTree(recording, traceId))).toEqual([
      'server GET /orders/:id',
      '  internal load order',
    ]);
    expect(recording.processes[0]?.details?.applicationSdk).toEqual({
      name: 'BasicTracerProvider',
      version: '1.30.1',
      attached: true,
    });
  });
});

test.each([
  ['an SDK of its own', 'app-sdk-2.cjs', { REGION: 'us' }, 'us'],
  ['its environment', 'express.cjs', {}, 'eu'],
])('a service is split by what %s says of its resource', async (_what, fixture, own, region) => {
  const environment = { ...own, OTEL_RESOURCE_ATTRIBUTES: 'cloud.region=eu,tenant=a' };
  await using service = await startFixture(fixture, { environment });
  await service.request('/orders/17');
  const { spans, processes, split } = await service.stop(['cloud.region', 'tenant']);
  expect(spans.services).toEqual([`fixture{cloud.region=${region},tenant=a}`]);
  expect(processes.map((each) => each.service)).toEqual(['fixture']);
  expect(split?.missing).toEqual([]);
});
