/** A service without OpenTelemetry in an environment of its own, to which spangate brings it from PyPI. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Measurement } from '../../src/measurement.ts';

const BIN = fileURLToPath(new URL('../../build/bin.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spangate-plain-'));
  cpSync(fileURLToPath(new URL('fixtures/plain', import.meta.url)), folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function spangate(args: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), ...env },
  });
  return { status, stdout, stderr };
}

/** An index that nobody answers for. */
const OFFLINE = { PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_RETRIES: '0', PIP_TIMEOUT: '1' };

test('is measured with its spans, in forked workers too, and its own environment stays as it is', () => {
  const file = join(folder, 'measurement.json');
  const { status, stderr } = spangate(['run', '--output', file]);
  expect(status, stderr).toBe(0);
  const { rounds } = JSON.parse(readFileSync(file, 'utf8')) as Measurement;
  const { quality, operations } = rounds[0]?.instances[0] ?? {};
  expect(quality?.requestsCompleted).toBeGreaterThan(50);
  expect(quality?.rootSpans).toBeGreaterThanOrEqual(0.99 * (quality?.requestsCompleted ?? 0));
  expect(Object.keys(operations?.['get order']?.spans ?? {}).sort()).toEqual([
    'client:orders:sqlite SELECT',
    'server:orders:GET /orders/<int:number>',
  ]);
  const list = spawnSync(join(folder, '.venv', 'bin', 'pip'), ['list'], { encoding: 'utf8' });
  expect(list.stdout).toContain('Flask');
  expect(list.stdout).not.toContain('opentelemetry');
});

test('needs no index a second time', () => {
  const { status, stdout, stderr } = spangate(['doctor'], OFFLINE);
  expect(status, stderr).toBe(0);
  expect(stdout).toContain('GET /orders/<int:number> (server)');
});

test('without an index and without what was kept, nothing is measured and the user is told what to do', () => {
  const cache = join(folder, 'empty-cache');
  const { status, stderr } = spangate(['doctor'], { ...OFFLINE, XDG_CACHE_HOME: cache });
  expect(status, stderr).toBe(3);
  expect(stderr).toContain(
    'The packages that bring OpenTelemetry to orders could not be installed beside it',
  );
  expect(stderr).toContain('PIP_INDEX_URL');
  expect(readdirSync(join(cache, 'spangate', 'instrument'))).toEqual([]);
});
