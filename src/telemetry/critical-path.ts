/**
 * The critical path of a trace: at every moment of its root span, the one span that the answer was waiting for.
 *
 * The standard definition, as in Uber's CRISP (https://www.usenix.org/conference/atc22/presentation/zhang-zhizhou) and
 * Jaeger: walk back from the end of a span; the child that finished last holds the path until its own start, then the
 * child that had finished last before that; what is left is the span's own. So the parts add up to the duration of the
 * root span, however many calls ran side by side.
 *
 * Three things that real traces have and the definition is silent about:
 * - A child that outlasts its parent counts up to the parent's end, but not where it ran longer after that end than
 *   before it: nobody waited for it (a message sent, a cache refreshed).
 * - A child that begins after its parent ended is detached, and is never on the path.
 * - The server span of another process that does not lie within its client span has another clock: it is moved to the
 *   middle of the client span, with all that lies below it.
 */
import { SPAN_KINDS, type SpanTable } from './span-table.ts';
import type { TraceIndex } from './trace-index.ts';

const SERVER = SPAN_KINDS.indexOf('server');
const CLIENT = SPAN_KINDS.indexOf('client');

/** A span that holds the path from `from` to `to`, in the clock of the root. */
interface Stretch {
  readonly row: number;
  readonly from: number;
  readonly to: number;
  /** Seconds to add to the span's own times. */
  readonly skew: number;
}

/**
 * Calls `visit` with every span on the path below `root`, and the seconds for which it alone held it. A span may be
 * visited with 0 seconds. It ends: ids that form a circle are no descendants of a root.
 */
export function walkCriticalPath(
  table: SpanTable,
  index: TraceIndex,
  { root, visit }: { readonly root: number; readonly visit: (row: number, seconds: number) => void },
): void {
  const from = table.startSeconds[root] ?? 0;
  const stretches: Stretch[] = [{ row: root, from, to: from + durationOf(table, root), skew: 0 }];
  for (let stretch = stretches.pop(); stretch !== undefined; stretch = stretches.pop()) {
    let own = 0;
    let until = stretch.to;
    for (const child of lastFinishedFirst(table, index, stretch)) {
      // Still running when the path left its sibling: that sibling was not waiting for it.
      if (child.to > until) continue;
      own += until - child.to;
      until = child.from;
      stretches.push(child);
    }
    visit(stretch.row, own + until - stretch.from);
  }
}

/** The children that the parent may have waited for, cut to its window. */
function lastFinishedFirst(table: SpanTable, index: TraceIndex, parent: Stretch): readonly Stretch[] {
  const children = index.rowsByParent.subarray(
    index.childStarts[parent.row],
    index.childStarts[parent.row + 1],
  );
  const placed: { readonly stretch: Stretch; readonly end: number }[] = [];
  for (const row of children) {
    const skew = skewOf(table, row, parent);
    const start = (table.startSeconds[row] ?? 0) + skew;
    const end = start + durationOf(table, row);
    const from = Math.max(start, parent.from);
    const to = Math.min(end, parent.to);
    if (from >= to || end - parent.to > to - from) continue;
    placed.push({ stretch: { row, from, to, skew }, end });
  }
  if (placed.length > 1) {
    placed.sort((left, right) => right.end - left.end || left.stretch.from - right.stretch.from);
  }
  return placed.map(({ stretch }) => stretch);
}

function skewOf(table: SpanTable, row: number, parent: Stretch): number {
  const isOtherProcess =
    table.processIds[row] !== table.processIds[parent.row] ||
    table.serviceIds[row] !== table.serviceIds[parent.row];
  if (!isOtherProcess) return parent.skew;
  if (table.kinds[row] !== SERVER || table.kinds[parent.row] !== CLIENT) return parent.skew;
  const start = (table.startSeconds[row] ?? 0) + parent.skew;
  const spare = parent.to - parent.from - durationOf(table, row);
  const isWithin = start >= parent.from && start + durationOf(table, row) <= parent.to;
  if (isWithin || spare < 0) return parent.skew;
  return parent.skew + parent.from + spare / 2 - start;
}

function durationOf(table: SpanTable, row: number): number {
  return table.durationSeconds[row] ?? 0;
}
