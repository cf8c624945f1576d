/** Which span keys of an operation lie below which: the calls of both sides, taken together. */
import type { CallEdge, Measurement, MergedOperation, SpanKeyId } from '../measurement.ts';

export interface CallTree {
  /** Whether spans of `id` are made, directly or not, by spans of `above`; true where nothing is known of the calls. */
  isBelow(id: SpanKeyId, above: SpanKeyId): boolean;
  /** Whether it is called by no span of the operation; false where nothing is known of the calls. */
  isRoot(id: SpanKeyId): boolean;
}

export type Edges = NonNullable<MergedOperation['edges']>;

export function callTreeOf(sides: readonly Edges[]): CallTree {
  const children = new Map<SpanKeyId, Set<SpanKeyId>>();
  const called = new Set<SpanKeyId>();
  for (const edges of sides) {
    for (const [parent, below] of Object.entries(edges)) {
      const known = children.get(parent) ?? new Set();
      children.set(parent, known);
      for (const child of Object.keys(below)) {
        known.add(child);
        if (child !== parent) called.add(child);
      }
    }
  }
  const isKnown = children.size > 0;
  return {
    isBelow: (id, above) => !isKnown || descendantsOf(above, children).has(id),
    isRoot: (id) => isKnown && !called.has(id),
  };
}

function descendantsOf(
  above: SpanKeyId,
  children: ReadonlyMap<SpanKeyId, ReadonlySet<SpanKeyId>>,
): ReadonlySet<SpanKeyId> {
  const found = new Set<SpanKeyId>();
  const open = [above];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const child of children.get(id) ?? []) {
      if (found.has(child)) continue;
      found.add(child);
      open.push(child);
    }
  }
  return found;
}

/** The calls of an operation in several measurements of one build, added up; empty where none knows them. */
export function edgesOf(operation: string, measurements: readonly Measurement[]): Edges {
  const totals = new Map<SpanKeyId, Map<SpanKeyId, CallEdge>>();
  for (const { merged } of measurements) {
    for (const [parent, below] of Object.entries(merged[operation]?.edges ?? {})) {
      const known = totals.get(parent) ?? new Map<SpanKeyId, CallEdge>();
      totals.set(parent, known);
      for (const [child, edge] of Object.entries(below)) known.set(child, added(known.get(child), edge));
    }
  }
  return Object.fromEntries([...totals].map(([parent, below]) => [parent, Object.fromEntries(below)]));
}

function added(left: CallEdge | undefined, right: CallEdge): CallEdge {
  return {
    calls: (left?.calls ?? 0) + right.calls,
    overlapping: (left?.overlapping ?? 0) + (right.overlapping ?? 0),
    retries: (left?.retries ?? 0) + (right.retries ?? 0),
  };
}
