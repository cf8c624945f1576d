import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadBaseConfig } from '../../src/config/base-config.ts';

const TEXT = `services:
  api: node server.js
load:
  requests:
    - GET: /
limits:
  p50: 7%
`;

let folder: string;
let checkout: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spangate-test-'));
  checkout = join(folder, 'base');
  mkdirSync(join(checkout, 'perf'), { recursive: true });
  writeFileSync(join(checkout, 'perf', 'spangate.yml'), TEXT);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const load = (file: string) =>
  loadBaseConfig({ file: join(folder, 'head', file), workTree: join(folder, 'head'), checkout, env: {} });

test('the limits of base are those of the same file', async () => {
  const { config, warnings } = await load('perf/spangate.yml');
  expect(config?.scenarios[0]?.policy).toMatchObject({ limits: { p50: { fail: 0.07 } }, lines: { p50: 7 } });
  expect(warnings).toEqual([]);
});

test('a file that head renamed is found by its usual name', async () => {
  expect((await load('perf/limits.yml')).config).not.toBeNull();
  renameSync(join(checkout, 'perf', 'spangate.yml'), join(checkout, 'perf', 'limits.yml'));
  expect((await load('perf/limits.yml')).config).not.toBeNull();
});

test('a base without a configuration is no reason to stop', async () => {
  expect(await load('spangate.yml')).toEqual({ config: null, warnings: [] });
  expect(await load('new/spangate.yml')).toEqual({ config: null, warnings: [] });
});

test('one that cannot be read is a warning that says why', async () => {
  writeFileSync(join(checkout, 'perf', 'spangate.yml'), `${TEXT}colour: blue\n`);
  const { config, warnings } = await load('perf/spangate.yml');
  expect(config).toBeNull();
  expect(warnings).toMatchObject([{ code: 'base-limits-unknown' }]);
  expect(warnings[0]?.message).toContain('colour');
});

test('a configuration outside the repository has no counterpart', async () => {
  expect(await load('../elsewhere/spangate.yml')).toMatchObject({
    config: null,
    warnings: [{ code: 'base-limits-unknown' }],
  });
});
