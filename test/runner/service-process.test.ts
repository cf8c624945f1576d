import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Service } from '../../src/config.ts';
import { createPortPool } from '../../src/runner/free-port.ts';
import { createProcessRegistry, type ProcessRegistry } from '../../src/runner/process-registry.ts';
import { startService } from '../../src/runner/service-process.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const ports = createPortPool();

let directory: string;
let registry: ProcessRegistry;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spangate-'));
  registry = createProcessRegistry({ runId: `test${Date.now().toString(36)}` });
});

afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function service(start: string, changes: Partial<Service> = {}): Service {
  return {
    name: 'api',
    setup: null,
    start,
    directory: FIXTURES,
    env: {},
    ready: { kind: 'tcp' },
    startTimeoutSeconds: 20,
    stopTimeoutSeconds: 5,
    telemetry: 'auto',
    ...changes,
  };
}

async function start(described: Service, port?: number) {
  return startService({
    service: described,
    port: port ?? (await ports.take()),
    registry,
    inherited: process.env,
    logPath: join(directory, 'api.log'),
  });
}

test('a service runs on the port it was given until it is stopped', async () => {
  const running = await start(service('node server.mjs'));
  const answer = await fetch(`http://${running.host}:${running.port}/`);
  expect(await answer.text()).toBe('hello');
  expect(await running.stop()).toEqual([]);
  expect(readFileSync(running.logPath, 'utf8')).toContain('stopped by SIGTERM');
});
