/** Measurements for tests, drawn from a sketch of a few lines: what each operation and span is like. */
import { histogramOf } from '../../src/histogram.ts';
import type {
  CallsPerContent,
  Distribution,
  Instance,
  Measurement,
  OperationRecord,
  Round,
  SpanRecord,
} from '../../src/measurement.ts';
import { type Random, seededRandom } from '../../src/random.ts';

export interface SpanSketch {
  /** Calls a request: constant, constant by content (a list), or varying about a mean. Default 1. */
  readonly calls?: number | readonly number[] | { readonly about: number; readonly spread: number };
  /** Median duration in seconds. */
  readonly duration: number;
  /** Mean self time in seconds; default: that of a span without children. */
  readonly self?: number;
  /** Errors of each instance in turn, over and over; default none. */
  readonly errors?: readonly number[];
}

export interface OperationSketch {
  /** Requests an instance. Default 400. */
  readonly requests?: number;
  /** Median latency in seconds. */
  readonly latency: number;
  readonly errors?: readonly number[];
  readonly spans?: Readonly<Record<string, SpanSketch>>;
  /** Log records by service and level, of each instance in turn, over and over. */
  readonly logs?: Readonly<Record<string, Readonly<Partial<Record<'warn' | 'error', readonly number[]>>>>>;
  /** Log records in each request that has any. Default 1. */
  readonly recordsPerRequest?: number;
}

export interface Sketch {
  readonly id?: string;
  /** Default 4. */
  readonly rounds?: number;
  /** Instances a round. Default 2. */
  readonly instances?: number;
  /** Standard deviation of the log of a duration between instances, 0.01 by default. */
  readonly spread?: number;
  /** All durations are multiplied by it: a slower machine. */
  readonly factor?: number;
  readonly seed?: number;
  /** Two sketches of one prefix were measured together. Default: the id. */
  readonly roundPrefix?: string;
  readonly operations: Readonly<Record<string, OperationSketch>>;
  readonly outside?: Readonly<Record<string, SpanSketch>>;
  /** Whether logs were read. */
  readonly readsLogs?: boolean;
  /** Values of named metrics, of each instance in turn, over and over; null: did not arrive. */
  readonly metrics?: Readonly<Record<string, readonly (number | null)[]>>;
}

/** Spread of single durations within an instance, on the log scale. */
const WITHIN = 0.25;
const CONTENTS = 10;

export function measurementOf(sketch: Sketch): Measurement {
  const random = seededRandom(sketch.seed ?? 1);
  const id = sketch.id ?? 'sketch';
  const rounds: Round[] = [];
  let serial = 0;
  for (let round = 0; round < (sketch.rounds ?? 4); round += 1) {
    const instances: Instance[] = [];
    for (let index = 0; index < (sketch.instances ?? 2); index += 1) {
      instances.push(instanceOf(sketch, serial, random));
      serial += 1;
    }
    rounds.push(roundOf(`${sketch.roundPrefix ?? id}-${round + 1}`, instances));
  }
  return {
    schemaVersion: 1,
    tool: 'spangate 0.0.0',
    id,
    scenario: 'default',
    createdAt: '2026-01-01T00:00:00.000Z',
    commit: null,
    detail: 'summary',
    status: 'complete',
    workload: {
      hash: 'a'.repeat(64),
      seed: 1,
      model: 'closed',
      connections: 2,
      durationSeconds: 8,
      requests: Object.keys(sketch.operations).map((name) => ({ name, weight: 1, writes: false })),
    },
    environment: ENVIRONMENT,
    rounds,
    merged: mergedOf(sketch, serial),
    warnings: [],
  };
}

const ENVIRONMENT: Measurement['environment'] = {
  cpuModel: 'Test CPU',
  cores: 2,
  cpuQuota: null,
  architecture: 'x64',
  memoryBytes: 8_000_000_000,
  platform: 'linux',
  kernel: '6.0',
  image: null,
  ci: null,
  serviceRuntime: 'v20.20.2',
  openTelemetry: '2.12.0',
};

function roundOf(id: string, instances: readonly Instance[]): Round {
  return {
    id,
    seed: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    warmUpSeconds: 2,
    warm: true,
    measuredSeconds: 8,
    conditions: { generatorCpu: 0.2, generatorSaturated: false, steal: 0, pressure: 0 },
    instances,
  };
}

