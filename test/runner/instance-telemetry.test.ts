import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { Service } from '../../src/config.ts';
import { InstanceTelemetry } from '../../src/runner/instance-telemetry.ts';
import type { LogRecord } from '../../src/telemetry/logs/log-record.ts';
import { spanFields } from '../../src/telemetry/span-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'spangate-telemetry-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A service with an SDK of its own that exports by OTLP: two spans, and it ends. */
const PROGRAM = fileURLToPath(new URL('fixtures/service-with-own-sdk.mjs', import.meta.url));

function service(telemetry: Service['telemetry']): Service {
  return {
    ...{ name: 'orders', setup: null, start: 'node server.js', directory: folder, env: {} },
    ...{ ready: { kind: 'tcp' }, startTimeoutSeconds: 10, stopTimeoutSeconds: 10, telemetry },
  };
}

async function spansOf(telemetry: Service['telemetry']): Promise<readonly string[]> {
  const own = service(telemetry);
  await using source = await InstanceTelemetry.open(join(folder, telemetry), [own], {});
  const { variables, nodeOptions } = source.variablesOf(own, {});
  const env = {
    PATH: process.env.PATH,
    ...variables,
    ...(nodeOptions !== null && { NODE_OPTIONS: nodeOptions }),
  };
  const child = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  const { spans } = await source.recording();
  return Array.from({ length: spans.count }, (_, row) => {
    const fields = spanFields(spans, row);
    return `${fields.service}: ${fields.name}`;
  }).sort();
}

test('spans that a service sends by OTLP are there when it has ended', async () => {
  expect(await spansOf('otlp')).toEqual(['orders: load order', 'orders: price order']);
});

test('spans that come by OTLP and by the preload as well are there once', async () => {
  expect(await spansOf('auto')).toEqual(['orders: load order', 'orders: price order']);
});

test('a service is split by what its resource says, however that is sent', async () => {
  const own = service('otlp');
  const wanted = { logs: false, metrics: new Set<string>(), splitBy: ['cloud.region', 'shard'] };
  await using source = await InstanceTelemetry.open(join(folder, 'split'), [own], {}, wanted);
  const url = `${source.variablesOf(own, {}).variables.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`;
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const request = (number: number) => ({
    resourceSpans: [
      {
        resource: {
          attributes: [
            text('service.name', 'orders'),
            text('host.name', 'a'),
            ...(number < 4 ? [text('cloud.region', number % 2 === 0 ? 'eu' : 'us')] : []),
            { key: 'shard', value: { intValue: '7' } },
          ],
        },
        scopeSpans: [
          {
            spans: [
              {
                ...{ traceId: 'a'.repeat(32), spanId: `${number}`.repeat(16), name: 'price', kind: 1 },
                ...{ startTimeUnixNano: '1790000000000000000', endTimeUnixNano: '1790000000000001000' },
              },
            ],
          },
        ],
      },
    ],
  });
  const post = async (type: string, body: Uint8Array<ArrayBuffer> | string) => {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
    expect(answer.status).toBe(200);
  };
  for (const number of [1, 2, 4]) await post('application/json', JSON.stringify(request(number)));
  await post('application/x-protobuf', spanInProtobuf());
  const { spans, processes, split } = await source.recording();
  expect(Array.from({ length: spans.count }, (_, row) => spanFields(spans, row).service).sort()).toEqual([
    'orders{cloud.region=ap}',
    'orders{cloud.region=eu,shard=7}',
    'orders{cloud.region=us,shard=7}',
    'orders{shard=7}',
  ]);
  // Who they are is what they call themselves.
  expect(new Set(processes.map((each) => each.service))).toEqual(new Set(['orders']));
  expect(split).toEqual({ withIds: [], overflowing: [], missing: [] });
});

/** One span of the service `orders` in the region `ap`. */
function spanInProtobuf(): Uint8Array<ArrayBuffer> {
  const field = (number: number, bytes: readonly number[]) => [(number << 3) | 2, bytes.length, ...bytes];
  const text = (number: number, value: string) => field(number, [...Buffer.from(value)]);
  const attribute = (key: string, value: string) => field(1, [...text(1, key), ...field(2, text(1, value))]);
  const resource = field(1, [...attribute('service.name', 'orders'), ...attribute('cloud.region', 'ap')]);
  const ids = [...field(1, Array(16).fill(0xbb)), ...field(2, Array(8).fill(0xcc))];
  const times = [7, 8].flatMap((number) => [(number << 3) | 1, ...Array(8).fill(0x11)]);
  const spans = field(2, field(2, [...ids, ...text(5, 'price'), ...times]));
  return Uint8Array.from(field(1, [...resource, ...spans]));
}

test.each([['otel-sdk-1.30'], ['@opentelemetry/sdk-trace-base']])(
  'spans that a service prints by %s are there once it has ended, and in no other way',
  async (sdk) => {
    const own = service('console');
    const directory = mkdtempSync(join(folder, 'printed-'));
    await using source = await InstanceTelemetry.open(directory, [own], {});
    const { variables, nodeOptions } = source.variablesOf(own, {});
    expect([variables.OTEL_TRACES_EXPORTER, nodeOptions]).toEqual(['console', null]);
    const logPath = join(directory, 'orders.log');
    writeFileSync(logPath, '{\n  resource: { of: "an earlier start" },\n');
    const logStart = statSync(logPath).size;
    const log = openSync(logPath, 'a');
    const program = fileURLToPath(new URL('fixtures/service-that-prints.mjs', import.meta.url));
    const env = { PATH: process.env.PATH, ...variables };
    const child = spawn(process.execPath, [program, sdk], { env, stdio: ['ignore', log, log] });
    const [code] = await once(child, 'exit');
    closeSync(log);
    expect(code, readFileSync(logPath, 'utf8')).toBe(0);
    const outputs = [{ name: 'orders', logPath, logStart }];
    const { spans, quality, unreadablePrints } = await source.recording(outputs);
    const found = Array.from({ length: spans.count }, (_, row) => spanFields(spans, row));
    expect(found).toMatchObject([
      { service: 'orders', name: 'price', errorType: 'RangeError' },
      { service: 'orders', name: 'GET /orders/:id', httpStatus: 503 },
    ]);
    expect([quality.droppedSpans, unreadablePrints]).toEqual([0, undefined]);
  },
);

