/** The spans of one trace as a tree, for showing it to a person. */
import type { Recording } from './recording.ts';
import { type SpanFields, type SpanTable, spanFields, traceIdOf } from './span-table.ts';
import { indexTraces } from './trace-index.ts';

export interface TraceNode extends SpanFields {
  /** Seconds from the start of the earliest span of the trace. */
  readonly offsetSeconds: number;
  /** By start. */
  readonly children: readonly TraceNode[];
}

/**
 * Pure. Spans whose parent was not received stand at the top, as roots do.
 *
 * @param traceId 32 lower-case hex digits
 * @returns the top of the tree by start; empty where no span of the trace was received
 */
export function traceTree(recording: Pick<Recording, 'spans'>, traceId: string): readonly TraceNode[] {
  const table = recording.spans;
  const index = indexTraces(table);
  const rows = rowsOfTrace(table, traceId);
  const origin = Math.min(...rows.map((row) => table.startSeconds[row] ?? 0));
  const seen = new Set<number>();
  const nodesOf = (candidates: readonly number[]): readonly TraceNode[] =>
    candidates
      // Damaged ids could make a circle.
      .filter((row) => !seen.has(row) && seen.add(row))
      .map((row) => {
        const fields = spanFields(table, row);
        const children = index.rowsByParent.subarray(index.childStarts[row], index.childStarts[row + 1]);
        return {
          ...fields,
          offsetSeconds: fields.startSeconds - origin,
          children: nodesOf(byStart(table, [...children])),
        };
      });
  return nodesOf(
    byStart(
      table,
      rows.filter((row) => index.parentRows[row] === -1),
    ),
  );
}

function rowsOfTrace(table: SpanTable, traceId: string): readonly number[] {
  const rows: number[] = [];
  for (let row = 0; row < table.count; row += 1) if (traceIdOf(table, row) === traceId) rows.push(row);
  return rows;
}

function byStart(table: SpanTable, rows: readonly number[]): readonly number[] {
  return rows.toSorted((left, right) => (table.startSeconds[left] ?? 0) - (table.startSeconds[right] ?? 0));
}
