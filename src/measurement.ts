/**
 * The record that flows: the runner makes a Measurement, the baseline stores one, compare reads two.
 * Every duration is in seconds, every time of day an ISO 8601 string in UTC. `schemas/measurement.schema.json` is
 * generated from these types (`npm run schemas`).
 */
import type { Histogram } from './histogram.ts';

export const MEASUREMENT_SCHEMA_VERSION = 1;

/** OpenTelemetry's span kinds, in lower case. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

/** What spans are grouped by. Instance ids, versions and process ids never enter it. */
export interface SpanKey {
  /** Its name; where it is split by resource attributes, with those behind it: `orders{cloud.region=eu}`. */
  readonly service: string;
  readonly kind: SpanKind;
  readonly name: string;
}

/**
 * A span key as one string, `kind:service:name`, with `%` and `:` of the service percent-encoded; the name comes
 * last and is as it is. Made by `spanKeyId`, read by `parseSpanKeyId`.
 */
export type SpanKeyId = string;

/** True but not decisive; every report prints it as a footnote. */
export interface Warning {
  /** Stable, in kebab case, e.g. `spans-missing`. */
  readonly code: string;
  /** One or two whole sentences: what, where, what to do. */
  readonly message: string;
}

/** What a mean is made of. */
export interface Total {
  readonly count: number;
  readonly sum: number;
}

/** Durations or latencies of one instance. Quantiles are those of the raw values (type 7), not of the histogram. */
export interface Distribution extends Total {
  readonly min: number;
  readonly max: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  /**
   * Of instances of a round that were sent the same requests at the same moments: natural logarithm of how much slower
   * this one answered than all of them, request by request. The median that side by side is judged by.
   */
  readonly matched?: number;
  /** Left out where `detail` is `summary`. */
  readonly histogram?: Histogram;
}

/** Counts by `error.type` (an exception class, or a status code as text; `_OTHER` where the span names none). */
export type ErrorCounts = Readonly<Record<string, number>>;

/** Spans that arrived, and those with an error among them. */
export interface KeptSpans {
  readonly calls: number;
  readonly errors: number;
}

export interface SpanRecord {
  readonly calls: number;
  readonly errors: ErrorCounts;
  /**
   * Where a sampler left spans out and said how many: what is here of them, while `calls` and `errors` are what they
   * stand for. Absent where nothing was sampled.
   */
  readonly kept?: KeptSpans;
  /** End minus start, of all spans, failed ones too. Absent where there was none. */
  readonly duration?: Distribution;
  /** Duration less the union of the children's intervals. Where `detail` is `summary`, only what its mean is made of. */
  readonly self?: Distribution | Total;
  /**
   * Seconds for which complete traces of requests that did not fail waited for this span alone: its part of their
   * critical path.
   */
  readonly critical?: number;
}

/** How severe a log record is, in the words of OpenTelemetry. */
export type LogSeverity = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

export interface LogCount {
  readonly records: number;
  /** Requests in which there was at least one of them. */
  readonly requests: number;
}

/** What a service logged within the requests of an operation; `error` has the fatal ones too. */
export interface LogCounts {
  readonly warn: LogCount;
  readonly error: LogCount;
}

/** A log record of a trace that failed, or was among the slowest of its operation and instance. Secrets are removed. */
export interface LogLine {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits; null where the record names no span. */
  readonly spanId: string | null;
  readonly service: string;
  /** Null where the record does not say. */
  readonly severity: LogSeverity | null;
  readonly body: string;
  /** ISO 8601, UTC; null where the record has none. */
  readonly time: string | null;
}

export interface OperationRecord {
  /**
   * Requests sent in the measured stretch that were answered, or failed; those in flight at its end do not count. Of
   * what began with a message: its root CONSUMER spans.
   */
  readonly requests: number;
  /** Requests whose root span arrived: what calls per request are divided by, since no call of another was seen. */
  readonly traces?: number;
  /**
   * Those of them whose root span has no error (all, where each has one): `critical` of spans and `tail` are of these.
   * Absent in measurements of earlier versions, where they are of all.
   */
  readonly answeredTraces?: number;
  /** Failed requests: unexpected status, time-out, connection error. */
  readonly errors: ErrorCounts;
  /**
   * Latency that the load client saw, of requests that did not fail; of messages the duration of their root spans.
   * Absent where there was none.
   */
  readonly latency?: Distribution;
  readonly spans: Readonly<Record<SpanKeyId, SpanRecord>>;
  /** The critical path of the slowest tenth of the `answeredTraces`. Absent where `detail` is `summary`. */
  readonly tail?: { readonly traces: number; readonly critical: Readonly<Record<SpanKeyId, number>> };
  /** By service; those that logged a WARN or ERROR record. */
  readonly logs?: Readonly<Record<string, LogCounts>>;
  /** Of a few traces, in the order of time in each; left out where `detail` is `summary`. */
  readonly logLines?: readonly LogLine[];
}

