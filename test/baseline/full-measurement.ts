/** A full Measurement as large as a real one, made from raw durations by the code that makes real ones. */
import type {
  Exemplar,
  Instance,
  Measurement,
  MetricRecord,
  OperationRecord,
  SpanRecord,
} from '../../src/measurement.ts';
import { type Random, seededRandom } from '../../src/random.ts';
import { chooseExemplars } from '../../src/runner/chosen-exemplars.ts';
import { distributionOf } from '../../src/runner/distribution.ts';
import { mergeOperations } from '../../src/runner/merged-operations.ts';
import { normal } from '../compare/sketch.ts';

export interface Size {
  readonly rounds: number;
  readonly instances: number;
  readonly operations: number;
  /** In all, shared out between the operations. */
  readonly spans: number;
  /** Requests of each operation in each instance. */
  readonly requests: number;
}

/** Content slots of a request with variables. */
const SLOTS = 64;

export function fullMeasurement(size: Size, seed = 1): Measurement {
  const random = seededRandom(seed);
  const results = Array.from({ length: size.rounds * size.instances }, (_, serial) => ({
    instance: instanceOf(serial, size, random),
    calls: callsOf(size),
    edges: edgesOf(size),
    exemplars: exemplarsOf(size, random),
  }));
  return {
    schemaVersion: 1,
    tool: 'spangate 0.1.0',
    id: 'm1',
    scenario: 'default',
    createdAt: '2026-11-01T08:00:00.000Z',
    commit: { sha: '0123456789abcdef0123456789abcdef01234567', branch: 'main', dirty: false },
    detail: 'full',
    status: 'complete',
    workload: {
      hash: 'a'.repeat(64),
      seed: 42,
      model: 'closed',
      connections: 2,
      durationSeconds: 8,
      requests: operationNames(size).map((name) => ({ name, weight: 1, writes: false })),
    },
    environment: {
      cpuModel: 'AMD EPYC 7763 64-Core Processor',
      cores: 4,
      cpuQuota: null,
      architecture: 'x64',
      memoryBytes: 16_766_418_944,
      platform: 'linux',
      kernel: '6.11.0-1018-azure',
      image: 'ubuntu24 20261025.1',
      ci: 'GitHub Actions',
      serviceRuntime: 'v20.20.2',
      openTelemetry: '2.12.0',
    },
    rounds: Array.from({ length: size.rounds }, (_, round) => ({
      id: `2a-${round}-2026-11-01T08:00:00.000Z`,
      seed: 42,
      startedAt: `2026-11-01T08:00:${String(round).padStart(2, '0')}.000Z`,
      warmUpSeconds: 4.01,
      warm: true,
      measuredSeconds: 8.012_345_678,
      conditions: { generatorCpu: 0.312_345, generatorSaturated: false, steal: 0.001_234_5, pressure: null },
      instances: results
        .slice(round * size.instances, (round + 1) * size.instances)
        .map((result) => result.instance),
    })),
    merged: mergeOperations(results),
    exemplars: chooseExemplars(results.flatMap(({ exemplars }) => exemplars)),
    warnings: [{ code: 'not-warm', message: 'Latency had not settled.' }],
  };
}

function operationNames({ operations }: Size): string[] {
  return Array.from({ length: operations }, (_, index) => `GET /resource-${index}/:id`);
}

function spanIds(operation: number, { spans, operations }: Size): string[] {
  const count =
    Math.floor(((operation + 1) * spans) / operations) - Math.floor((operation * spans) / operations);
  return Array.from({ length: count }, (_, index) =>
    index === 0
      ? `server:orders-api:GET /resource-${operation}/:id`
      : `client:orders-api:pg.query:SELECT table_${operation}_${index}`,
  );
}

