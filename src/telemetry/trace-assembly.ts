/** What the requests of one instance did: calls, errors, durations and self times of every span, by request. */
import type { ErrorCounts, KeptSpans, SpanKeyId } from '../measurement.ts';
import type { CallEdges } from './call-edges.ts';
import {
  ConsumerCollector,
  type ConsumerTraces,
  consumersIn,
  contentOf,
  startsIn,
} from './consumer-traces.ts';
import type { ExemplarTrace } from './exemplar-traces.ts';
import type { Recording } from './recording.ts';
import { type AssemblyContext, collectorOf, RequestCollector, SpanCollector } from './request-collector.ts';
import { selfTimes } from './self-time.ts';
import { SpanKeyIds } from './span-key-ids.ts';
import { traceIdOf } from './span-table.ts';
import { isWanted, mintSpanId, parseTraceId, type RunTag, type WantedOrigins } from './trace-id.ts';
import { indexTraces } from './trace-index.ts';

export interface SpanObservations {
  readonly calls: number;
  readonly errors: ErrorCounts;
  /** Where a sampler left spans out: those that are here, while `calls` and `errors` are what they stand for. */
  readonly kept?: KeptSpans;
  /** Seconds; one for each call that is here, in no order. */
  readonly durations: Float64Array;
  readonly selfTimes: Float64Array;
}

export interface RequestSpanObservations extends SpanObservations {
  /** Calls in each complete trace of a content slot: a number where all of them agree. */
  readonly callsPerContent: ReadonlyMap<number, number | 'varies'>;
}

/** The traces of one request of the workload. */
export interface RequestTraces {
  /** Complete traces: those whose root span arrived. */
  readonly traces: number;
  /** Complete traces by content slot. */
  readonly tracesPerContent: ReadonlyMap<number, number>;
  readonly spans: ReadonlyMap<SpanKeyId, RequestSpanObservations>;
  /** Seconds on the critical path of the complete traces of requests that did not fail, and of the slowest tenth. */
  readonly critical: CriticalSeconds;
  readonly tail: CriticalSeconds;
  /** Of complete traces. */
  readonly edges: CallEdges;
  readonly exemplars: readonly ExemplarTrace[];
}

/** How long each span alone held the critical path, added up over so many traces. */
export interface CriticalSeconds {
  readonly traces: number;
  readonly seconds: ReadonlyMap<SpanKeyId, number>;
}

export interface InstanceTraces {
  /** By index of the request in the workload. */
  readonly requests: readonly RequestTraces[];
  /** What began with a CONSUMER span instead of a request, by the name of that span. */
  readonly consumers: ReadonlyMap<string, ConsumerTraces>;
  /** Spans of traces that the run did not mint: start-up, timers, cron jobs. */
  readonly outsideRequests: ReadonlyMap<SpanKeyId, SpanObservations>;
  /** Spans of the requests and of what was consumed. */
  readonly spans: number;
  /** Those of them whose parent the load generator minted; of several in one trace the longest alone. */
  readonly rootSpans: number;
  /** Those of them whose parent was neither received nor minted. */
  readonly orphanSpans: number;
  readonly outsideSpans: number;
}

export interface AssemblyOptions extends WantedOrigins {
  readonly runTag: RunTag;
  /**
   * Seconds since 1970: spans outside requests, and messages that nobody knows the request of, count where they start
   * in [from, to). All where left out.
   */
  readonly window?: { readonly from: number; readonly to: number };
}

/** Pure. Late children, which end after their root, count like others. */
export function assembleTraces(
  recording: Pick<Recording, 'spans'>,
  options: AssemblyOptions,
): InstanceTraces {
  const table = recording.spans;
  const index = indexTraces(table);
  const keys = new SpanKeyIds(table);
  const context: AssemblyContext = { table, index, keys, self: selfTimes(table, index) };
  const requests = Array.from({ length: options.requests }, () => new RequestCollector(context));
  const outside = new Map<SpanKeyId, SpanCollector>();
  const consumers = new ConsumerCollector(context);
  const counts = { spans: 0, rootSpans: 0, orphanSpans: 0, outsideSpans: 0 };
  for (let trace = 0; trace < index.traceCount; trace += 1) {
    const rows = index.rowsByTrace.subarray(index.traceStarts[trace], index.traceStarts[trace + 1]);
    const traceId = traceIdOf(table, rows[0] ?? 0);
    const origin = parseTraceId(options.runTag, traceId);
    if (origin === null) {
      const found = consumersIn(context, rows);
      for (const consumed of found.consumers) {
        const content = contentOf(context, consumed.root, options);
        if (content === null) continue;
        consumers.add(consumed, content);
        counts.spans += consumed.rows.length;
      }
      counts.outsideSpans += collectOutside(context, found.others, outside, options.window);
      continue;
    }
    if (!isWanted(origin, options)) continue;
    const { root, orphans } = rootAndOrphans(context, rows, traceId);
    counts.spans += rows.length;
    if (root !== null) counts.rootSpans += 1;
    counts.orphanSpans += orphans;
    requests[origin.request]?.addTrace(rows, root === null ? null : { content: origin.content, root });
  }
  return {
    requests: requests.map((request) => request.finish()),
    consumers: consumers.finish(),
    outsideRequests: new Map([...outside].map(([id, collector]) => [id, collector.finish(table)])),
    ...counts,
  };
}

/** A proxy that records nothing hands the parent on to several services: the longest of them is the root. */
function rootAndOrphans(
  { table, index }: AssemblyContext,
  rows: Uint32Array,
  traceId: string,
): { readonly root: number | null; readonly orphans: number } {
  const minted = mintSpanId(traceId);
  const mintedHigh = Number.parseInt(minted.slice(0, 8), 16);
  const mintedLow = Number.parseInt(minted.slice(8), 16);
  let orphans = 0;
  let longest: number | null = null;
  for (const row of rows) {
    const high = table.parentIds[row * 2];
    const low = table.parentIds[row * 2 + 1];
    if (high === mintedHigh && low === mintedLow) {
      if (longest === null || duration(table, row) > duration(table, longest)) longest = row;
    } else if (index.parentRows[row] === -1) orphans += 1;
  }
  return { root: longest, orphans };
}

function duration({ durationSeconds }: AssemblyContext['table'], row: number): number {
  return durationSeconds[row] ?? 0;
}

export function collectOutside(
  context: AssemblyContext,
  rows: Uint32Array,
  outside: Map<SpanKeyId, SpanCollector>,
  window: AssemblyOptions['window'],
): number {
  const { table, keys } = context;
  let collected = 0;
  for (const row of rows) {
    if (!startsIn(table, row, window)) continue;
    collectorOf(outside, keys.idOf(row), () => new SpanCollector()).add(context, row);
    collected += 1;
  }
  return collected;
}