/** What the service reported of a metric that the configuration names, in the measured stretch. */
export interface NamedMetric {
  /** In `unit`; null where no data point of it arrived, so that it says nothing. */
  readonly value: number | null;
  /** As OpenTelemetry writes it, such as `s`, `By` or `{job}`; of a rate that of what is counted. */
  readonly unit: string;
  /** Data points, of a histogram recorded values, that it was taken from. */
  readonly count: number;
  /** What `value` is, such as `mean` or `per-request`; null where none was asked for and no data point told. */
  readonly figure?: string | null;
  /** The largest values whose trace the sender names, largest first; absent where there is none. */
  readonly exemplars?: readonly MetricTrace[];
}

/** A value of a histogram and the trace in which it was recorded. */
export interface MetricTrace {
  /** In the unit of the metric. */
  readonly value: number;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
}

/** A figure that the service or its runtime reported by OpenTelemetry metrics in the measured stretch. */
export interface MetricRecord {
  readonly service: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  readonly attributes?: Readonly<Record<string, string>>;
  /** Sum: its increase; gauge: the mean of what was read; histogram: the mean of what was recorded. */
  readonly value: number;
  readonly count?: number;
  readonly max?: number;
}

/** How much of what happened was seen. All are counts. */
export interface InstanceQuality {
  /** Requests that were answered (whatever the status) in the measured stretch. */
  readonly requestsCompleted: number;
  /** Root spans (parent minted by the load generator) of those requests, one of each. */
  readonly rootSpans: number;
  readonly spans: number;
  /** Spans whose parent was neither received nor minted by us. */
  readonly orphanSpans: number;
  /** Refused by the recorder because a limit was reached, or lost with a torn chunk. */
  readonly droppedSpans: number;
  /** Spans folded into the overflow name because the service makes too many names. */
  readonly overflowSpans: number;
  /** Spans in no request of ours: start-up, timers, cron jobs. */
  readonly outsideSpans: number;
  /** Absent where no service logged anything that could be read. */
  readonly logs?: LogQuality;
}

/** How many log records could be used. */
export interface LogQuality {
  /** That belong to a request of the measured stretch. */
  readonly records: number;
  /** WARN and ERROR records that name no trace, so that they count for no request. */
  readonly withoutTrace: number;
  /** Records, or lines, that may be WARN or ERROR, and were not read since a limit was reached, or nobody can. */
  readonly dropped: number;
  /** Those below WARN that were left out, and lines of a known level that were cut; absent in older measurements. */
  readonly droppedBelowWarn?: number;
}

export interface ServiceProcess {
  readonly service: string;
  readonly port: number;
  readonly startSeconds: number;
  /** Version of the runtime as the preload saw it, e.g. `v20.20.2`; absent where nothing reported one. */
  readonly runtime?: string;
  /** Processes and worker threads that recorded spans. */
  readonly recorders: number;
}

/** One fresh copy of the services under test in one round: the replicate of all statistics. */
export interface Instance {
  readonly id: string;
  readonly processes: readonly ServiceProcess[];
  /**
   * Keyed by the name of the request in the workload; what began with a message instead by the name of its CONSUMER
   * span.
   */
  readonly operations: Readonly<Record<string, OperationRecord>>;
  /** Spans that belong to no request. */
  readonly outsideRequests: Readonly<Record<SpanKeyId, SpanRecord>>;
  /** Completed requests, and messages that were consumed, a second of the measured stretch. */
  readonly throughput: number;
  readonly metrics: readonly MetricRecord[];
  /** By their name in the configuration; absent where it names none. */
  readonly namedMetrics?: Readonly<Record<string, NamedMetric>>;
  readonly quality: InstanceQuality;
}

/** CPU that a dependency used in the measured stretch; null where the system does not tell. */
export interface DependencyUse {
  readonly name: string;
  /** Whose it is, where each of two builds has one; absent where it serves all instances. */
  readonly arm?: Arm;
  /** CPU seconds of all its processes a second of wall time: 1 is one full core. */
  readonly cpu: number | null;
  /** Of all its threads: seconds in which they ran or waited for a CPU, a second of wall time. */
  readonly demand: number | null;
  /** Of its busiest thread. */
  readonly busiestThread: number | null;
}

