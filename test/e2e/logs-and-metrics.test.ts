import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { GateResult, Row } from '../../src/compare/comparison.ts';
import type { Measurement } from '../../src/measurement.ts';
import { openProject } from './project.ts';

test('what a service logs and reports is gated, and its lines are kept without secrets', async () => {
  using project = openProject({ fixture: 'logs-and-metrics' });
  const command = 'spangate ab --env-b FAILING=1 --env-b MISSES=2 --output result.json';
  const { code, stdout, stderr } = await project.start(command).outcome;
  expect(code, stderr).toBe(1);
  expect(stdout).toMatch(/ERROR logs\s+0\s+0\.\d+/);

  const { comparisons } = JSON.parse(readFileSync(join(project.folder, 'result.json'), 'utf8')) as GateResult;
  const rows = new Map<string, Row>(comparisons[0]?.rows.map((row) => [row.id, row]));
  const errors = rows.get('order | logs:shop | error-logs');
  expect(errors).toMatchObject({ outcome: 'fail', reason: 'errors-increased', baseline: 0, service: 'shop' });
  expect(errors?.candidate).toBeCloseTo(0.2, 1);
  // The ends of the stretch lie within a second of a counter.
  const misses = rows.get('- | metric:misses | metric');
  expect(misses?.metric).toEqual({ name: 'misses', unit: '{miss}' });
  expect((misses?.candidate ?? 0) / (misses?.baseline ?? 1)).toBeGreaterThan(1.4);
  expect(rows.get('- | metric:misspelt | metric')).toMatchObject({
    verdict: 'inconclusive',
    reason: 'metric-missing',
  });
  const codes = comparisons[0]?.warnings.map((warning) => warning.code);
  expect(codes).toEqual(expect.arrayContaining(['logs-without-trace', 'metric-missing']));

  // The traces that reports draw have their lines beside them.
  const [why] = comparisons[0]?.why ?? [];
  const drawn = [...(why?.exemplars.baseline ?? []), ...(why?.exemplars.candidate ?? [])];
  expect(new Set(why?.logLines?.map(({ traceId }) => traceId))).toEqual(
    new Set(drawn.map(({ traceId }) => traceId)),
  );
  const explained = await project.start('spangate report result.json --explain').outcome;
  expect(explained.stdout).toMatch(/its log lines\n\s+INFO shop: order of \[redacted\]/);

  const file = join(project.folder, '.spangate/last-run/default.head.json.gz');
  const text = gunzipSync(readFileSync(file)).toString();
  for (const secret of ['jane.doe', '4111 1111', 'cust-4711']) expect(text).not.toContain(secret);
  const { rounds } = JSON.parse(text) as Measurement;
  const { operations, quality } = rounds[0]?.instances[0] ?? {};
  const lines = operations?.order?.logLines ?? [];
  expect(lines.map(({ body }) => body)).toEqual(
    expect.arrayContaining(['order of [redacted]', 'could not charge [redacted] of [redacted]']),
  );
  expect(lines.every(({ traceId, spanId }) => traceId.length === 32 && spanId?.length === 16)).toBe(true);
  expect(quality?.logs?.records).toBeGreaterThan(quality?.requestsCompleted ?? 0);
}, 120_000);
