/** What the requests of one instance did: calls, errors, durations and self times of every span, by request. */
import type { ErrorCounts, SpanKeyId } from '../measurement.ts';
import type { Recording } from './recording.ts';
import { NO_ERROR_ID } from './recording-format.ts';
import { selfTimes } from './self-time.ts';
import { SpanKeyIds } from './span-key-ids.ts';
import { type SpanTable, traceIdOf } from './span-table.ts';
import { mintSpanId, type Phase, parseTraceId, type RunTag, type TraceOrigin } from './trace-id.ts';
import { indexTraces, type TraceIndex } from './trace-index.ts';

export interface SpanObservations {
  readonly calls: number;
  readonly errors: ErrorCounts;
  /** Seconds; one for each call, in no order. */
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
}

export interface InstanceTraces {
  /** By index of the request in the workload. */
  readonly requests: readonly RequestTraces[];
  /** Spans of traces that the run did not mint: start-up, timers, cron jobs. */
  readonly outsideRequests: ReadonlyMap<SpanKeyId, SpanObservations>;
  /** Spans of the requests. */
  readonly spans: number;
  /** Those of them whose parent the load generator minted. */
  readonly rootSpans: number;
  /** Those of them whose parent was neither received nor minted. */
  readonly orphanSpans: number;
  readonly outsideSpans: number;
}

export interface AssemblyOptions {
  readonly runTag: RunTag;
  /** Number of requests of the workload. */
  readonly requests: number;
  readonly phase: Phase;
  /** Only traces minted for this instance; all where left out. */
  readonly instance?: number;
  /** Seconds since 1970: spans outside requests count where they start in [from, to). All where left out. */
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
  const outside = new Map<SpanKeyId, Collector>();
  const counts = { spans: 0, rootSpans: 0, orphanSpans: 0, outsideSpans: 0 };
  for (let trace = 0; trace < index.traceCount; trace += 1) {
    const rows = index.rowsByTrace.subarray(index.traceStarts[trace], index.traceStarts[trace + 1]);
    const traceId = traceIdOf(table, rows[0] ?? 0);
    const origin = parseTraceId(options.runTag, traceId);
    if (origin === null) {
      counts.outsideSpans += collectOutside(context, rows, outside, options.window);
      continue;
    }
    if (!isWanted(origin, options)) continue;
    const roots = rootsAndOrphans(context, rows, traceId);
    counts.spans += rows.length;
    counts.rootSpans += roots.roots;
    counts.orphanSpans += roots.orphans;
    requests[origin.request]?.addTrace(rows, roots.roots > 0 ? origin.content : null);
  }
  return {
    requests: requests.map((request) => request.finish()),
    outsideRequests: new Map([...outside].map(([id, collector]) => [id, collector.finish(table)])),
    ...counts,
  };
}

interface AssemblyContext {
  readonly table: SpanTable;
  readonly index: TraceIndex;
  readonly keys: SpanKeyIds;
  readonly self: Float64Array;
}

function isWanted(origin: TraceOrigin, options: AssemblyOptions): boolean {
  return (
    origin.phase === options.phase &&
    origin.request < options.requests &&
    (options.instance === undefined || origin.instance === options.instance)
  );
}

function rootsAndOrphans(
  { table, index }: AssemblyContext,
  rows: Uint32Array,
  traceId: string,
): { roots: number; orphans: number } {
  const minted = mintSpanId(traceId);
  const mintedHigh = Number.parseInt(minted.slice(0, 8), 16);
  const mintedLow = Number.parseInt(minted.slice(8), 16);
  let roots = 0;
  let orphans = 0;
  for (const row of rows) {
    const high = table.parentIds[row * 2];
    const low = table.parentIds[row * 2 + 1];
    if (high === mintedHigh && low === mintedLow) roots += 1;
    else if (index.parentRows[row] === -1) orphans += 1;
  }
  return { roots, orphans };
}

