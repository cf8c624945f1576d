/** Gathers what the spans of one request did, trace by trace. */
import type { SpanKeyId } from '../measurement.ts';
import { addCallsOf, type CallEdges } from './call-edges.ts';
import { PathCollector } from './path-collector.ts';
import { NO_ERROR_ID } from './recording-format.ts';
import { adjustedCountOf, countBelowRoot, wholeCount } from './sampled-spans.ts';
import type { SpanKeyIds } from './span-key-ids.ts';
import type { SpanTable } from './span-table.ts';
import type { RequestSpanObservations, RequestTraces, SpanObservations } from './trace-assembly.ts';
import type { TraceIndex } from './trace-index.ts';

export interface AssemblyContext {
  readonly table: SpanTable;
  readonly index: TraceIndex;
  readonly keys: SpanKeyIds;
  readonly self: Float64Array;
}

/** A trace whose root span arrived. */
export interface CompleteTrace {
  /** Slot of its content. */
  readonly content: number;
  /** Row of the root span. */
  readonly root: number;
}

export function collectorOf<T>(collectors: Map<SpanKeyId, T>, id: SpanKeyId, make: () => T): T {
  let collector = collectors.get(id);
  if (collector === undefined) {
    collector = make();
    collectors.set(id, collector);
  }
  return collector;
}

/** Spans of one key. */
export class SpanCollector {
  readonly #durations: number[] = [];
  readonly #selfTimes: number[] = [];
  readonly #errors = new Map<number, number>();
  #calls = 0;
  /** Spans with an error that are here; `#errors` has what they stand for. */
  #failed = 0;

  add({ table, self }: AssemblyContext, row: number): void {
    this.#durations.push(table.durationSeconds[row] ?? 0);
    this.#selfTimes.push(self[row] ?? 0);
    const count = adjustedCountOf(table, row);
    this.#calls += count;
    const errorTypeId = table.errorTypeIds[row] ?? NO_ERROR_ID;
    if (errorTypeId === NO_ERROR_ID) return;
    this.#errors.set(errorTypeId, (this.#errors.get(errorTypeId) ?? 0) + count);
    this.#failed += 1;
  }

  /** @param scale from all requests to those whose root span is here; 1 where roots are not sampled */
  finish(table: SpanTable, scale = 1): SpanObservations {
    const errors = [...this.#errors].map(
      ([id, count]) => [table.errorTypes[id] ?? '_OTHER', wholeCount(count * scale)] as const,
    );
    const kept = { calls: this.#durations.length, errors: this.#failed };
    return {
      calls: wholeCount(this.#calls * scale),
      errors: Object.fromEntries(errors),
      ...(this.#calls !== kept.calls && { kept }),
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

/** Traces of one request of the workload. */
export class RequestCollector {
  readonly #context: AssemblyContext;
  readonly #tracesPerContent = new Map<number, number>();
  readonly #spans = new Map<
    SpanKeyId,
    { readonly spans: SpanCollector; readonly contents: Map<number, ContentCalls> }
  >();

  readonly #paths: PathCollector;
  readonly #edges: CallEdges = new Map();
  /** What the root spans that are here stand for. */
  #requests = 0;

  constructor(context: AssemblyContext) {
    this.#context = context;
    this.#paths = new PathCollector(context);
  }

  /** @param complete null for a trace whose root did not arrive: its calls say nothing */
  addTrace(rows: Uint32Array, complete: CompleteTrace | null): void {
    const context = this.#context;
    const { table } = context;
    const calls = new Map<SpanKeyId, number>();
    for (const row of rows) {
      const id = context.keys.idOf(row);
      collectorOf(this.#spans, id, () => ({ spans: new SpanCollector(), contents: new Map() })).spans.add(
        context,
        row,
      );
      const count = complete === null ? 0 : countBelowRoot(table, row, complete.root);
      calls.set(id, (calls.get(id) ?? 0) + count);
    }
    if (complete === null) return;
    const { content, root } = complete;
    this.#requests += adjustedCountOf(table, root);
    this.#paths.add(rows, root);
    for (const row of rows) addCallsOf(this.#edges, row, { ...context, root });
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
    let traces = 0;
    for (const count of this.#tracesPerContent.values()) traces += count;
    const scale = traces === 0 ? 1 : traces / this.#requests;
    const spans = new Map<SpanKeyId, RequestSpanObservations>();
    for (const [id, collected] of this.#spans) {
      const callsPerContent = new Map<number, number | 'varies'>();
      for (const [content, traces] of this.#tracesPerContent) {
        const calls = collected.contents.get(content);
        const agreed =
          calls === undefined ? 0 : calls.varies || calls.traces < traces ? 'varies' : calls.calls;
        callsPerContent.set(content, agreed);
      }
      spans.set(id, { ...collected.spans.finish(this.#context.table, scale), callsPerContent });
    }
    return {
      traces,
      tracesPerContent: this.#tracesPerContent,
      spans,
      ...this.#paths.finish(),
      edges: this.#edges,
    };
  }
}
