/** Builds bare measurements for the report tests, from a few figures an operation. */
import { EMPTY_HISTOGRAM } from '../../src/histogram.ts';
import type {
  Distribution,
  Instance,
  Measurement,
  MetricRecord,
  OperationRecord,
  Round,
  SpanKey,
  SpanRecord,
} from '../../src/measurement.ts';
import { spanKeyId } from '../../src/measurement.ts';

export function distribution(p50: number, count = 660): Distribution {
  return {
    count,
    sum: p50 * count * 1.1,
    min: p50 / 2,
    max: p50 * 9,
    p50,
    p90: p50 * 1.6,
    p95: p50 * 2,
    p99: p50 * 4,
  };
}

export function spanRecord(p50: number, calls: number, errors = 0): SpanRecord {
  return {
    calls,
    errors: errors === 0 ? {} : { TypeError: errors },
    duration: distribution(p50, calls),
    self: distribution(p50 / 3, calls),
  };
}

export function operation(
  p50: number,
  spans: readonly (readonly [SpanKey, SpanRecord])[],
  errors = 0,
): OperationRecord {
  return {
    requests: 660,
    errors: errors === 0 ? {} : { '500': errors },
    latency: distribution(p50),
    spans: Object.fromEntries(spans.map(([key, record]) => [spanKeyId(key), record])),
  };
}

export function metric(
  parts: Partial<MetricRecord> & Pick<MetricRecord, 'name' | 'value' | 'unit'>,
): MetricRecord {
  return { service: 'orders-api', kind: 'gauge', ...parts };
}

export function instance(parts: Partial<Instance> = {}): Instance {
  return {
    id: 'i1',
    processes: [
      { service: 'orders-api', port: 41_000, startSeconds: 0.61, runtime: 'v20.20.2', recorders: 1 },
    ],
    operations: {},
    outsideRequests: {},
    throughput: 412,
    metrics: [],
    quality: {
      requestsCompleted: 1320,
      rootSpans: 1320,
      spans: 6600,
      orphanSpans: 0,
      droppedSpans: 0,
      overflowSpans: 0,
      outsideSpans: 0,
    },
    ...parts,
  };
}

export function round(instances: readonly Instance[], parts: Partial<Round> = {}): Round {
  return {
    id: 'r1',
    seed: 42,
    startedAt: '2026-03-05T09:29:00.000Z',
    warmUpSeconds: 4,
    warm: true,
    measuredSeconds: 8,
    conditions: { generatorCpu: 0.31, generatorSaturated: false, steal: 0.002, pressure: 0.04 },
    instances,
    ...parts,
  };
}

export function measurement(rounds: readonly Round[], parts: Partial<Measurement> = {}): Measurement {
  return {
    schemaVersion: 1,
    tool: 'spangate 0.1.0',
    id: '0197a3c2',
    scenario: 'orders',
    createdAt: '2026-03-05T09:30:00.000Z',
    commit: { sha: '3f2a91c4d07be8a1', branch: 'feature/summary', dirty: true },
    detail: 'full',
    status: 'complete',
    workload: {
      hash: 'a3'.repeat(32),
      seed: 42,
      model: 'closed',
      connections: 1,
      durationSeconds: 8,
      requests: [
        { name: 'GET /orders', weight: 8, writes: false },
        { name: 'POST /orders', weight: 1, writes: true },
      ],
    },
    environment: {
      cpuModel: 'AMD EPYC 7763',
      cores: 2,
      cpuQuota: null,
      architecture: 'x64',
      memoryBytes: 8 * 1024 ** 3,
      platform: 'linux',
      kernel: '6.8.0',
      image: null,
      ci: null,
      serviceRuntime: 'v20.20.2',
      openTelemetry: '2.12.0',
    },
    rounds,
    merged: { 'GET /orders': { latency: EMPTY_HISTOGRAM, spans: {} } },
    warnings: [],
    ...parts,
  };
}
