/** The structure of the work: which calls are new, gone, more, fewer, one after another instead of side by side, retried. */
import { type CallEdge, parseSpanKeyId, type SpanKeyId } from '../measurement.ts';
import type { Edges } from './call-tree.ts';
import type { CallChange, CallChangeKind, Sides } from './explanation.ts';

/** Calls by an operation of one side, over so many traces. */
export interface SideCalls {
  readonly traces: number;
  readonly edges: Edges;
}

/** Calls that the traces of a side must have made of one that is new or gone: with fewer, it may be chance. */
const MINIMUM_CALLS = 10;
/** Standard deviations of two Poisson counts; the rows of calls have the exact tests, this decides what is worth a line. */
const EVIDENT = 4;
/** And the change that is worth it. */
const WORTH = 0.1;
/** Share of calls side by side, from which they are called parallel, and up to which serial. */
const PARALLEL = 0.4;
const SERIAL = 0.05;
/** Retries a request that are worth a line, and the factor by which they must have grown. */
const RETRIED = 0.01;
const RETRIED_MORE = 3;

/** Largest change of calls first. */
export function callChanges(baseline: SideCalls, candidate: SideCalls): readonly CallChange[] {
  if (baseline.traces === 0 || candidate.traces === 0) return [];
  const changes: CallChange[] = [];
  for (const [parent, child] of pairsOf(baseline.edges, candidate.edges)) {
    const before = baseline.edges[parent]?.[child];
    const after = candidate.edges[parent]?.[child];
    const change = changeOf({
      before,
      after,
      traces: { baseline: baseline.traces, candidate: candidate.traces },
    });
    if (change.kinds.length === 0) continue;
    changes.push({ from: parseSpanKeyId(parent), to: parseSpanKeyId(child), ...change });
  }
  return changes.sort((left, right) => sizeOf(right) - sizeOf(left));
}

function pairsOf(...sides: readonly Edges[]): readonly (readonly [SpanKeyId, SpanKeyId])[] {
  const pairs = new Map<string, readonly [SpanKeyId, SpanKeyId]>();
  for (const edges of sides) {
    for (const [parent, below] of Object.entries(edges)) {
      for (const child of Object.keys(below)) pairs.set(JSON.stringify([parent, child]), [parent, child]);
    }
  }
  return [...pairs.values()];
}

interface EdgeSides {
  readonly before: CallEdge | undefined;
  readonly after: CallEdge | undefined;
  readonly traces: Sides;
}

function changeOf({ before, after, traces }: EdgeSides): Omit<CallChange, 'from' | 'to'> {
  const counts = { baseline: before?.calls ?? 0, candidate: after?.calls ?? 0 };
  const share = (edge: CallEdge | undefined): number =>
    edge === undefined || edge.calls === 0 ? 0 : (edge.overlapping ?? 0) / edge.calls;
  const calls = perTrace(counts, traces);
  const overlapping = { baseline: share(before), candidate: share(after) };
  const retries = perTrace({ baseline: before?.retries ?? 0, candidate: after?.retries ?? 0 }, traces);
  const kinds = [
    ...countKinds(counts, traces),
    ...orderKinds(counts, overlapping),
    ...(retries.candidate >= RETRIED && retries.candidate >= RETRIED_MORE * retries.baseline
      ? (['retried'] as const)
      : []),
  ];
  return { kinds, calls, overlapping, retries };
}

function perTrace(counts: Sides, traces: Sides): Sides {
  return { baseline: counts.baseline / traces.baseline, candidate: counts.candidate / traces.candidate };
}

function countKinds(counts: Sides, traces: Sides): readonly CallChangeKind[] {
  const { baseline, candidate } = perTrace(counts, traces);
  if (counts.baseline === 0) return candidate * traces.baseline >= MINIMUM_CALLS ? ['new'] : [];
  if (counts.candidate === 0) return baseline * traces.candidate >= MINIMUM_CALLS ? ['gone'] : [];
  const deviation = Math.sqrt(
    counts.baseline / traces.baseline ** 2 + counts.candidate / traces.candidate ** 2,
  );
  const isEvident = Math.abs(candidate - baseline) > EVIDENT * deviation;
  if (!isEvident || Math.abs(candidate - baseline) < WORTH * Math.max(baseline, candidate)) return [];
  return [candidate > baseline ? 'more' : 'fewer'];
}

function orderKinds(counts: Sides, { baseline, candidate }: Sides): readonly CallChangeKind[] {
  if (counts.baseline < MINIMUM_CALLS || counts.candidate < MINIMUM_CALLS) return [];
  if (baseline >= PARALLEL && candidate <= SERIAL) return ['serial'];
  return baseline <= SERIAL && candidate >= PARALLEL ? ['parallel'] : [];
}

function sizeOf({ calls }: CallChange): number {
  return Math.abs(calls.candidate - calls.baseline);
}