function instanceOf(serial: number, size: Size, random: Random): Instance {
  const operations = operationNames(size).map((name, index) => [name, operationOf(index, size, random)]);
  return {
    id: `r${Math.floor(serial / size.instances)}i${serial % size.instances}`,
    processes: [{ service: 'orders-api', port: 20_000 + serial, startSeconds: 0.4321, recorders: 1 }],
    operations: Object.fromEntries(operations),
    outsideRequests: { 'internal:orders-api:refresh cache': spanOf(8, 0.002, random) },
    throughput: 734.123_456 + serial,
    metrics: Array.from({ length: 40 }, (_, index) => metricOf(index, random)),
    quality: {
      requestsCompleted: size.requests * size.operations,
      rootSpans: size.requests * size.operations,
      spans: size.requests * size.spans,
      orphanSpans: 0,
      droppedSpans: 0,
      overflowSpans: 0,
      outsideSpans: 8,
    },
  };
}

function operationOf(index: number, size: Size, random: Random): OperationRecord {
  const latency = distributionOf(durations(size.requests, 0.004, random));
  const failed = random() < 0.2 ? 1 : 0;
  return {
    requests: size.requests,
    traces: size.requests,
    errors: failed === 0 ? {} : { '503': failed },
    ...(latency && { latency }),
    tail: { traces: size.requests / 10, critical: { [spanIds(index, size)[0] ?? '']: 0.8 * random() } },
    spans: Object.fromEntries(
      spanIds(index, size).map((id, position) => [
        id,
        spanOf(size.requests, 0.0004 * (1 + ((index + position) % 7)), random),
      ]),
    ),
  };
}

function spanOf(calls: number, median: number, random: Random): SpanRecord {
  const duration = distributionOf(durations(calls, median, random));
  const self = distributionOf(durations(calls, median * 0.6, random));
  const critical = (self?.sum ?? 0) * (1 - 0.1 * random());
  return { calls, errors: {}, ...(duration && { duration }), ...(self && { self }), critical };
}

/** The root span calls all others. */
function edgesOf(size: Size) {
  return new Map(
    operationNames(size).map((name, index) => {
      const [root = '', ...children] = spanIds(index, size);
      const counts = { calls: size.requests, overlapping: index % 2, retries: 0 };
      return [name, new Map([[root, new Map(children.map((id) => [id, counts]))]])] as const;
    }),
  );
}

function exemplarsOf(size: Size, random: Random): readonly Exemplar[] {
  return operationNames(size).flatMap((operation, index) =>
    (['typical', 'slow'] as const).map((why) => ({
      ...{ operation, why, traceId: 'a'.repeat(32), startedAt: '2026-11-01T08:00:01.234Z' },
      duration: 0.004 * (1 + random()),
      spans: spanIds(index, size).map((span, position) => ({
        ...{ span, start: 0.0004 * position * (1 + random()), duration: 0.0004 * (1 + random()) },
        ...(position > 0 && { parent: 0 }),
      })),
    })),
  );
}

/** Lognormal about a median, and one in fifty up to twenty times as long: garbage collection, a lock, a lost CPU. */
function durations(count: number, median: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => {
    const slow = random() < 0.02 ? 1 + 20 * random() : 1;
    return median * Math.exp(0.35 * normal(random)) * slow;
  });
}

function metricOf(index: number, random: Random): MetricRecord {
  return {
    service: 'orders-api',
    name: `v8js.memory.heap.space.metric_${index}`,
    unit: 'By',
    kind: 'gauge',
    attributes: { 'v8js.heap.space.name': 'old_space' },
    value: 1e7 * random(),
    max: Math.round(1e7 * random()),
  };
}

function callsOf(size: Size) {
  const slots = new Set(Array.from({ length: SLOTS }, (_, slot) => slot));
  return new Map(
    operationNames(size).map((name, index) => [
      name,
      {
        traces: size.requests,
        slots,
        // Every third span is called as often as the content says.
        spans: new Map(
          spanIds(index, size).map((id, position) => [
            id,
            new Map([...slots].map((slot) => [slot, position % 3 === 2 ? 1 + (slot % 4) : 1])),
          ]),
        ),
      },
    ]),
  );
}
