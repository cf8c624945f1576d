import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { instanceLogs } from '../../src/runner/instance-logs.ts';
import { InstanceTelemetry } from '../../src/runner/instance-telemetry.ts';
import type { ServingProcess } from '../../src/runner/serving-process.ts';
import { mintTraceId } from '../../src/telemetry/trace-id.ts';
import { openBench, service } from './process-bench.ts';

const RUN = 0xabcd1234;

test('a record that is sent under another name and written down too counts once', async () => {
  await using bench = openBench();
  const own = service('./serve', { telemetry: 'otlp', env: { OTEL_SERVICE_NAME: 'shop' } });
  const wanted = { logs: true, metrics: new Set<string>() };
  await using telemetry = await InstanceTelemetry.open(join(bench.directory, 'r'), [own], {}, wanted);
  const { variables } = telemetry.variablesOf(own, {});
  const traceId = mintTraceId(RUN, { phase: 'measured', instance: 0, request: 0, content: 0 }, 1);
  const attributes = [{ key: 'service.name', value: { stringValue: 'shop' } }];
  const logRecords = [{ traceId, severityNumber: 17, body: { stringValue: 'failed' } }];
  const answer = await fetch(`${variables.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] }),
  });
  expect(answer.status).toBe(200);
  const logPath = join(bench.directory, 'api.log');
  writeFileSync(logPath, `ERROR failed trace_id=${traceId}\n`);
  expect(await countsOf(telemetry, logPath)).toEqual([
    ['shop', { warn: { records: 0, requests: 0 }, error: { records: 1, requests: 1 } }],
  ]);
});

test('what a service prints of its spans is no log record, and its own lines between them are', async () => {
  await using bench = openBench();
  const own = service('./serve', { telemetry: 'console' });
  await using telemetry = await InstanceTelemetry.open(join(bench.directory, 'r'), [own], {});
  const traceId = mintTraceId(RUN, { phase: 'measured', instance: 0, request: 0, content: 0 }, 1);
  const logPath = join(bench.directory, 'api.log');
  const print = ['{', `  traceId: '${traceId}',`, `  message: 'ERROR trace_id=${traceId}',`, '}'];
  const written = `ERROR failed trace_id=${traceId}`;
  const other = ['{', `  ERROR in an object that is no span trace_id=${traceId}`, '}'];
  const lines = [written, ...print.slice(0, 2), written, ...print.slice(2), ...other, written, ''];
  writeFileSync(logPath, lines.join('\n'));
  expect(await countsOf(telemetry, logPath)).toEqual([
    ['api', { warn: { records: 0, requests: 0 }, error: { records: 4, requests: 1 } }],
  ]);
});

/** Of the only request, by service. */
async function countsOf(telemetry: InstanceTelemetry, logPath: string) {
  const serving = { name: 'api', logPath, logStart: 0 } as ServingProcess;
  const { requests } = instanceLogs(
    { telemetry, services: [serving] },
    {
      logs: { keep: 0, redact: [] },
      visitShared: null,
      recording: await telemetry.recording(),
      traces: { runTag: RUN, requests: 1, phase: 'measured', instance: 0 },
      examples: [],
    },
  );
  return [...(requests[0]?.counts ?? [])];
}
