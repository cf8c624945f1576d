/** Reads the recorded rounds, and makes measurements of any choice of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type {
  Distribution,
  Instance,
  Measurement,
  OperationRecord,
  Round,
  SpanRecord,
} from '../../src/measurement.ts';
import { quantileSorted } from '../../src/quantile.ts';

/** One recorded round: eight instances that were alive at once. */
export interface Recording {
  readonly file: string;
  readonly instances: readonly Instance[];
}

interface Slot {
  readonly round: number;
  readonly proc: number;
  readonly spans: Readonly<Record<string, readonly number[]>>;
}

/** @param prefix `k8_` for A/A, `inj5_` and `injs5_` for a real slowdown in processes 4 to 7 */
export function readRecordings(folder: URL, prefix: string): Recording[] {
  const files = readdirSync(folder).filter((file) => file.startsWith(prefix) && file.endsWith('.json.gz'));
  return files.sort().map((file) => {
    const text = gunzipSync(readFileSync(new URL(file, folder))).toString('utf8');
    return { file, instances: instancesOf((JSON.parse(text) as { log: Slot[] }).log) };
  });
}

/** Which operation a span of the recorded service belongs to; `auth.verify` runs in all of them. */
const ROOTS: Readonly<Record<string, string>> = {
  orders: 'GET /orders',
  search: 'GET /search',
  report: 'GET /report',
  users: 'GET /users',
};

function operationOf(span: string): string {
  if (span.startsWith('GET ')) return span;
  if (span === 'cache.get') return 'GET /search';
  if (span === 'db.aggregate') return 'GET /report';
  if (span.startsWith('db.find_')) return `GET /${span.slice('db.find_'.length)}`;
  return ROOTS[span.split('.')[0] ?? ''] ?? 'all';
}

function instancesOf(log: readonly Slot[]): Instance[] {
  const processes = [...new Set(log.map((slot) => slot.proc))].sort((left, right) => left - right);
  return processes.map((process) => {
    const durations = new Map<string, number[]>();
    for (const slot of log.filter((each) => each.proc === process)) {
      for (const [span, microseconds] of Object.entries(slot.spans)) {
        const all = durations.get(span) ?? [];
        for (const value of microseconds) all.push(value * 1e-6);
        durations.set(span, all);
      }
    }
    return instanceOf(`process ${process}`, durations);
  });
}

function instanceOf(id: string, durations: ReadonlyMap<string, readonly number[]>): Instance {
  const operations: Record<string, OperationRecord & { spans: Record<string, SpanRecord> }> = {};
  for (const [span, values] of durations) {
    const name = operationOf(span);
    const distribution = distributionOf(values);
    const operation = operations[name] ?? { requests: values.length, errors: {}, spans: {} };
    operation.spans[`internal:recorded:${span}`] = {
      calls: values.length,
      errors: {},
      duration: distribution,
    };
    operations[name] = operation;
  }
  return { id, processes: [], operations, outsideRequests: {}, throughput: 0, metrics: [], quality: QUALITY };
}

function distributionOf(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort();
  const at = (q: number): number => quantileSorted(sorted, q);
  return {
    count: sorted.length,
    sum: sorted.reduce((sum, value) => sum + value, 0),
    min: at(0),
    max: at(1),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
  };
}

/** `instance` with every duration of one span multiplied: a known slowdown. */
export function slowed(instance: Instance, span: string, factor: number): Instance {
  const name = operationOf(span);
  const operation = instance.operations[name];
  const id = `internal:recorded:${span}`;
  const record = operation?.spans[id];
  if (!operation || !record?.duration) throw new Error(`no span ${span} in ${instance.id}`);
  const { count, histogram: _, ...times } = record.duration;
  const scaled = Object.fromEntries(Object.entries(times).map(([key, value]) => [key, value * factor]));
  const duration = { count, ...(scaled as Omit<Distribution, 'count' | 'histogram'>) };
  return {
    ...instance,
    operations: {
      ...instance.operations,
      [name]: { ...operation, spans: { ...operation.spans, [id]: { ...record, duration } } },
    },
  };
}

/** @param rounds instances by round id */
export function measurementOf(
  id: string,
  rounds: Readonly<Record<string, readonly Instance[]>>,
): Measurement {
  return {
    schemaVersion: 1,
    tool: 'judge',
    id,
    scenario: 'recorded',
    createdAt: '2026-01-01T00:00:00.000Z',
    commit: null,
    detail: 'summary',
    status: 'complete',
    workload: { hash: '', seed: 1, model: 'open', connections: 0, durationSeconds: 32, requests: [] },
    environment: ENVIRONMENT,
    rounds: Object.entries(rounds).map(([round, instances]) => roundOf(round, instances)),
    merged: {},
    warnings: [],
  };
}

/** The spans of the recordings whose median is at least so many seconds. */
export function spansOf({ instances }: Recording, atLeast = 0): string[] {
  return Object.values(instances[0]?.operations ?? {}).flatMap((operation) =>
    Object.entries(operation.spans)
      .filter(([, span]) => (span.duration?.p50 ?? 0) >= atLeast)
      .map(([id]) => id.split(':')[2] ?? id),
  );
}

function roundOf(id: string, instances: readonly Instance[]): Round {
  return {
    id,
    seed: 1,
    startedAt: '2026-01-01T00:00:00.000Z',
    warmUpSeconds: 7,
    warm: true,
    measuredSeconds: 32,
    conditions: { generatorCpu: 0, generatorSaturated: false, steal: null, pressure: null },
    instances,
  };
}

const QUALITY: Instance['quality'] = {
  requestsCompleted: 0,
  rootSpans: 0,
  spans: 0,
  orphanSpans: 0,
  droppedSpans: 0,
  overflowSpans: 0,
  outsideSpans: 0,
};

const ENVIRONMENT: Measurement['environment'] = {
  cpuModel: 'recorded',
  cores: 2,
  cpuQuota: null,
  architecture: 'x64',
  memoryBytes: 0,
  platform: 'linux',
  kernel: '',
  image: null,
  ci: null,
  serviceRuntime: 'v20.20.2',
  openTelemetry: null,
};
