/** Spans that Python's own SDK prints, read from the output of its process. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import type { Service } from '../../src/config.ts';
import { InstanceTelemetry } from '../../src/runner/instance-telemetry.ts';
import { spanFields } from '../../src/telemetry/span-table.ts';

const bin = fileURLToPath(new URL('../../examples/python-orders/.venv/bin', import.meta.url));
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'spangate-python-prints-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function printed(command: readonly [string, ...string[]]) {
  const service: Service = {
    ...{ name: 'orders', setup: null, start: '', directory: scratch, env: {}, ready: { kind: 'tcp' } },
    ...{ startTimeoutSeconds: 10, stopTimeoutSeconds: 10, telemetry: 'console' },
  };
  const folder = mkdtempSync(join(scratch, 'run-'));
  await using source = await InstanceTelemetry.open(folder, [service], {});
  const { variables } = source.variablesOf(service, {});
  const logPath = join(folder, 'service.log');
  const log = openSync(logPath, 'a');
  const [program, ...options] = command;
  const child = spawn(program, options, {
    env: { PATH: process.env.PATH, ...variables },
    stdio: ['ignore', log, log],
  });
  const [code] = await once(child, 'exit');
  closeSync(log);
  expect(code, readFileSync(logPath, 'utf8')).toBe(0);
  const { spans, unreadablePrints } = await source.recording([{ name: 'orders', logPath, logStart: 0 }]);
  expect(unreadablePrints).toBeUndefined();
  return Array.from({ length: spans.count }, (_, row) => spanFields(spans, row));
}

test('an exporter in the code prints spans that are read', async () => {
  expect(await printed([join(bin, 'python'), fixture('printer.py')])).toMatchObject([
    { service: 'orders', name: 'price', status: 'error', errorType: 'RangeError', durationSeconds: 0.000251 },
    { service: 'orders', name: 'GET /orders/:id', kind: 'server', httpStatus: 503, durationSeconds: 0.007 },
  ]);
});

test('a service without an exporter in its code prints its spans, since its environment says so', async () => {
  const command = [join(bin, 'opentelemetry-instrument'), join(bin, 'python'), fixture('sender.py')] as const;
  expect(await printed([...command])).toMatchObject([{ service: 'orders', name: 'load order' }]);
});