/** State of the machine and of the load generator during the measured stretch. Shares are 0 to 1. */
export interface RoundConditions {
  /** CPU seconds of the load generator a second of wall time: 1 is one full core. 0 where it is a command of the user. */
  readonly generatorCpu: number;
  readonly generatorSaturated: boolean;
  /** Share of CPU time stolen by the hypervisor; null where the machine does not tell. */
  readonly steal: number | null;
  /** Share of time in which some task waited for a CPU (PSI `some`); null where the kernel does not tell. */
  readonly pressure: number | null;
  /** Those that were started for the run. */
  readonly dependencies?: readonly DependencyUse[];
  /** Only of the open model: how well it kept to the times at which requests were due. */
  readonly starts?: {
    /** Starts a second in all that were asked for, and that were made. */
    readonly rate: number;
    readonly achievedRate: number;
    readonly due: number;
    /** Due, and never started. */
    readonly dropped: number;
    /** Share of those due that were dropped, or started more than 5 ms late. */
    readonly lateShare: number;
  };
}

/** k instances started together, warmed up, then one timed stretch of load. */
export interface Round {
  /** Shared by both arms when two builds are measured together; unique otherwise. */
  readonly id: string;
  readonly seed: number;
  readonly startedAt: string;
  readonly warmUpSeconds: number;
  /** Whether the warm-up criterion was met before its time limit. */
  readonly warm: boolean;
  readonly measuredSeconds: number;
  readonly conditions: RoundConditions;
  readonly instances: readonly Instance[];
  /** Why this round must not be used; absent in a good round. */
  readonly invalid?: Warning;
}

/**
 * Calls of a span in each request, by request content (a slot of the seeded content sequence).
 * `constant`: in every instance, every trace of the same content made the same number of calls; `runs` lists the
 * calls by content slot as [calls, how many slots in a row], calls null for a slot never seen.
 */
export type CallsPerContent =
  | {
      readonly state: 'constant';
      readonly traces: number;
      readonly runs: readonly (readonly [number | null, number])[];
    }
  | { readonly state: 'varies'; readonly traces: number };

/** One span key of one operation over all valid instances. */
export interface MergedSpan {
  readonly duration: Histogram;
  readonly callsPerContent: CallsPerContent;
}

/** Calls from one span key to another, in all complete traces. */
export interface CallEdge {
  readonly calls: number;
  /** Of them: begun while another child of the same parent was running. Absent: none. */
  readonly overlapping?: number;
  /** Of them: begun after a call of the same key, by the same parent, had failed. Absent: none. */
  readonly retries?: number;
}

export interface MergedOperation {
  readonly latency: Histogram;
  readonly spans: Readonly<Record<SpanKeyId, MergedSpan>>;
  /** By parent, then by child. Absent in measurements of earlier versions. */
  readonly edges?: Readonly<Record<SpanKeyId, Readonly<Record<SpanKeyId, CallEdge>>>>;
}

/** A span of a trace that is shown as an example. */
export interface ExemplarSpan {
  readonly span: SpanKeyId;
  /** Position of its parent in the list; absent for the root span, and where the parent is not in the list. */
  readonly parent?: number;
  /** Seconds after the start of the root span, which is the first of the list. */
  readonly start: number;
  readonly duration: number;
  /** Absent: unset. */
  readonly status?: 'ok' | 'error';
  readonly errorType?: string;
  /** Of a span with an error: the exception that it ended with. Secrets are removed. */
  readonly exception?: SpanException;
}

export interface SpanException {
  /** The class, as the service names it; empty where it does not. */
  readonly type: string;
  readonly message: string;
}

/**
 * One trace for a person to look at. Names, times, error types and exceptions only: no attribute of any span is kept.
 */
export interface Exemplar {
  readonly operation: string;
  /** Nearest to p50 or to p95 of the root span, without an error; or the slowest with an error of its type. */
  readonly why: 'typical' | 'slow' | 'error';
  /** 32 hex digits; what log lines of the request carry. */
  readonly traceId: string;
  readonly startedAt: string;
  /** Of the root span. */
  readonly duration: number;
  readonly spans: readonly ExemplarSpan[];
  /** Spans of the trace that are not in the list; absent: none. */
  readonly leftOut?: number;
}

export interface Environment {
  readonly cpuModel: string;
  readonly cores: number;
  /** CPUs that a cgroup quota allows; null without a quota. */
  readonly cpuQuota: number | null;
  readonly architecture: string;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly kernel: string;
  /** Image of a hosted CI runner (`ImageOS ImageVersion`), else null. */
  readonly image: string | null;
  readonly ci: string | null;
  /** Version of the service's runtime, e.g. `v20.20.2`; null where nothing reported one. */
  readonly serviceRuntime: string | null;
  /** Version of the OpenTelemetry SDK that recorded, e.g. `2.12.0`. */
  readonly openTelemetry: string | null;
}

export interface Commit {
  readonly sha: string;
  readonly branch: string | null;
  /** Whether the work tree had changes that are not committed. */
  readonly dirty: boolean;
}

