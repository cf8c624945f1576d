/** Logs and metrics of Python's own SDK, switched on by environment alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Service } from '../../src/config.ts';
import { InstanceTelemetry } from '../../src/runner/instance-telemetry.ts';
import { parseLogLine } from '../../src/telemetry/logs/log-line.ts';
import type { LogRecord } from '../../src/telemetry/logs/log-record.ts';
import { namedMetrics } from '../../src/telemetry/metrics/named-metrics.ts';
import { spanIdOf, traceIdOf } from '../../src/telemetry/span-table.ts';

const bin = fileURLToPath(new URL('../../examples/python-orders/.venv/bin', import.meta.url));
const program = fileURLToPath(new URL('fixtures/sender.py', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'spangate-python-signals-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const METRICS = new Set(['orders.done', 'orders.duration']);
const LIMIT = { level: 'fail', warn: 0.05, fail: 0.1, atLeast: 0 } as const;

/** Runs the sender as a service would be started. */
async function sent(env: Readonly<Record<string, string>>) {
  const service: Service = {
    ...{ name: 'orders', setup: null, start: '', directory: scratch, env, ready: { kind: 'tcp' } },
    ...{ startTimeoutSeconds: 10, stopTimeoutSeconds: 10, telemetry: 'otlp' },
  };
  const folder = mkdtempSync(join(scratch, 'run-'));
  await using source = await InstanceTelemetry.open(folder, [service], {}, { logs: true, metrics: METRICS });
  const { variables } = source.variablesOf(service, {});
  const log = openSync(join(folder, 'service.log'), 'a');
  const child = spawn(join(bin, 'opentelemetry-instrument'), [join(bin, 'python'), program], {
    env: { PATH: process.env.PATH, ...variables, ...env },
    stdio: ['ignore', log, log],
  });
  const [code] = await once(child, 'exit');
  const output = readFileSync(join(folder, 'service.log'), 'utf8');
  expect(code, output).toBe(0);
  const records: LogRecord[] = [];
  source.visitLogs((record) => records.push(record));
  return { records, recording: await source.recording(), output };
}

test('its text lines name trace and span', async () => {
  const { output, recording } = await sent({ OTEL_PYTHON_LOG_CORRELATION: 'true' });
  const lines = output.split('\n').flatMap((line) => parseLogLine(line, 'orders') ?? []);
  const span = { traceId: traceIdOf(recording.spans, 0), spanId: spanIdOf(recording.spans, 0) };
  expect(lines).toMatchObject([
    { ...span, severity: 'warn', service: 'orders', body: 'stock is low' },
    { ...span, severity: 'error', service: 'orders', body: 'could not load' },
    { traceId: null, severity: 'warn', body: 'outside of a span' },
  ]);
});

test('its log records come by OTLP', async () => {
  const { records, recording } = await sent({});
  const span = { traceId: traceIdOf(recording.spans, 0), spanId: spanIdOf(recording.spans, 0) };
  expect(records).toMatchObject([
    { ...span, severity: 'warn', service: 'orders', body: 'stock is low' },
    { ...span, severity: 'error', service: 'orders', body: expect.stringContaining('no such order') },
    { traceId: null, severity: 'warn', body: 'outside of a span' },
  ]);
});

describe.each(['delta', 'cumulative'])('its %s metrics', (temporality) => {
  test('become numbers', async () => {
    const { recording } = await sent({ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: temporality });
    const definition = { service: null, attributes: {}, value: 'auto', limit: LIMIT } as const;
    const found = namedMetrics(
      recording.sentMetrics,
      [
        { ...definition, name: 'done', metric: 'orders.done', attributes: { queue: 'mail' } },
        { ...definition, name: 'mean', metric: 'orders.duration' },
        { ...definition, name: 'median', metric: 'orders.duration', value: 'p50' },
      ],
      { window: { from: 0, to: 1e12 }, requests: 1, services: recording.metricServices, dropped: 0 },
    );
    expect(found.done).toEqual({ value: 3, unit: '{order}', count: 1, figure: 'per-request' });
    expect(found.mean?.value).toBeCloseTo(0.2, 9);
    expect(found.median?.value).toBeCloseTo(0.2, 1);
    // The SDK chooses which values it names the trace of.
    const trace = traceIdOf(recording.spans, 0);
    expect(found.mean?.exemplars?.map(({ traceId }) => traceId)).toEqual([trace]);
    expect([0.1, 0.2, 0.3]).toContain(found.mean?.exemplars?.[0]?.value);
  });
});
