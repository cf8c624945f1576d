/** Spans that most likely only changed their name: one is gone and one is new, at the same place in the same traces. */
import { parseSpanKeyId, type SpanKeyId } from '../measurement.ts';
import type { SideCalls } from './call-changes.ts';
import type { Rename } from './explanation.ts';

/** A span key of one side, as it is seen in the traces. */
interface Place {
  readonly id: SpanKeyId;
  /** Null for a root span. */
  readonly parent: SpanKeyId | null;
  readonly callsPerTrace: number;
  readonly children: readonly SpanKeyId[];
  /** Median duration in seconds; null where it is not known. */
  readonly median: number | null;
}

/** Calls may differ by so much: those that vary do so by chance. */
const LIKE_CALLS = 1.1;
/** The same work has about the same duration, or it is not only another name. */
const LIKE_DURATION = 1.5;

export interface RenameSide extends SideCalls {
  readonly ids: readonly SpanKeyId[];
  medianOf(id: SpanKeyId): number | null;
}

/** Parents before their children: what lies below a renamed span has another parent, and is no other span for that. */
export function renamesOf(baseline: RenameSide, candidate: RenameSide): readonly Rename[] {
  const gone = baseline.ids.filter((id) => !candidate.ids.includes(id));
  const added = candidate.ids.filter((id) => !baseline.ids.includes(id));
  const [before, after] = [placesOf(gone, baseline), placesOf(added, candidate)];
  const renamed = new Map<SpanKeyId, SpanKeyId>();
  for (let found = true; found; ) {
    found = false;
    for (const old of before) {
      if (renamed.has(old.id)) continue;
      const known = new Set(renamed.values());
      const alike = after.filter((place) => !known.has(place.id) && isAlike(old, place, renamed));
      // Two that are alike cannot be told apart, on either side: two queries may have become one.
      const [only] = alike;
      if (!only || alike.length > 1) continue;
      const isShared = before.some(
        (other) => other !== old && !renamed.has(other.id) && isAlike(other, only, renamed),
      );
      if (isShared) continue;
      renamed.set(old.id, only.id);
      found = true;
    }
  }
  return [...renamed].map(([from, to]) => ({ from: parseSpanKeyId(from), to: parseSpanKeyId(to) }));
}

/** Those with one parent; a span that many call has no one place. */
function placesOf(ids: readonly SpanKeyId[], side: RenameSide): readonly Place[] {
  return ids.flatMap((id): readonly Place[] => {
    const above = Object.entries(side.edges).flatMap(([parent, below]) =>
      below[id] === undefined ? [] : [{ parent, calls: below[id].calls }],
    );
    const [first] = above;
    if (above.length > 1) return [];
    return [
      {
        id,
        parent: first?.parent ?? null,
        callsPerTrace: first ? first.calls / side.traces : 1,
        children: Object.keys(side.edges[id] ?? {}),
        median: side.medianOf(id),
      },
    ];
  });
}

function isAlike(old: Place, now: Place, renamed: ReadonlyMap<SpanKeyId, SpanKeyId>): boolean {
  const parent = old.parent === null ? null : (renamed.get(old.parent) ?? old.parent);
  const [before, after] = [parseSpanKeyId(old.id), parseSpanKeyId(now.id)];
  return (
    parent === now.parent &&
    before.kind === after.kind &&
    // `renames` has names of spans: that of a service is another matter.
    before.service === after.service &&
    isWithin(old.callsPerTrace, now.callsPerTrace, LIKE_CALLS) &&
    (old.median === null || now.median === null || isWithin(old.median, now.median, LIKE_DURATION)) &&
    shapeOf(old.children) === shapeOf(now.children)
  );
}

function isWithin(left: number, right: number, factor: number): boolean {
  return left <= right * factor && right <= left * factor;
}

/** How many children of each kind: their names may be new as well. */
function shapeOf(children: readonly SpanKeyId[]): string {
  return children
    .map((id) => parseSpanKeyId(id).kind)
    .sort()
    .join(' ');
}
