/**
 * Self time of spans: duration less the union of the children's intervals, each clamped to the parent. Children may
 * overlap one another (parallel queries), outlast the parent, or lie outside it when clocks of two processes differ.
 */
import type { SpanTable } from './span-table.ts';
import type { TraceIndex } from './trace-index.ts';

/** Seconds, one for every row. */
export function selfTimes(table: SpanTable, index: TraceIndex): Float64Array {
  const self = table.durationSeconds.slice(0, table.count);
  for (let row = 0; row < table.count; row += 1) {
    const children = index.rowsByParent.subarray(index.childStarts[row], index.childStarts[row + 1]);
    if (children.length > 0) self[row] = (self[row] ?? 0) - coveredSeconds(table, row, children);
  }
  return self;
}

/** Length of the union of the children's intervals inside the parent. Sorts `children` by start. */
function coveredSeconds(table: SpanTable, parent: number, children: Uint32Array): number {
  const startOf = (row: number): number => table.startSeconds[row] ?? 0;
  const endOf = (row: number): number => startOf(row) + (table.durationSeconds[row] ?? 0);
  if (children.length > 1) children.sort((left, right) => startOf(left) - startOf(right));
  const parentEnd = endOf(parent);
  let coveredUntil = startOf(parent);
  let covered = 0;
  for (const child of children) {
    const from = Math.max(startOf(child), coveredUntil);
    const to = Math.min(endOf(child), parentEnd);
    if (to <= from) continue;
    covered += to - from;
    coveredUntil = to;
  }
  return Math.min(covered, table.durationSeconds[parent] ?? 0);
}
