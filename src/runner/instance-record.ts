/** Joins what the load client saw of one instance with what its spans say, under the names of the workload. */
import type {
  Exemplar,
  ExemplarSpan,
  Instance,
  MetricRecord,
  OperationRecord,
  ServiceProcess,
  SpanKeyId,
  SpanRecord,
} from '../measurement.ts';
import type { CallEdges } from '../telemetry/call-edges.ts';
import type { ConsumerTraces } from '../telemetry/consumer-traces.ts';
import type { ExemplarTrace } from '../telemetry/exemplar-traces.ts';
import { keptText } from '../telemetry/logs/kept-text.ts';
import type { Redactor } from '../telemetry/logs/redaction.ts';
import type { InstanceLogs, RequestLogs } from '../telemetry/logs/request-logs.ts';
import type { RecordingQuality } from '../telemetry/recording.ts';
import type { InstanceTraces, RequestTraces, SpanObservations } from '../telemetry/trace-assembly.ts';
import { distributionOf } from './distribution.ts';
import type { InstanceLoad, OperationLoad } from './load/load-result.ts';
import type { MatchedInstance } from './matched-instances.ts';
import type { InstanceResult, OperationCalls } from './merged-operations.ts';

export interface InstanceParts {
  readonly id: string;
  readonly processes: readonly ServiceProcess[];
  /** Names of the requests, by their index in the workload. */
  readonly operations: readonly string[];
  readonly load: InstanceLoad;
  /** Of the stretch that the load is of. */
  readonly measuredSeconds: number;
  readonly traces: InstanceTraces;
  readonly recording: RecordingQuality;
  readonly metrics: readonly MetricRecord[];
  readonly namedMetrics?: Instance['namedMetrics'];
  /** Absent where nobody read them. */
  readonly logs?: InstanceLogs;
  /** Where instances were sent the same requests side by side. */
  readonly matched?: MatchedInstance;
  /** Takes secrets out of what exceptions say; null where no text of a service is to be kept. */
  readonly redact: Redactor | null;
}

/** Pure. */
export function instanceRecord(parts: InstanceParts): InstanceResult {
  const operations: Record<string, OperationRecord> = {};
  const calls = new Map<string, OperationCalls>();
  const edges = new Map<string, CallEdges>();
  const exemplars: Exemplar[] = [];
  for (const [index, name] of parts.operations.entries()) {
    const load = parts.load.operations[index];
    const traces = parts.traces.requests[index];
    if (!load || !traces) continue;
    const matched = parts.matched && { of: parts.matched, request: index };
    operations[name] = { ...operationRecord(load, traces, matched), ...logsOf(parts.logs?.requests[index]) };
    calls.set(name, callsOf(traces));
    edges.set(name, traces.edges);
    exemplars.push(...traces.exemplars.map((trace) => exemplarOf(name, trace, parts.redact)));
  }
  for (const [spanName, consumed] of parts.traces.consumers) {
    const name = operations[spanName] === undefined ? spanName : `${spanName} (consumer)`;
    operations[name] = consumedRecord(consumed);
    calls.set(name, callsOf(consumed.traces));
    edges.set(name, consumed.traces.edges);
    exemplars.push(...consumed.traces.exemplars.map((trace) => exemplarOf(name, trace, parts.redact)));
  }
  return { instance: { ...identityOf(parts), operations, ...outcomeOf(parts) }, calls, edges, exemplars };
}

function identityOf({ id, processes }: InstanceParts): Pick<Instance, 'id' | 'processes'> {
  return { id, processes };
}

function outcomeOf(
  parts: InstanceParts,
): Pick<Instance, 'outsideRequests' | 'throughput' | 'metrics' | 'namedMetrics' | 'quality'> {
  const { load, traces, recording } = parts;
  return {
    outsideRequests: spanRecords(traces.outsideRequests),
    throughput: load.throughput + consumedRate(parts),
    metrics: parts.metrics,
    ...(parts.namedMetrics && { namedMetrics: parts.namedMetrics }),
    quality: {
      requestsCompleted: load.operations.reduce((sum, operation) => sum + operation.completed, 0),
      rootSpans: traces.rootSpans,
      spans: traces.spans,
      orphanSpans: traces.orphanSpans,
      droppedSpans: recording.droppedSpans,
      overflowSpans: recording.overflowSpans,
      outsideSpans: traces.outsideSpans,
      ...(parts.logs && { logs: parts.logs.quality }),
    },
  };
}