function instanceOf(sketch: Sketch, serial: number, random: Random): Instance {
  const vary = (): number => (sketch.factor ?? 1) * Math.exp((sketch.spread ?? 0.01) * normal(random));
  const operations: Record<string, OperationRecord> = {};
  let requests = 0;
  for (const [name, operation] of Object.entries(sketch.operations)) {
    const count = operation.requests ?? 400;
    requests += count;
    const failed = pick(operation.errors, serial);
    const spans: Record<string, SpanRecord> = {};
    for (const [id, span] of Object.entries(operation.spans ?? {})) {
      const record = spanOf(span, count, serial, { vary, random });
      if (record.calls > 0) spans[id] = record;
    }
    operations[name] = {
      requests: count,
      errors: failed > 0 ? { '500': failed } : {},
      latency: distribution(count - failed, operation.latency * vary()),
      spans,
      ...logsOf(operation, serial),
    };
  }
  const outsideRequests: Record<string, SpanRecord> = {};
  for (const [id, span] of Object.entries(sketch.outside ?? {})) {
    outsideRequests[id] = spanOf(span, 100, serial, { vary, random });
  }
  return {
    id: `i${serial}`,
    processes: [],
    operations,
    outsideRequests,
    throughput: requests / 8 / vary(),
    metrics: [],
    ...metricsOf(sketch, serial),
    quality: {
      ...(sketch.readsLogs && { logs: { records: 0, withoutTrace: 0, dropped: 0 } }),
      requestsCompleted: requests,
      rootSpans: requests,
      spans: requests,
      orphanSpans: 0,
      droppedSpans: 0,
      overflowSpans: 0,
      outsideSpans: 0,
    },
  };
}

function logsOf(
  { logs, recordsPerRequest = 1 }: OperationSketch,
  serial: number,
): Pick<OperationRecord, 'logs'> {
  if (!logs) return {};
  const countOf = (list: readonly number[] | undefined) => {
    const records = pick(list, serial);
    return { records, requests: Math.ceil(records / recordsPerRequest) };
  };
  const counts = Object.entries(logs).map(([service, { warn, error }]) => [
    service,
    { warn: countOf(warn), error: countOf(error) },
  ]);
  return { logs: Object.fromEntries(counts) };
}

function metricsOf({ metrics }: Sketch, serial: number): Pick<Instance, 'namedMetrics'> {
  if (!metrics) return {};
  const named = Object.entries(metrics).map(([name, values]) => {
    const value = values[serial % values.length] ?? null;
    return [name, { value, unit: '{job}', count: value === null ? 0 : 8 }];
  });
  return { namedMetrics: Object.fromEntries(named) };
}

function spanOf(
  span: SpanSketch,
  requests: number,
  serial: number,
  { vary, random }: { vary: () => number; random: Random },
): SpanRecord {
  const calls = Math.round(callsOf(span, random) * requests);
  const failed = pick(span.errors, serial);
  if (calls === 0) return { calls, errors: {} };
  const factor = vary();
  const self = (span.self ?? span.duration * Math.exp(WITHIN ** 2 / 2)) * factor;
  return {
    calls,
    errors: failed > 0 ? { Error: failed } : {},
    duration: distribution(calls, span.duration * factor),
    self: { ...distribution(calls, self), sum: self * calls },
  };
}

function callsOf({ calls = 1 }: SpanSketch, random: Random): number {
  if (typeof calls === 'number') return calls;
  if ('about' in calls) return Math.max(0, calls.about * (1 + calls.spread * normal(random)));
  return calls.reduce((sum, count) => sum + count, 0) / calls.length;
}

/** A lognormal shape about a median. */
function distribution(count: number, median: number): Distribution {
  const at = (z: number): number => median * Math.exp(WITHIN * z);
  return {
    count,
    sum: count * median * Math.exp(WITHIN ** 2 / 2),
    min: at(-3),
    max: at(3),
    p50: median,
    p90: at(1.2816),
    p95: at(1.6449),
    p99: at(2.3263),
  };
}

function mergedOf(sketch: Sketch, instances: number): Measurement['merged'] {
  const merged: Record<string, Measurement['merged'][string]> = {};
  for (const [name, operation] of Object.entries(sketch.operations)) {
    const traces = (operation.requests ?? 400) * instances;
    merged[name] = {
      latency: histogramOf([operation.latency]),
      spans: Object.fromEntries(
        Object.entries(operation.spans ?? {}).map(([id, span]) => [
          id,
          { duration: histogramOf([span.duration]), callsPerContent: contentsOf(span, traces) },
        ]),
      ),
    };
  }
  return merged;
}

function contentsOf({ calls = 1 }: SpanSketch, traces: number): CallsPerContent {
  if (typeof calls === 'number') {
    if (!Number.isInteger(calls)) return { state: 'varies', traces };
    return { state: 'constant', traces, runs: [[calls, CONTENTS]] };
  }
  if ('about' in calls) return { state: 'varies', traces };
  return { state: 'constant', traces, runs: calls.map((count): [number, number] => [count, 1]) };
}

function pick(list: readonly number[] | undefined, serial: number): number {
  return list?.[serial % list.length] ?? 0;
}

/** Box and Muller. */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
