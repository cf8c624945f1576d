/** Who calls whom, and how: calls from spans of one key to spans of another, side by side or again after an error. */
import type { SpanKeyId } from '../measurement.ts';
import { NO_ERROR_ID } from './recording-format.ts';
import { countBelowRoot } from './sampled-spans.ts';
import type { SpanKeyIds } from './span-key-ids.ts';
import type { SpanTable } from './span-table.ts';
import type { TraceIndex } from './trace-index.ts';

/** Calls from one span key to another, in all traces that were counted. */
export interface EdgeCounts {
  calls: number;
  /** Of them: begun while another child of the same parent was running. */
  overlapping: number;
  /** Of them: begun after a call of the same key, by the same parent, had failed. */
  retries: number;
}

/** By parent, then by child. */
export type CallEdges = Map<SpanKeyId, Map<SpanKeyId, EdgeCounts>>;

export interface EdgeContext {
  readonly table: SpanTable;
  readonly index: TraceIndex;
  readonly keys: SpanKeyIds;
  /** Row of the root span of the trace. */
  readonly root: number;
}

/** Adds the calls that the span of a row made. */
export function addCallsOf(edges: CallEdges, row: number, { table, index, keys, root }: EdgeContext): void {
  const children = index.rowsByParent.subarray(index.childStarts[row], index.childStarts[row + 1]);
  if (children.length === 0) return;
  const parentId = keys.idOf(row);
  const below = edges.get(parentId) ?? new Map<SpanKeyId, EdgeCounts>();
  edges.set(parentId, below);
  const startOf = (child: number): number => table.startSeconds[child] ?? 0;
  let busyUntil = Number.NEGATIVE_INFINITY;
  const failedAt = new Map<SpanKeyId, number>();
  for (const child of [...children].sort((left, right) => startOf(left) - startOf(right))) {
    const childId = keys.idOf(child);
    const edge = below.get(childId) ?? { calls: 0, overlapping: 0, retries: 0 };
    below.set(childId, edge);
    const end = startOf(child) + (table.durationSeconds[child] ?? 0);
    const count = countBelowRoot(table, child, root);
    edge.calls += count;
    if (startOf(child) < busyUntil) edge.overlapping += count;
    if (startOf(child) >= (failedAt.get(childId) ?? Number.POSITIVE_INFINITY)) edge.retries += count;
    if (table.errorTypeIds[child] !== NO_ERROR_ID) failedAt.set(childId, end);
    else failedAt.delete(childId);
    busyUntil = Math.max(busyUntil, end);
  }
}