test('prints of spans that nobody can read are lost spans, with the name of who printed them', async () => {
  const own = service('console');
  const directory = mkdtempSync(join(folder, 'broken-'));
  await using source = await InstanceTelemetry.open(directory, [own], {});
  const logPath = join(directory, 'orders.log');
  writeFileSync(logPath, "{\n  traceId: 'a',\n{\n  traceId: 'b',\n");
  const { quality, unreadablePrints } = await source.recording([{ name: 'orders', logPath, logStart: 0 }]);
  expect(quality.droppedSpans).toBe(2);
  expect(unreadablePrints).toEqual([{ service: 'orders', prints: 2 }]);
});

test('a service that is to be recorded by the preload alone is told of no receiver', async () => {
  const own = service('preload');
  await using source = await InstanceTelemetry.open(join(folder, 'none'), [own], {});
  expect(source.variablesOf(own, {}).variables).not.toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
});

test('a request that nobody can read is counted as lost, not forgotten', async () => {
  const own = service('otlp');
  await using source = await InstanceTelemetry.open(join(folder, 'broken'), [own], {});
  const { variables } = source.variablesOf(own, {});
  const headers = { 'content-type': 'application/x-protobuf' };
  const url = `${variables.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`;
  const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array([0x0a, 0x7f, 1]) });
  expect(answer.status).toBe(400);
  const { quality, refusals } = await source.recording();
  expect(quality.droppedSpans).toBe(1);
  expect(refusals).toEqual([expect.stringMatching(/ at byte \d+$/)]);
});

test('gRPC is received where a service asks for it', async () => {
  const own = { ...service('otlp'), env: { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' } };
  await using source = await InstanceTelemetry.open(join(folder, 'grpc'), [own], {});
  await using plain = await InstanceTelemetry.open(join(folder, 'plain'), [service('otlp')], {});
  const portOf = (telemetry: InstanceTelemetry) =>
    telemetry.variablesOf(own, {}).variables.OTEL_EXPORTER_OTLP_ENDPOINT;
  const preface = (url: string | undefined) =>
    fetch(`${url}/v1/traces`, { method: 'POST' }).then(({ status }) => status);
  // An HTTP/2 server hangs up on HTTP/1.1; the other one says that it has no type.
  await expect(preface(portOf(source))).rejects.toThrow();
  expect(await preface(portOf(plain))).toBe(415);
});

test('logs and metrics come where somebody wants them, and only then', async () => {
  const own = service('otlp');
  const wanted = { logs: true, metrics: new Set(['orders.done']) };
  await using source = await InstanceTelemetry.open(join(folder, 'signals'), [own], {}, wanted);
  const { variables } = source.variablesOf(own, {});
  const program = fileURLToPath(new URL('fixtures/service-with-logs-and-metrics.mjs', import.meta.url));
  const env = { PATH: process.env.PATH, ...variables };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  const records: LogRecord[] = [];
  expect(source.visitLogs((record) => records.push(record))).toEqual({ dropped: 0, droppedBelowWarn: 0 });
  expect(records).toMatchObject([
    {
      ...{ service: 'orders', traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
      ...{ severity: 'error', body: 'no such order' },
    },
  ]);
  const { metrics, sentMetrics, metricServices } = await source.recording();
  // Not among those that go into a Measurement with all their attributes.
  expect(metrics).toEqual([]);
  expect(sentMetrics.map(({ name, value, unit }) => [name, value, unit])).toEqual([
    ['orders.done', 3, '{order}'],
    ['orders.done', 4, '{order}'],
  ]);
  expect([...metricServices]).toEqual(['orders']);

  await using others = await InstanceTelemetry.open(join(folder, 'no-signals'), [own], {});
  expect(others.variablesOf(own, {}).variables).toMatchObject({
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
  });
});

test('logs that nobody can read are lost logs, not lost spans', async () => {
  const own = service('otlp');
  const wanted = { logs: true, metrics: new Set<string>() };
  await using source = await InstanceTelemetry.open(join(folder, 'broken-logs'), [own], {}, wanted);
  const url = `${source.variablesOf(own, {}).variables.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/logs`;
  const post = (body: Uint8Array) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body });
  expect((await post(new Uint8Array([0x0a, 0x7f, 1]))).status).toBe(400);
  // The outside is whole: one resource, one scope, one record; inside of it a field goes beyond its end.
  expect((await post(new Uint8Array([0x0a, 6, 0x12, 4, 0x12, 2, 0x1a, 9]))).status).toBe(200);
  // Reading them twice does not lose them twice.
  source.visitLogs(() => {});
  expect(source.visitLogs(() => {})).toEqual({ dropped: 2, droppedBelowWarn: 0 });
  expect((await source.recording()).quality.droppedSpans).toBe(0);
});
