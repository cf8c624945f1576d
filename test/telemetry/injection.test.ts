/** What the self test injects, in real processes: the spans that are meant change, and no others do. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  INJECTION_VARIABLE,
  type Injection,
  type InjectionPlace,
  injectionText,
} from '../../src/telemetry/injection.ts';
import { spanFields } from '../../src/telemetry/span-table.ts';
import { traceTree } from '../../src/telemetry/trace-tree.ts';
import { outline, type RecordedService, startFixture } from './recorded-service.ts';

const DELAY_SECONDS = 0.02;

function place(name: string, parts: Partial<InjectionPlace['span']> = {}, request = 3): InjectionPlace {
  return { span: { service: 'fixture', kind: 'internal', name, ...parts }, request };
}

function variables(injection: Partial<Injection>): Record<string, string> {
  return { [INJECTION_VARIABLE]: injectionText({ delay: null, repeat: null, ...injection }) };
}

/** Durations in seconds by span name, in the order of their ends. */
async function durations(service: RecordedService): Promise<Record<string, number[]>> {
  const { spans } = await service.stop();
  const found: Record<string, number[]> = {};
  for (let row = 0; row < spans.count; row += 1) {
    const { name } = spanFields(spans, row);
    found[name] = [...(found[name] ?? []), spans.durationSeconds[row] ?? 0];
  }
  return found;
}

test.each([
  ['with our SDK', 'express.cjs', 'load order'],
  ['with an SDK 2.x of its own', 'app-sdk-2.cjs', 'load order'],
  ['with an SDK 1.x of its own', 'app-sdk-1.cjs', 'load order'],
])(
  'a service %s takes longer by the delay in the span and its parents alone',
  async (_what, fixture, name) => {
    const environment = variables({ delay: { ...place(name), seconds: DELAY_SECONDS } });
    await using service = await startFixture(fixture, { environment });
    // The first request of a process is slow by itself.
    await service.request('/orders/1');
    for (let count = 0; count < 5; count += 1) await service.request('/orders/17', { request: 3 });
    for (let count = 0; count < 5; count += 1) await service.request('/orders/17', { request: 2 });
    const { [name]: chosen = [], 'GET /orders/:id': roots = [], ...others } = await durations(service);
    const [delayed, untouched] = [chosen.slice(1, 6), chosen.slice(6)];
    expect(delayed).toHaveLength(5);
    for (const seconds of delayed) expect(seconds).toBeGreaterThanOrEqual(DELAY_SECONDS);
    expect(Math.min(...delayed)).toBeLessThan(2 * DELAY_SECONDS);
    expect(Math.min(...roots.slice(1, 6))).toBeGreaterThanOrEqual(DELAY_SECONDS);
    expect(Math.min(...untouched)).toBeLessThan(DELAY_SECONDS / 2);
    for (const seconds of Object.values(others)) expect(Math.min(...seconds)).toBeLessThan(DELAY_SECONDS / 2);
  },
);

test('a span that is found by the name that the recorder gives it takes longer', async () => {
  const delay = { ...place('GET /orders/:id', { kind: 'server' }), seconds: DELAY_SECONDS };
  await using service = await startFixture('express.cjs', { environment: variables({ delay }) });
  await service.request('/orders/17', { request: 3 });
  const found = await durations(service);
  expect(found['GET /orders/:id']?.[0]).toBeGreaterThanOrEqual(DELAY_SECONDS);
  expect(found['load order']?.[0]).toBeLessThan(DELAY_SECONDS);
});

test.each([
  ['eu', 2],
  ['us', 1],
])('of a service that is split, a span in the region %s is recorded %i times', async (region, times) => {
  const environment = {
    ...variables({ repeat: place('price order', { service: 'fixture{cloud.region=eu}' }) }),
    OTEL_RESOURCE_ATTRIBUTES: `cloud.region=${region}`,
  };
  await using service = await startFixture('express.cjs', { environment });
  await service.request('/orders/17', { request: 3 });
  expect((await durations(service))['price order']).toHaveLength(times);
});

