/**
 * Which slow rows are accounted for by another one: a route is slower because a query below it is, or is called
 * more often. Simple on purpose: in seconds per request, on the means, without the tree of spans.
 */
import type { Measurement, SpanKeyId } from '../measurement.ts';
import { spanKeyId } from '../measurement.ts';
import type { Row } from './comparison.ts';
import { rowId } from './rows.ts';
import { isTimed, type PlacedInstance, placedInstances } from './series.ts';

/** Share of a row's shift that another span's own work has to make up. */
const ACCOUNTED = 0.6;

/** The same rows, with `explainedBy` where the shift of a slower row is another flagged row's work. */
export function explain(rows: readonly Row[], baseline: Measurement | null, candidate: Measurement): Row[] {
  const flagged = rows.filter(isFlagged);
  if (baseline === null || flagged.length < 2) return [...rows];
  const before = placedInstances(baseline);
  const after = placedInstances(candidate);
  return rows.map((row) => {
    if (!isFlagged(row) || !isTimed(row.quantity) || row.operation === null) return row;
    const cause = causeOf(row, flagged, { before, after });
    return cause === null ? row : { ...row, explainedBy: cause };
  });
}

function isFlagged(row: Row): boolean {
  return row.verdict === 'regression' || row.verdict === 'added' || row.reason === 'screened';
}

interface Instances {
  readonly before: readonly PlacedInstance[];
  readonly after: readonly PlacedInstance[];
}

function causeOf(row: Row, flagged: readonly Row[], instances: Instances): string | null {
  const operation = row.operation as string;
  const own = row.span && spanKeyId(row.span);
  const growth = growthOf(operation, own, own === null ? 'latency' : 'duration', instances);
  if (growth <= 0) return null;
  if (own !== null && growthOf(operation, own, 'self', instances) >= ACCOUNTED * growth) return null;
  let best: { readonly spanId: SpanKeyId; readonly self: number } | null = null;
  for (const spanId of spanIdsOf(operation, flagged)) {
    if (spanId === own) continue;
    const self = growthOf(operation, spanId, 'self', instances);
    if (self >= ACCOUNTED * growth && (best === null || self > best.self)) best = { spanId, self };
  }
  return best && rowOfCause(operation, best.spanId, flagged);
}

function spanIdsOf(operation: string, flagged: readonly Row[]): ReadonlySet<SpanKeyId> {
  return new Set(
    flagged.flatMap((row) => (row.operation === operation && row.span ? [spanKeyId(row.span)] : [])),
  );
}

/** More calls explain more than slower ones, and the median more than a tail. */
function rowOfCause(operation: string, spanId: SpanKeyId, flagged: readonly Row[]): string | null {
  const ids = new Set(flagged.map((row) => row.id));
  for (const quantity of ['calls', 'p50', 'self', 'p90', 'p95', 'p99'] as const) {
    const id = rowId(operation, spanId, quantity);
    if (ids.has(id)) return id;
  }
  return null;
}

/** Growth of the seconds a request spends in a span, in its own work, or in all as the client sees it. */
function growthOf(
  operation: string,
  spanId: SpanKeyId | null,
  part: 'latency' | 'duration' | 'self',
  { before, after }: Instances,
): number {
  const perRequest = (instances: readonly PlacedInstance[]): number => {
    let seconds = 0;
    let requests = 0;
    for (const { instance } of instances) {
      const record = instance.operations[operation];
      if (!record) continue;
      const distribution = part === 'latency' ? record.latency : record.spans[spanId ?? '']?.[part];
      seconds += distribution?.sum ?? 0;
      requests += part === 'latency' ? (record.latency?.count ?? 0) : record.requests;
    }
    return requests === 0 ? 0 : seconds / requests;
  };
  return perRequest(after) - perRequest(before);
}
