import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { GateResult } from '../../src/compare/comparison.ts';
import type { Measurement } from '../../src/measurement.ts';
import { startHttpReceiver } from '../../src/telemetry/otlp/http-receiver.ts';
import { OtlpInbox } from '../../src/telemetry/otlp/inbox.ts';
import { closedUrl } from '../handing-on/scripted-receiver.ts';
import { fieldsOf, tableOf } from '../telemetry/otlp/sdk-spans.ts';
import { openProject } from './project.ts';

test('whole rounds are handed on, exceptions are kept without secrets, and a renamed span is one row', async () => {
  using project = openProject({ fixture: 'handing-on' });
  const inbox = new OtlpInbox();
  await using receiver = await startHttpReceiver({ inbox });
  const changes = '--env-b FAILING=1 --env-b RENAMED=1';
  const command = `spangate ab ${changes} --export-otlp ${receiver.url} --export-rounds -o result.json --explain`;
  const { code, stdout, stderr } = await project.start(command).outcome;
  expect(code, stderr).toBe(1);

  const { comparisons } = JSON.parse(readFileSync(join(project.folder, 'result.json'), 'utf8')) as GateResult;
  const rows = comparisons[0]?.rows ?? [];
  expect(rows.filter(({ verdict }) => verdict === 'added' || verdict === 'removed')).toEqual([]);
  expect(rows.find(({ id }) => id === 'order | internal:shop:fetch order | error-rate')).toMatchObject({
    outcome: 'fail',
    baseline: 0,
  });
  const codes = comparisons[0]?.warnings.map((warning) => warning.code) ?? [];
  expect(comparisons[0]?.coverage?.map(({ state }) => state)).toContain('renamed');
  expect(codes.filter((each) => each.startsWith('otlp-'))).toEqual([]);

  const failed = comparisons[0]?.why?.[0]?.exemplars.candidate.find(({ why }) => why === 'error');
  expect(failed?.spans.flatMap(({ exception }) => exception ?? [])).toEqual([
    { type: 'RangeError', message: 'no order with token=[redacted]' },
  ]);
  expect(stdout).toMatch(/what went wrong in it\n\s+fetch order in shop: RangeError: no order with token/);

  const spans = fieldsOf(tableOf(inbox.spans().files()));
  const requests = rows.find(({ id }) => id === 'order | - | throughput')?.samples;
  expect(spans.filter(({ kind }) => kind === 'server').length).toBeGreaterThan(100);
  expect(spans.filter(({ name }) => name === 'load order').length).toBeGreaterThan(50);
  expect(spans.filter(({ errorType }) => errorType === 'RangeError').length).toBeGreaterThan(10);
  expect(requests).toBeDefined();
  expect(stderr).toContain(`spangate: ${spans.length} spans were handed on to ${receiver.url}/v1/traces\n`);
  expect(project.temporaryFiles()).toEqual([]);
}, 120_000);

test('a receiver that is not there is a warning, and nothing else', async () => {
  using project = openProject({ fixture: 'handing-on' });
  const url = await closedUrl();
  const { code, stdout, stderr } = await project.start(`spangate run --export-otlp ${url} -o run.json`)
    .outcome;
  expect(code, stderr).toBe(0);
  expect(stdout).toContain(`${url}/v1/traces cannot be reached (ECONNREFUSED)`);
  expect(stdout).toContain('[otlp-export-failed]');
  const { warnings, exemplars } = JSON.parse(
    readFileSync(join(project.folder, 'run.json'), 'utf8'),
  ) as Measurement;
  expect(warnings.map((warning) => warning.code)).not.toContain('otlp-export-failed');
  expect(exemplars?.length).toBeGreaterThan(0);
}, 120_000);
