/**
 * Spans of a load that spangate did not send itself: which of them belong to what its command reports, by trace id, by
 * link, or by the name of the root span.
 */

import type { SpanKeyId } from '../measurement.ts';
import { ConsumerCollector, consumersIn, startsIn } from './consumer-traces.ts';
import { type AssemblyContext, RequestCollector, type SpanCollector } from './request-collector.ts';
import { selfTimes } from './self-time.ts';
import { SpanKeyIds } from './span-key-ids.ts';
import { SPAN_KINDS, type SpanTable, traceIdOf } from './span-table.ts';
import { collectOutside, type InstanceTraces } from './trace-assembly.ts';
import { indexTraces } from './trace-index.ts';

export interface ReportedTraces {
  /** Number of operations. */
  readonly operations: number;
  /** Index of the operation by trace id, 32 lower-case hex digits. */
  readonly traces: ReadonlyMap<string, number>;
  /** Traces of the warm-up, which count nowhere. */
  readonly ignored: ReadonlySet<string>;
  /** Of operations without trace ids: their index by name. */
  readonly names: ReadonlyMap<string, number>;
  /** Seconds since 1970: for what no trace id is known of. */
  readonly window: { readonly from: number; readonly to: number };
}

/** When a message was sent and done, as far as spans say it. Seconds since 1970. */
export interface Delivery {
  readonly traceId: string;
  /** Start of the first PRODUCER span; null where there is none. */
  readonly sent: number | null;
  /** End of the last CONSUMER span; null where there is none. */
  readonly done: number | null;
}

export interface ReportedInstance {
  readonly traces: InstanceTraces;
  /** By index of the operation. */
  readonly deliveries: readonly (readonly Delivery[])[];
}

const [SERVER, PRODUCER, CONSUMER] = (['server', 'producer', 'consumer'] as const).map((kind) =>
  SPAN_KINDS.indexOf(kind),
) as [number, number, number];

/** Pure. `rootSpans` counts messages whose work was seen: one that went through two services counts once. */
export function assembleReported(table: SpanTable, reported: ReportedTraces): ReportedInstance {
  return new Assembly(table, reported).run();
}

interface Trace {
  readonly id: string;
  readonly rows: Uint32Array;
  /** SERVER and CONSUMER spans without a parent here. */
  readonly roots: Uint32Array;
}

class Assembly {
  readonly #context: AssemblyContext;
  readonly #reported: ReportedTraces;
  readonly #requests: readonly RequestCollector[];
  readonly #consumers: ConsumerCollector;
  readonly #outside = new Map<SpanKeyId, SpanCollector>();
  readonly #counts = { spans: 0, rootSpans: 0, orphanSpans: 0, outsideSpans: 0 };
  readonly #traces: readonly Trace[];
  readonly #byId: ReadonlyMap<string, Trace>;
  readonly #done = new Map<string, number>();
  readonly #seen: Set<string>[];
  /** For every root, where one operation is reported and no root has its name. */
  readonly #onlyOperation: number | undefined;