export interface WorkloadSummary {
  /** SHA-256 (hex) of all that decides what is sent and how: requests, weights, connections, durations, seed. */
  readonly hash: string;
  readonly seed: number;
  readonly model: 'interleaved' | 'closed' | 'open' | 'command';
  /** What sent it; absent in measurements of earlier versions. */
  readonly driver?: 'autocannon' | 'plain' | 'interleaved' | 'open' | 'command' | 'grpc';
  readonly connections: number;
  /** Of `interleaved`: requests in flight over all instances. */
  readonly inFlight?: number;
  /** Of `open`: requests a second over all instances. */
  readonly rate?: number;
  readonly durationSeconds: number;
  /** None where a command of the user sends the load. */
  readonly requests: readonly { readonly name: string; readonly weight: number; readonly writes: boolean }[];
}

/** Of two builds measured together. */
export type Arm = 'base' | 'head';

export interface ArmPair<T> {
  readonly base: T;
  readonly head: T;
}

export interface Measurement {
  readonly schemaVersion: typeof MEASUREMENT_SCHEMA_VERSION;
  readonly tool: string;
  readonly id: string;
  readonly scenario: string;
  readonly createdAt: string;
  readonly commit: Commit | null;
  /** `full`: histograms of every instance; `summary`: what a baseline keeps. */
  readonly detail: 'full' | 'summary';
  /** `failed`: no valid round; `degraded`: something was missed, `warnings` says what. */
  readonly status: 'complete' | 'degraded' | 'failed';
  readonly workload: WorkloadSummary;
  readonly environment: Environment;
  /** Which of two builds measured together it is; absent where one was measured alone. */
  readonly arm?: Arm;
  /** Resource attributes that services are split by, as in the names of their spans; absent: none. */
  readonly splitBy?: readonly string[];
  readonly rounds: readonly Round[];
  /**
   * The concurrency probe: the instances of one of `rounds` (the same id) under several connections each, one
   * instance at a time. Absent where there was none.
   */
  readonly probes?: readonly Round[];
  /** Over all valid instances, keyed by operation. */
  readonly merged: Readonly<Record<string, MergedOperation>>;
  /** A few traces of each operation. Absent in measurements of earlier versions. */
  readonly exemplars?: readonly Exemplar[];
  readonly warnings: readonly Warning[];
}

export function spanKeyId(key: SpanKey): SpanKeyId {
  return `${key.kind}:${key.service.replace(/[%:]/g, encodeURIComponent)}:${key.name}`;
}

/** @throws TypeError when `id` was not made by `spanKeyId`. */
export function parseSpanKeyId(id: SpanKeyId): SpanKey {
  const match = /^(internal|server|client|producer|consumer):([^:]*):(.*)$/s.exec(id);
  if (!match) throw new TypeError(`not a span key: ${JSON.stringify(id)}`);
  const [, kind, service, name] = match;
  return { kind: kind as SpanKind, service: decodeURIComponent(service ?? ''), name: name ?? '' };
}

/**
 * The name of a service that is split by resource attributes, `orders{cloud.region=eu,tenant=b}`; read by
 * `serviceParts`. A service whose name has braces already stays as it is.
 */
export function splitServiceName(
  service: string,
  attributes: readonly (readonly [key: string, value: string])[],
): string {
  if (attributes.length === 0 || /[{}]/.test(service)) return service;
  const pairs = attributes.map(([key, value]) => `${key}=${value.replace(/[%,={}]/g, encodeURIComponent)}`);
  return `${service}{${pairs.join(',')}}`;
}

export interface ServiceParts {
  /** Without what it is split by. */
  readonly service: string;
  /** What it is split by; empty where it is not. */
  readonly resource: Readonly<Record<string, string>>;
}

/** Never fails: a name that `splitServiceName` did not make is a service that is not split. */
export function serviceParts(name: string): ServiceParts {
  const whole = { service: name, resource: {} };
  if (!name.endsWith('}')) return whole;
  const match = /^([^{}]*)\{([^{}]+)\}$/.exec(name);
  const pairs = match?.[2]?.split(',').map((pair) => /^([^=]+)=([^=]*)$/.exec(pair));
  if (!pairs?.every((pair) => pair !== null)) return whole;
  try {
    const entries = pairs.map(([, key = '', value = '']) => [key, decodeURIComponent(value)]);
    return { service: match?.[1] ?? '', resource: Object.fromEntries(entries) };
  } catch {
    return whole;
  }
}

/** Whether the name is that of the service, or of one of those that it is split into. */
export function isOfService(name: string, service: string): boolean {
  return name === service || serviceParts(name).service === service;
}

/** The instances that may be used: those of rounds that nothing made invalid. */
export function validInstances(measurement: Measurement): readonly Instance[] {
  return measurement.rounds.filter((round) => !round.invalid).flatMap((round) => round.instances);
}
