/** Traces that a person would look at first: those that failed, and the slowest, of each request of the workload. */
import { NO_ERROR_ID } from '../recording-format.ts';
import { type SpanTable, traceIdOf } from '../span-table.ts';
import type { AssemblyOptions } from '../trace-assembly.ts';
import { hasMintedParent, parseTraceWords } from '../trace-id.ts';

export interface NotableOptions extends Pick<AssemblyOptions, 'runTag' | 'requests' | 'phase' | 'instance'> {
  /** How many of each sort. */
  readonly keep: number;
}

/** Pure. @returns trace ids by the index of the request in the workload */
export function notableTraces(table: SpanTable, options: NotableOptions): readonly ReadonlySet<string>[] {
  const { runTag, requests, phase, instance, keep } = options;
  const chosen = Array.from({ length: requests }, () => new Chosen(table, keep));
  for (let row = 0; row < table.count; row += 1) {
    const origin = parseTraceWords(runTag, table.traceIds, row * 4);
    if (origin === null || origin.phase !== phase) continue;
    if (instance === undefined || origin.instance === instance) chosen[origin.request]?.look(row);
  }
  return chosen.map((each) => each.traceIds());
}

class Chosen {
  readonly #table: SpanTable;
  readonly #keep: number;
  readonly #failed = new Set<string>();
  /** Rows of root spans, slowest first. */
  #slowest: number[] = [];

  constructor(table: SpanTable, keep: number) {
    this.#table = table;
    this.#keep = keep;
  }

  look(row: number): void {
    const table = this.#table;
    if (table.errorTypeIds[row] !== NO_ERROR_ID && this.#failed.size < this.#keep)
      this.#failed.add(traceIdOf(table, row));
    if (!hasMintedParent(table, row)) return;
    const last = this.#slowest[this.#keep - 1];
    if (last !== undefined && this.#duration(last) >= this.#duration(row)) return;
    this.#slowest = [...this.#slowest, row]
      .sort((left, right) => this.#duration(right) - this.#duration(left))
      .slice(0, this.#keep);
  }

  traceIds(): ReadonlySet<string> {
    return new Set([...this.#failed, ...this.#slowest.map((row) => traceIdOf(this.#table, row))]);
  }

  #duration(row: number): number {
    return this.#table.durationSeconds[row] ?? 0;
  }
}
