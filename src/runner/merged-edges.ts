/** Adds up who called whom over all instances. */
import type { CallEdge, MergedOperation, SpanKeyId } from '../measurement.ts';
import type { CallEdges, EdgeCounts } from '../telemetry/call-edges.ts';
import { wholeCount } from '../telemetry/sampled-spans.ts';

/** More than any operation was seen to have; beyond it, the edges of the fewest calls are left out. */
const MOST_EDGES = 500;

/** Null where no instance counted any. Sorted by key, so that equal runs are equal texts. Pure. */
export function mergeEdges(all: readonly CallEdges[]): NonNullable<MergedOperation['edges']> | null {
  if (all.length === 0) return null;
  const totals = new Map<SpanKeyId, Map<SpanKeyId, EdgeCounts>>();
  for (const edges of all) {
    for (const [parent, children] of edges) {
      const below = totals.get(parent) ?? new Map<SpanKeyId, EdgeCounts>();
      totals.set(parent, below);
      for (const [child, counts] of children) below.set(child, sum(below.get(child), counts));
    }
  }
  const kept = mostCalled(totals);
  const entries = [...totals].sort(byKey).map(([parent, children]) => {
    const edges = [...children].filter(([, counts]) => kept.has(counts)).sort(byKey);
    return [parent, Object.fromEntries(edges.map(([child, counts]) => [child, edgeOf(counts)]))] as const;
  });
  return Object.fromEntries(entries.filter(([, children]) => Object.keys(children).length > 0));
}

function sum(left: EdgeCounts | undefined, right: EdgeCounts): EdgeCounts {
  return {
    calls: (left?.calls ?? 0) + right.calls,
    overlapping: (left?.overlapping ?? 0) + right.overlapping,
    retries: (left?.retries ?? 0) + right.retries,
  };
}

/** Of equally many calls the first by name, so that a thousand names of one call each do not all stay. */
function mostCalled(
  totals: ReadonlyMap<SpanKeyId, ReadonlyMap<SpanKeyId, EdgeCounts>>,
): ReadonlySet<EdgeCounts> {
  const edges = [...totals].sort(byKey).flatMap(([, children]) => [...children].sort(byKey));
  const sorted = edges.sort(([, left], [, right]) => right.calls - left.calls);
  return new Set(sorted.slice(0, MOST_EDGES).map(([, counts]) => counts));
}

function edgeOf({ calls, overlapping, retries }: EdgeCounts): CallEdge {
  return {
    calls: wholeCount(calls),
    ...(overlapping > 0 && { overlapping: wholeCount(overlapping) }),
    ...(retries > 0 && { retries: wholeCount(retries) }),
  };
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}