  constructor(table: SpanTable, reported: ReportedTraces) {
    const index = indexTraces(table);
    this.#context = { table, index, keys: new SpanKeyIds(table), self: selfTimes(table, index) };
    this.#reported = reported;
    this.#requests = Array.from({ length: reported.operations }, () => new RequestCollector(this.#context));
    this.#consumers = new ConsumerCollector(this.#context);
    this.#seen = Array.from({ length: reported.operations }, () => new Set<string>());
    this.#traces = Array.from({ length: index.traceCount }, (_, trace) => {
      const rows = index.rowsByTrace.subarray(index.traceStarts[trace], index.traceStarts[trace + 1]);
      const isRoot = (row: number) =>
        (table.kinds[row] === SERVER || table.kinds[row] === CONSUMER) && index.parentRows[row] === -1;
      return { id: traceIdOf(table, rows[0] ?? 0), rows, roots: rows.filter(isRoot) };
    });
    this.#byId = new Map(this.#traces.map((trace) => [trace.id, trace]));
    const isNamed = this.#traces.some(({ roots }) => this.#namedBy(roots) !== undefined);
    this.#onlyOperation = isNamed || reported.operations !== 1 ? undefined : [...reported.names.values()][0];
  }

  run(): ReportedInstance {
    for (const trace of this.#traces) this.#place(trace);
    const { table } = this.#context;
    return {
      traces: {
        requests: this.#requests.map((request) => request.finish()),
        consumers: this.#consumers.finish(),
        outsideRequests: new Map([...this.#outside].map(([id, spans]) => [id, spans.finish(table)])),
        ...this.#counts,
      },
      deliveries: this.#seen.map((ids) => [...ids].map((id) => this.#deliveryOf(id))),
    };
  }

  #place(trace: Trace): void {
    const operation = this.#operationOf(trace);
    if (operation === 'none') return;
    if (operation !== undefined) {
      this.#add(operation, trace.rows, trace.roots);
      this.#sawDone(trace.id, trace.rows);
      if (trace.roots.length > 0) this.#reconcile(operation, [trace.id]);
      return;
    }
    const { consumers, others } = consumersIn(this.#context, trace.rows);
    for (const consumed of consumers) this.#consume(consumed);
    this.#counts.outsideSpans += collectOutside(this.#context, others, this.#outside, this.#reported.window);
  }

  /** Undefined where it is of no operation; `none` where it counts nowhere. */
  #operationOf({ id, roots }: Trace): number | 'none' | undefined {
    const { traces, ignored, window } = this.#reported;
    const known = traces.get(id);
    if (known !== undefined) return known;
    if (ignored.has(id)) return 'none';
    const [first] = roots;
    if (first === undefined || !startsIn(this.#context.table, first, window)) return undefined;
    if (this.#hasLinksHere(first)) return undefined;
    return this.#namedBy(roots) ?? this.#onlyOperation;
  }

  #namedBy(roots: Uint32Array): number | undefined {
    const { table } = this.#context;
    for (const row of roots) {
      const operation = this.#reported.names.get(table.names[table.nameIds[row] ?? 0] ?? '');
      if (operation !== undefined) return operation;
    }
    return undefined;
  }

  /** A root CONSUMER span in a trace that nobody reported. */
  #consume(consumed: { readonly root: number; readonly rows: Uint32Array }): void {
    const { root, rows } = consumed;
    const { table } = this.#context;
    const { traces, ignored, window } = this.#reported;
    const links = table.links?.get(root) ?? [];
    if (links.some((id) => ignored.has(id))) return;
    for (const id of links) this.#sawDone(id, rows);
    const claimed = links.filter((id) => traces.has(id));
    const unseen = claimed.filter((id) => !this.#byId.has(id));
    const [first] = unseen;
    if (first !== undefined) {
      const operation = traces.get(first) ?? 0;
      this.#add(operation, rows, Uint32Array.of(root));
      this.#reconcile(operation, unseen);
      return;
    }
    if (claimed.length === 0 && !startsIn(table, root, window)) return;
    this.#consumers.add(consumed, 0);
    this.#counts.spans += rows.length;
  }

  #add(operation: number, rows: Uint32Array, roots: Uint32Array): void {
    const { durationSeconds } = this.#context.table;
    const [root = null] = roots.toSorted(
      (left, right) => (durationSeconds[right] ?? 0) - (durationSeconds[left] ?? 0),
    );
    this.#requests[operation]?.addTrace(rows, root === null ? null : { content: 0, root });
    this.#counts.spans += rows.length;
  }

  #reconcile(operation: number, ids: readonly string[]): void {
    const seen = this.#seen[operation];
    if (!seen) return;
    const before = seen.size;
    for (const id of ids) seen.add(id);
    this.#counts.rootSpans += seen.size - before;
  }

  #hasLinksHere(row: number): boolean {
    return (this.#context.table.links?.get(row) ?? []).some((id) => this.#byId.has(id));
  }

  #sawDone(traceId: string, rows: Uint32Array): void {
    const { kinds, epochSeconds, startSeconds, durationSeconds } = this.#context.table;
    for (const row of rows) {
      if (kinds[row] !== CONSUMER) continue;
      const end = epochSeconds + (startSeconds[row] ?? 0) + (durationSeconds[row] ?? 0);
      this.#done.set(traceId, Math.max(end, this.#done.get(traceId) ?? end));
    }
  }

  #deliveryOf(traceId: string): Delivery {
    const { kinds, epochSeconds, startSeconds } = this.#context.table;
    const starts = [...(this.#byId.get(traceId)?.rows ?? [])]
      .filter((row) => kinds[row] === PRODUCER)
      .map((row) => epochSeconds + (startSeconds[row] ?? 0));
    const sent = starts.length === 0 ? null : Math.min(...starts);
    return { traceId, sent, done: this.#done.get(traceId) ?? null };
  }
}
