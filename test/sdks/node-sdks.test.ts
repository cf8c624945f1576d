/**
 * Node applications with an SDK of their own, of each major: every span once under load, neither twice nor not at all,
 * whether the recorder sits in their SDK or they send by OTLP. Packages come from npm.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Measurement } from '../../src/measurement.ts';

const BIN = fileURLToPath(new URL('../../build/bin.js', import.meta.url));
const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url));

interface Application {
  readonly api: string;
  /** Of `sdk-node` and of the HTTP instrumentation, which are released together. */
  readonly sdk: string;
  readonly express: string;
  /** How the SDK comes in, each with the application that belongs to it. */
  readonly starts: readonly string[];
  readonly needs?: readonly [major: number, minor: number];
}

const CJS = '--require ./tracing.cjs app.cjs';
const ESM = '--import ./tracing.mjs app.mjs';

const APPLICATIONS: Readonly<Record<string, Application>> = {
  '1.15': { api: '1.4.1', sdk: '0.41.2', express: '0.33.0', starts: [CJS] },
  '1.30': { api: '1.9.0', sdk: '0.57.2', express: '0.47.1', starts: [CJS] },
  '2.12': { api: '1.9.1', sdk: '0.223.0', express: '0.71.1', starts: [CJS, ESM] },
  '3.1': { api: '1.10.0', sdk: '0.301.0', express: '0.72.0', starts: [CJS, ESM], needs: [22, 15] },
};

const scratch = mkdtempSync(join(tmpdir(), 'spangate-sdks-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function isTooOld([major, minor]: readonly [number, number] = [0, 0]): boolean {
  const [ours = 0, oursMinor = 0] = process.versions.node.split('.').map(Number);
  return ours < major || (ours === major && oursMinor < minor);
}

function install(folder: string, { api, sdk, express }: Application): void {
  cpSync(FIXTURES, folder, { recursive: true });
  const dependencies = {
    '@opentelemetry/api': api,
    '@opentelemetry/sdk-node': sdk,
    '@opentelemetry/instrumentation-http': sdk,
    '@opentelemetry/instrumentation-express': express,
    express: '4.21.2',
  };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'orders', private: true, dependencies }),
  );
  const { status, stderr } = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
}

function measure(folder: string, start: string, telemetry: string): Measurement {
  const config = {
    services: { orders: { start: `node ${start}`, ready: '/healthz', telemetry } },
    load: { requests: [{ name: 'get order', GET: '/orders/${int(1,99)}' }] },
    rounds: { count: 1, instances: 1, duration: '2s', 'warm-up': '1s' },
  };
  writeFileSync(join(folder, 'spangate.json'), JSON.stringify(config));
  const file = join(folder, 'measurement.json');
  rmSync(file, { force: true });
  const { status, stderr } = spawnSync(process.execPath, [BIN, 'run', '--output', file], {
    cwd: folder,
    encoding: 'utf8',
    // The Node of the tests is the Node of the service.
    env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env.PATH}` },
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(readFileSync(file, 'utf8')) as Measurement;
}

describe.each(Object.entries(APPLICATIONS))('an application with the SDK %s', (name, application) => {
  const folder = join(scratch, name);
  const skipped = isTooOld(application.needs);
  beforeAll(() => {
    if (skipped) return;
    mkdirSync(folder);
    install(folder, application);
  });

  const cases = application.starts.flatMap((start) => [
    [start, 'auto'],
    [start, 'otlp'],
  ]);
  test.skipIf(skipped).each(cases)('node %s, telemetry: %s', (start = '', telemetry = '') => {
    const { rounds, warnings } = measure(folder, start, telemetry);
    const { quality, operations } = rounds[0]?.instances[0] ?? {};
    const requests = quality?.requestsCompleted ?? 0;
    expect(requests).toBeGreaterThan(100);
    // What is in flight at the end is seen by one side only.
    expect(quality?.rootSpans).toBeGreaterThanOrEqual(requests - 10);
    expect(quality?.rootSpans).toBeLessThanOrEqual(requests + 10);
    expect(quality).toMatchObject({ droppedSpans: 0, orphanSpans: 0 });
    const { traces = 0, spans = {} } = operations?.['get order'] ?? {};
    expect(spans['server:orders:GET /orders/:id']?.calls).toBe(traces);
    expect(spans['internal:orders:load order']?.calls).toBe(traces);
    const codes = warnings.map(({ code }) => code);
    expect(codes.includes('application-sdk')).toBe(telemetry === 'auto');
    expect(codes).not.toContain('spans-missing');
  });
});
