/**
 * Work that begins with a message instead of a request: a CONSUMER span without a parent in its trace. What asked for
 * it is known by a link, since who consumes later, or many messages at once, begins a trace of its own.
 */
import type { ErrorCounts } from '../measurement.ts';
import { NO_ERROR_ID } from './recording-format.ts';
import { type AssemblyContext, RequestCollector } from './request-collector.ts';
import { SPAN_KINDS } from './span-table.ts';
import type { AssemblyOptions, RequestTraces } from './trace-assembly.ts';
import { isWanted, parseTraceId } from './trace-id.ts';

/** The traces of one kind of message. */
export interface ConsumerTraces {
  /** Root CONSUMER spans. One that links to several messages counts once. */
  readonly messages: number;
  /** Of them. */
  readonly errors: ErrorCounts;
  /** Seconds: durations of those without an error, in no order. */
  readonly latencies: Float64Array;
  readonly traces: RequestTraces;
}

export interface Consumed {
  readonly root: number;
  /** The root, and what it is above. */
  readonly rows: Uint32Array;
}

const CONSUMER = SPAN_KINDS.indexOf('consumer');

/** Parts the rows of a trace. @returns what consumers began, and all that is below none of them */
export function consumersIn(
  { table, index }: AssemblyContext,
  rows: Uint32Array,
): { readonly consumers: readonly Consumed[]; readonly others: Uint32Array } {
  const roots = rows.filter((row) => table.kinds[row] === CONSUMER && index.parentRows[row] === -1);
  if (roots.length === 0) return { consumers: [], others: rows };
  const taken = new Set<number>();
  const consumers = [...roots].map((root) => {
    const below = [root];
    // Damaged ids could make a circle.
    for (const row of below) {
      if (taken.has(row)) continue;
      taken.add(row);
      below.push(...index.rowsByParent.subarray(index.childStarts[row], index.childStarts[row + 1]));
    }
    return { root, rows: Uint32Array.from(new Set(below)) };
  });
  return { consumers, others: rows.filter((row) => !taken.has(row)) };
}

interface Collected {
  readonly requests: RequestCollector;
  readonly latencies: number[];
  readonly errors: Map<string, number>;
  messages: number;
}

export class ConsumerCollector {
  readonly #context: AssemblyContext;
  readonly #byName = new Map<string, Collected>();

  constructor(context: AssemblyContext) {
    this.#context = context;
  }

  /** By name, sorted, so that measurements of one service list them alike. */
  finish(): ReadonlyMap<string, ConsumerTraces> {
    const sorted = [...this.#byName].sort(([left], [right]) => (left < right ? -1 : 1));
    return new Map(
      sorted.map(([name, { requests, latencies, errors, messages }]) => [
        name,
        {
          messages,
          errors: Object.fromEntries(errors),
          latencies: Float64Array.from(latencies),
          traces: requests.finish(),
        },
      ]),
    );
  }

  /** @param content slot of what the message was sent for */
  add({ root, rows }: Consumed, content: number): void {
    const { table } = this.#context;
    const name = table.names[table.nameIds[root] ?? 0] ?? '';
    let collected = this.#byName.get(name);
    if (collected === undefined) {
      collected = {
        requests: new RequestCollector(this.#context),
        latencies: [],
        errors: new Map(),
        messages: 0,
      };
      this.#byName.set(name, collected);
    }
    collected.messages += 1;
    const errorTypeId = table.errorTypeIds[root] ?? NO_ERROR_ID;
    if (errorTypeId === NO_ERROR_ID) collected.latencies.push(table.durationSeconds[root] ?? 0);
    else {
      const type = table.errorTypes[errorTypeId] ?? '_OTHER';
      collected.errors.set(type, (collected.errors.get(type) ?? 0) + 1);
    }
    collected.requests.addTrace(rows, { content, root });
  }
}

/** Of the first message that a request of the load led to; null where there is none, or it is not wanted. */
export function contentOf({ table }: AssemblyContext, root: number, options: AssemblyOptions): number | null {
  for (const traceId of table.links?.get(root) ?? []) {
    const origin = parseTraceId(options.runTag, traceId);
    if (origin !== null) return isWanted(origin, options) ? origin.content : null;
  }
  return startsIn(table, root, options.window) ? 0 : null;
}

/** @param window seconds since 1970; whenever it starts where it is left out */
export function startsIn(
  { epochSeconds, startSeconds }: AssemblyContext['table'],
  row: number,
  window: AssemblyOptions['window'],
): boolean {
  const start = epochSeconds + (startSeconds[row] ?? 0);
  return !window || (start >= window.from && start < window.to);
}