test('a span is recorded twice, once a trace, beside the first and as long as it', async () => {
  const environment = variables({ repeat: place('price order') });
  await using service = await startFixture('express.cjs', { environment });
  const first = await service.request('/orders/17', { request: 3 });
  const second = await service.request('/orders/17', { request: 3 });
  const other = await service.request('/orders/17', { request: 2 });
  const recording = await service.stop();
  for (const { traceId } of [first, second]) {
    expect(outline(traceTree(recording, traceId))).toEqual([
      'server GET /orders/:id',
      '  internal load order',
      '    internal price order',
      '    internal price order',
    ]);
  }
  expect(outline(traceTree(recording, other.traceId))).toHaveLength(3);
  const { spans } = recording;
  const lengths = Array.from({ length: spans.count }, (_, row) => row)
    .filter((row) => spanFields(spans, row).name === 'price order')
    .map((row) => spans.durationSeconds[row]);
  expect(lengths[0]).toBe(lengths[1]);
});

test('the root span of a service is recorded a second time below itself', async () => {
  const environment = variables({ repeat: place('GET /orders/:id', { kind: 'server' }) });
  await using service = await startFixture('express.cjs', { environment });
  const { traceId } = await service.request('/orders/17', { request: 3 });
  const tree = outline(traceTree(await service.stop(), traceId));
  expect(tree[0]).toBe('server GET /orders/:id');
  expect(tree.filter((line) => line === '  server GET /orders/:id')).toHaveLength(1);
});

test('the exporter of an application does not get the second span', async () => {
  const environment = variables({ repeat: place('load order') });
  await using service = await startFixture('app-sdk-2.cjs', { environment });
  const { traceId } = await service.request('/orders/17', { request: 3 });
  const { body } = await service.request('/exported');
  const recording = await service.stop();
  expect(JSON.parse(body)).toEqual(['load order', 'GET']);
  expect(outline(traceTree(recording, traceId))).toEqual([
    'server GET /orders/:id',
    '  internal load order',
    '  internal load order',
  ]);
});

test('another service of the same scenario is left as it is', async () => {
  const delay = { ...place('load order', { service: 'inventory' }), seconds: DELAY_SECONDS };
  const repeat = place('load order', { service: 'inventory' });
  await using service = await startFixture('express.cjs', { environment: variables({ delay, repeat }) });
  await service.request('/orders/17', { request: 3 });
  const found = await durations(service);
  expect(found['load order']).toHaveLength(1);
  expect(found['load order']?.[0]).toBeLessThan(DELAY_SECONDS);
});

test.each([
  ['is not loaded without the variable', {}, false],
  ['is loaded with it', variables({}), true],
])('the injection %s', async (_what, environment, loaded) => {
  const coverage = await mkdtemp(join(tmpdir(), 'spangate-coverage-'));
  onTestFinished(() => rm(coverage, { recursive: true }));
  await using service = await startFixture('express.cjs', {
    environment: { NODE_V8_COVERAGE: coverage, ...environment },
  });
  await service.stop();
  const modules = await loadedModules(coverage);
  expect(modules.includes('start-recording.js')).toBe(true);
  expect(modules.includes('injecting-recorder.js')).toBe(loaded);
});

/** File names of the modules that V8 has loaded. Printed, as by `NODE_DEBUG=esm`, they are cut off at a busy reader. */
async function loadedModules(directory: string): Promise<string[]> {
  const texts = await Promise.all(
    (await readdir(directory)).map((file) => readFile(join(directory, file), 'utf8')),
  );
  return texts.flatMap((text) => {
    const { result } = JSON.parse(text) as { result: readonly { url: string }[] };
    return result.map(({ url }) => url.slice(url.lastIndexOf('/') + 1));
  });
}