function collectOutside(
  context: AssemblyContext,
  rows: Uint32Array,
  outside: Map<SpanKeyId, Collector>,
  window: AssemblyOptions['window'],
): number {
  const { table, keys } = context;
  let collected = 0;
  for (const row of rows) {
    const start = table.epochSeconds + (table.startSeconds[row] ?? 0);
    if (window && !(start >= window.from && start < window.to)) continue;
    collectorOf(outside, keys.idOf(row), () => new Collector()).add(context, row);
    collected += 1;
  }
  return collected;
}

function collectorOf<T>(collectors: Map<SpanKeyId, T>, id: SpanKeyId, make: () => T): T {
  let collector = collectors.get(id);
  if (collector === undefined) {
    collector = make();
    collectors.set(id, collector);
  }
  return collector;
}

class Collector {
  readonly #durations: number[] = [];
  readonly #selfTimes: number[] = [];
  readonly #errors = new Map<number, number>();

  add({ table, self }: AssemblyContext, row: number): void {
    this.#durations.push(table.durationSeconds[row] ?? 0);
    this.#selfTimes.push(self[row] ?? 0);
    const errorTypeId = table.errorTypeIds[row] ?? NO_ERROR_ID;
    if (errorTypeId !== NO_ERROR_ID) this.#errors.set(errorTypeId, (this.#errors.get(errorTypeId) ?? 0) + 1);
  }

  finish(table: SpanTable): SpanObservations {
    const errors = [...this.#errors].map(([id, count]) => [table.errorTypes[id] ?? '_OTHER', count] as const);
    return {
      calls: this.#durations.length,
      errors: Object.fromEntries(errors),
      durations: Float64Array.from(this.#durations),
      selfTimes: Float64Array.from(this.#selfTimes),
    };
  }
}

/** Calls of one span in the traces of one content slot. `traces` had the span at least once. */
interface ContentCalls {
  calls: number;
  traces: number;
  varies: boolean;
}

class RequestCollector {
  readonly #context: AssemblyContext;
  readonly #tracesPerContent = new Map<number, number>();
  readonly #spans = new Map<
    SpanKeyId,
    { readonly spans: Collector; readonly contents: Map<number, ContentCalls> }
  >();

  constructor(context: AssemblyContext) {
    this.#context = context;
  }

  /** @param content slot of a complete trace, null for an incomplete one, whose calls say nothing */
  addTrace(rows: Uint32Array, content: number | null): void {
    const context = this.#context;
    const calls = new Map<SpanKeyId, number>();
    for (const row of rows) {
      const id = context.keys.idOf(row);
      collectorOf(this.#spans, id, () => ({ spans: new Collector(), contents: new Map() })).spans.add(
        context,
        row,
      );
      calls.set(id, (calls.get(id) ?? 0) + 1);
    }
    if (content === null) return;
    this.#tracesPerContent.set(content, (this.#tracesPerContent.get(content) ?? 0) + 1);
    for (const [id, count] of calls) {
      const contents = this.#spans.get(id)?.contents;
      const known = contents?.get(content);
      if (known === undefined) {
        contents?.set(content, { calls: count, traces: 1, varies: false });
      } else {
        known.traces += 1;
        known.varies ||= known.calls !== count;
      }
    }
  }

  finish(): RequestTraces {
    const spans = new Map<SpanKeyId, RequestSpanObservations>();
    for (const [id, collected] of this.#spans) {
      const callsPerContent = new Map<number, number | 'varies'>();
      for (const [content, traces] of this.#tracesPerContent) {
        const calls = collected.contents.get(content);
        const agreed =
          calls === undefined ? 0 : calls.varies || calls.traces < traces ? 'varies' : calls.calls;
        callsPerContent.set(content, agreed);
      }
      spans.set(id, { ...collected.spans.finish(this.#context.table), callsPerContent });
    }
    let traces = 0;
    for (const count of this.#tracesPerContent.values()) traces += count;
    return { traces, tracesPerContent: this.#tracesPerContent, spans };
  }
}
