/** The critical paths of many traces of one request, and the few traces that are shown of them. */
import type { SpanKeyId } from '../measurement.ts';
import { walkCriticalPath } from './critical-path.ts';
import { chooseTraces, type ExemplarTrace, exemplarTrace } from './exemplar-traces.ts';
import { NO_ERROR_ID } from './recording-format.ts';
import type { SpanKeyIds } from './span-key-ids.ts';
import type { SpanTable } from './span-table.ts';
import type { CriticalSeconds } from './trace-assembly.ts';
import type { TraceIndex } from './trace-index.ts';

/** The slowest tenth is what p95 is the middle of. */
const TAIL_SHARE = 0.1;

interface TracePath {
  readonly rows: Uint32Array;
  readonly root: number;
  readonly duration: number;
  /** Whether the root span has an error: the request failed, whatever else did. */
  readonly failed: boolean;
  /** Of the first span that has an error. */
  readonly errorTypeId: number;
  readonly seconds: ReadonlyMap<SpanKeyId, number>;
}

export class PathCollector {
  readonly #context: { readonly table: SpanTable; readonly index: TraceIndex; readonly keys: SpanKeyIds };
  readonly #paths: TracePath[] = [];

  constructor(context: {
    readonly table: SpanTable;
    readonly index: TraceIndex;
    readonly keys: SpanKeyIds;
  }) {
    this.#context = context;
  }

  add(rows: Uint32Array, root: number): void {
    const { table, index, keys } = this.#context;
    const seconds = new Map<SpanKeyId, number>();
    walkCriticalPath(table, index, {
      root,
      visit: (row, own) => {
        const id = keys.idOf(row);
        seconds.set(id, (seconds.get(id) ?? 0) + own);
      },
    });
    const errorTypeOf = (row: number): number => table.errorTypeIds[row] ?? NO_ERROR_ID;
    const first = rows.find((row) => errorTypeOf(row) !== NO_ERROR_ID);
    this.#paths.push({
      rows,
      root,
      duration: table.durationSeconds[root] ?? 0,
      failed: errorTypeOf(root) !== NO_ERROR_ID,
      errorTypeId: first === undefined ? NO_ERROR_ID : errorTypeOf(first),
      seconds,
    });
  }

  /**
   * Seconds are of the requests that did not fail, as the latency is that they are set against; of all of them where
   * every one failed.
   */
  finish(): {
    readonly critical: CriticalSeconds;
    readonly tail: CriticalSeconds;
    readonly exemplars: readonly ExemplarTrace[];
  } {
    const slowestFirst = this.#paths.toSorted((left, right) => right.duration - left.duration);
    const exemplars = chooseTraces(slowestFirst).map(({ why, trace }) =>
      exemplarTrace({ why, ...trace }, this.#context),
    );
    const answered = slowestFirst.filter(({ failed }) => !failed);
    const counted = answered.length > 0 ? answered : slowestFirst;
    return {
      critical: total(counted),
      tail: total(counted.slice(0, Math.floor(counted.length * TAIL_SHARE))),
      exemplars,
    };
  }
}

function total(paths: readonly TracePath[]): CriticalSeconds {
  const seconds = new Map<SpanKeyId, number>();
  for (const path of paths) {
    for (const [id, own] of path.seconds) seconds.set(id, (seconds.get(id) ?? 0) + own);
  }
  return { traces: paths.length, seconds };
}
