/** The Python example behind its frameworks, as a user gates it; `.ci/run` makes its virtual environment first. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { GateResult } from '../../src/compare/comparison.ts';
import type { Measurement } from '../../src/measurement.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const example = join(root, 'examples', 'python-orders');
const config = join(example, 'spangate.test.yml');
const scratch = mkdtempSync(join(tmpdir(), 'spangate-python-'));

beforeAll(() => {
  const file = parse(readFileSync(join(example, 'spangate.yml'), 'utf8')) as object;
  const rounds = {
    ...{ count: 1, instances: 1, duration: '2s', 'warm-up': '1s' },
    together: { instances: 2, duration: '2s', screen: 2, confirm: 2, probe: false },
  };
  writeFileSync(config, stringify({ ...file, rounds }));
});
afterAll(() => {
  rmSync(config, { force: true });
  rmSync(scratch, { recursive: true, force: true });
});

function spangate(args: readonly string[]) {
  const command = [join(root, 'build', 'bin.js'), ...args, '--config', config];
  const { status, stderr } = spawnSync(process.execPath, command, { cwd: example, encoding: 'utf8' });
  return { status, stderr };
}

const ROUTES = {
  flask: 'GET /orders/<int:number>',
  'flask-workers': 'GET /orders/<int:number>',
  django: 'GET orders/<int:number>',
  fastapi: 'GET /orders/{number}',
};

test.each(Object.entries(ROUTES))('%s: every request that was answered has its trace', (scenario, route) => {
  const file = join(scratch, `${scenario}.json`);
  const { status, stderr } = spangate(['run', '--scenario', scenario, '--output', file]);
  expect(status, stderr).toBe(0);
  const { rounds } = JSON.parse(readFileSync(file, 'utf8')) as Measurement;
  const { quality, operations } = rounds[0]?.instances[0] ?? {};
  expect(quality?.requestsCompleted).toBeGreaterThan(50);
  expect(quality?.rootSpans).toBeGreaterThanOrEqual(0.99 * (quality?.requestsCompleted ?? 0));
  expect(quality).toMatchObject({ droppedSpans: 0, orphanSpans: 0 });
  expect(Object.keys(operations?.['get order']?.spans ?? {})).toEqual(
    expect.arrayContaining([
      `server:orders:${route}`,
      'client:orders:sqlite SELECT lines products',
      'internal:orders:price order',
    ]),
  );
});

test('an N+1 fails the gate on the row of its calls', () => {
  const file = join(scratch, 'result.json');
  const args = ['ab', '--scenario', 'flask', '--env-b', 'REGRESSION=n-plus-one', '--output', file];
  const { status, stderr } = spangate(args);
  expect(status, stderr).toBe(1);
  const { comparisons } = JSON.parse(readFileSync(file, 'utf8')) as GateResult;
  const failed = comparisons[0]?.rows.filter((row) => row.outcome === 'fail').map((row) => row.id) ?? [];
  expect(failed).toEqual(
    expect.arrayContaining([expect.stringMatching(/sqlite SELECT (lines|products) \| calls$/)]),
  );
});
