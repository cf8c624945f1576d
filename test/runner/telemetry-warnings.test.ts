import { expect, test } from 'vitest';
import type { Service } from '../../src/config.ts';
import {
  namelessWarning,
  sampledWarning,
  splitWarnings,
  telemetryWarnings,
  unreadablePrintsWarning,
} from '../../src/runner/telemetry-warnings.ts';
import { readRecording } from '../../src/telemetry/recording.ts';
import type { SplitProblems } from '../../src/telemetry/service-split.ts';
import { openBench, service } from './process-bench.ts';

const SAMPLER = { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' };

test('variables of a service that take spans away are told once, for both builds', () => {
  const services = [service('./serve', { env: SAMPLER }), service('./serve', { env: SAMPLER })];
  expect(telemetryWarnings(services, {})).toEqual([
    {
      code: 'telemetry-settings',
      message: expect.stringContaining(
        'OTEL_TRACES_SAMPLER=traceidratio of api may leave requests out: rows of this service are of those that were sampled.',
      ),
    },
  ]);
});

test('variables of the shell that would take spans away are replaced, and that is told', () => {
  const inherited = {
    ...SAMPLER,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'https://example.com',
    OTEL_BSP_MAX_QUEUE_SIZE: '9',
  };
  expect(telemetryWarnings([service('./serve')], inherited)).toEqual([
    {
      code: 'telemetry-settings-replaced',
      message: expect.stringContaining(
        'for the services, since all spans are wanted, under the names of their services: OTEL_TRACES_SAMPLER=traceidratio.',
      ),
    },
  ]);
});

test('a service that is recorded by the preload alone hears of none of them', () => {
  expect(telemetryWarnings([service('./serve', { env: SAMPLER, telemetry: 'preload' })], SAMPLER)).toEqual(
    [],
  );
});

test('what services could not be split by is told of', async () => {
  await using bench = openBench();
  const recording = await readRecording(bench.directory);
  const found = { withIds: [], overflowing: [], missing: [] };
  const of = (...split: readonly Partial<SplitProblems>[]) =>
    splitWarnings(split.map((each) => ({ ...recording, split: { ...found, ...each } }))).map(
      ({ code }) => code,
    );
  expect(splitWarnings([recording])).toEqual([]);
  expect(of({}, {})).toEqual([]);
  expect(of({ missing: ['cloud.region'] }, { missing: ['cloud.region'] })).toEqual([
    'split-attribute-missing',
  ]);
  expect(of({ missing: ['cloud.region'] }, {})).toEqual([]);
  expect(of({ withIds: [{ service: 'api', attribute: 'host.name' }] })).toEqual(['split-values-with-ids']);
  expect(of({}, { overflowing: ['api'] })).toEqual(['split-overflow']);
});

test('spans of a service without a name are told of', async () => {
  await using bench = openBench();
  const recording = await readRecording(bench.directory);
  const process = { service: 'unknown_service:java', pid: 1, threadId: 0, details: null, closed: true };
  expect(namelessWarning([{ ...recording, processes: [{ ...process, spans: 0 }] }])).toEqual([]);
  expect(namelessWarning([{ ...recording, processes: [{ ...process, spans: 7 }] }])).toMatchObject([
    { code: 'service-name-missing', message: expect.stringMatching(/^7 spans came from a service that/) },
  ]);
});

test('a service that samples is told of with what a span stands for', async () => {
  await using bench = openBench();
  const recording = await readRecording(bench.directory);
  expect(sampledWarning([recording])).toEqual([]);
  const sampled = [{ service: 'orders', kept: 100, made: 400 }];
  expect(sampledWarning([{ ...recording, sampled }])).toEqual([
    {
      code: 'spans-sampled',
      message: expect.stringContaining('orders keeps 25 %, so one of its spans stands for 4.0.'),
    },
  ]);
});

test('prints of spans that nobody can read are told of with who printed them, and what to do', async () => {
  await using bench = openBench();
  const recording = await readRecording(bench.directory);
  const unreadablePrints = [{ service: 'orders', prints: 2 }];
  expect(unreadablePrintsWarning([recording])).toEqual([]);
  const both = [1, 2].map(() => ({ ...recording, unreadablePrints }));
  expect(unreadablePrintsWarning(both)).toEqual([
    {
      code: 'printed-spans-unreadable',
      message: expect.stringMatching(/mixed with others: 4 of orders\. .*`telemetry: otlp`/),
    },
  ]);
});

test('a service whose spans are printed may have the exporter that prints them', () => {
  const service = (telemetry: Service['telemetry']): Service => ({
    ...{ name: 'api', setup: null, start: '', directory: '', ready: { kind: 'tcp' }, telemetry },
    ...{ startTimeoutSeconds: 1, stopTimeoutSeconds: 1, env: { OTEL_TRACES_EXPORTER: 'console' } },
  });
  expect(telemetryWarnings([service('console')], {})).toEqual([]);
  expect(telemetryWarnings([service('otlp')], {})).toMatchObject([{ code: 'telemetry-settings' }]);
});