/** Of one request of the workload. */
interface MatchedRequest {
  readonly of: MatchedInstance;
  readonly request: number;
}

function operationRecord(
  load: OperationLoad,
  traces: RequestTraces,
  matched: MatchedRequest | undefined,
): OperationRecord {
  const latency = distributionOf(load.latencies, matched?.of.latency(matched.request));
  return {
    requests: load.requests,
    traces: traces.traces,
    errors: load.errors,
    ...(latency && { latency }),
    ...spansOf(traces, matched),
  };
}

function spansOf(
  traces: RequestTraces,
  matched?: MatchedRequest,
): Pick<OperationRecord, 'answeredTraces' | 'spans' | 'tail'> {
  return {
    answeredTraces: traces.critical.traces,
    spans: spanRecords(traces.spans, { critical: traces.critical.seconds, matched }),
    ...(traces.tail.traces > 0 && {
      tail: { traces: traces.tail.traces, critical: Object.fromEntries(traces.tail.seconds) },
    }),
  };
}

/** What a root CONSUMER span is to messages, a request is to those who send it. */
function consumedRecord({ messages, errors, latencies, traces }: ConsumerTraces): OperationRecord {
  const latency = distributionOf(latencies);
  return {
    requests: messages,
    traces: traces.traces,
    errors,
    ...(latency && { latency }),
    ...spansOf(traces),
  };
}

/** Messages a second. They are requests of operations, so the rate of all requests has to have them too. */
function consumedRate({ traces, measuredSeconds }: InstanceParts): number {
  if (measuredSeconds === 0) return 0;
  return [...traces.consumers.values()].reduce((sum, { messages }) => sum + messages, 0) / measuredSeconds;
}

function logsOf(logs: RequestLogs | undefined): Pick<OperationRecord, 'logs' | 'logLines'> {
  if (!logs) return {};
  return {
    ...(logs.counts.size > 0 && { logs: Object.fromEntries(logs.counts) }),
    ...(logs.lines.length > 0 && { logLines: logs.lines }),
  };
}

interface OfRequests {
  /** Seconds on the critical path. */
  readonly critical: ReadonlyMap<SpanKeyId, number>;
  readonly matched: MatchedRequest | undefined;
}

/** @param requests left out for spans that belong to no request */
function spanRecords(
  spans: ReadonlyMap<SpanKeyId, SpanObservations>,
  requests?: OfRequests,
): Record<SpanKeyId, SpanRecord> {
  const sorted = [...spans].sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([id, observed]) => {
      if (requests === undefined) return [id, spanRecord(observed)];
      const { critical, matched } = requests;
      const record = spanRecord(observed, matched?.of.span(matched.request, id));
      return [id, { ...record, critical: critical.get(id) ?? 0 }];
    }),
  );
}

function exemplarOf(operation: string, trace: ExemplarTrace, redact: Redactor | null): Exemplar {
  return {
    operation,
    why: trace.why,
    traceId: trace.traceId,
    startedAt: new Date(trace.startSeconds * 1000).toISOString(),
    duration: trace.durationSeconds,
    spans: trace.spans.map((span) => withKeptException(span, redact)),
    ...(trace.leftOut > 0 && { leftOut: trace.leftOut }),
  };
}

function withKeptException({ exception, ...span }: ExemplarSpan, redact: Redactor | null): ExemplarSpan {
  if (exception === undefined || redact === null) return span;
  const { type, message } = exception;
  return { ...span, exception: { type: keptText(type, redact), message: keptText(message, redact) } };
}

function spanRecord(observed: SpanObservations, matched?: number): SpanRecord {
  const duration = distributionOf(observed.durations, matched);
  const self = distributionOf(observed.selfTimes);
  return {
    calls: observed.calls,
    errors: observed.errors,
    ...(observed.kept && { kept: observed.kept }),
    ...(duration && { duration }),
    ...(self && { self }),
  };
}

function callsOf(traces: RequestTraces): OperationCalls {
  const spans = [...traces.spans].map(([id, observed]) => [id, observed.callsPerContent] as const);
  return {
    traces: traces.traces,
    slots: new Set(traces.tracesPerContent.keys()),
    spans: new Map(spans),
  };
}
