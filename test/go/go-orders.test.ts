/** A Go service that sends by OTLP, over HTTP and over gRPC. Needs Go from 1.21 on, which fetches the one that the service asks for. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Measurement } from '../../src/measurement.ts';

const BIN = fileURLToPath(new URL('../../build/bin.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spangate-go-'));
  cpSync(fileURLToPath(new URL('fixtures/orders', import.meta.url)), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function measure(env: Readonly<Record<string, string>>) {
  const config = {
    services: {
      orders: {
        setup: 'test -x orders || go build -o orders .',
        start: './orders',
        ready: '/healthz',
        telemetry: 'otlp',
        env,
      },
    },
    load: { requests: [{ name: 'get order', GET: '/orders/${int(1,99)}' }] },
    rounds: { count: 1, instances: 1, duration: '2s', 'warm-up': '1s' },
  };
  writeFileSync(join(folder, 'spangate.json'), JSON.stringify(config));
  const file = join(folder, 'measurement.json');
  rmSync(file, { force: true });
  const command = [BIN, 'run', '--output', file];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: 'utf8' });
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as Measurement;
  return { status, stderr, measurement: status === 0 ? read() : null };
}

test.each(['http/protobuf', 'grpc'])('every request that was answered has its trace, over %s', (protocol) => {
  const { status, stderr, measurement } = measure({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
  expect(status, stderr).toBe(0);
  const { quality, operations } = measurement?.rounds[0]?.instances[0] ?? {};
  const requests = quality?.requestsCompleted ?? 0;
  expect(requests).toBeGreaterThan(100);
  expect(Math.abs((quality?.rootSpans ?? 0) - requests)).toBeLessThanOrEqual(10);
  expect(quality).toMatchObject({ droppedSpans: 0, orphanSpans: 0 });
  const { traces = 0, spans = {} } = operations?.['get order'] ?? {};
  expect(spans['server:orders:GET /orders/{id}']?.calls).toBe(traces);
  expect(spans['internal:orders:load order']?.calls).toBe(traces);
});

test('a service whose propagator was never set has spans that belong to no request: that is said', () => {
  const { status, stderr } = measure({ WITHOUT_PROPAGATOR: '1' });
  expect(status, stderr).toBe(3);
  expect(stderr).toContain('traceparent');
});
