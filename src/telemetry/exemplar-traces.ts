/** A few traces of each request for a person to look at: a usual one, a slow one, and failed ones. */
import type { ExemplarSpan, SpanKeyId } from '../measurement.ts';
import { NO_ERROR_ID } from './recording-format.ts';
import { type SpanTable, spanFields, traceIdOf } from './span-table.ts';
import type { TraceIndex } from './trace-index.ts';

export type ExemplarKind = 'typical' | 'slow' | 'error';

export interface ExemplarTrace {
  readonly why: ExemplarKind;
  readonly traceId: string;
  /** Seconds since 1970. */
  readonly startSeconds: number;
  /** Of the root span. */
  readonly durationSeconds: number;
  /** By start; the root span is first. Exceptions are as the service wrote them. */
  readonly spans: readonly ExemplarSpan[];
  /** Spans that are not among them. */
  readonly leftOut: number;
}

interface Candidate {
  readonly duration: number;
  readonly failed: boolean;
  /** Of some span, whether the request failed or not. */
  readonly errorTypeId: number;
}

/** Kinds of errors that are shown. */
const MOST_ERRORS = 3;
/** A trace of more spans is cut: nobody reads further, and a Measurement has to stay small. */
const MOST_SPANS = 150;

/**
 * The trace at p50 and that at p95 of the requests that did not fail, and the slowest one of each error type, those of
 * failed requests before those in which another span failed. Of equal ones the first, so that the same recording gives
 * the same choice.
 *
 * @param traces slowest first
 */
export function chooseTraces<Trace extends Candidate>(
  traces: readonly Trace[],
): readonly { readonly why: ExemplarKind; readonly trace: Trace }[] {
  const answered = traces.filter(({ failed }) => !failed);
  const at = (quantile: number): readonly Trace[] =>
    answered.slice(Math.round((answered.length - 1) * (1 - quantile))).slice(0, 1);
  const ofType = new Map<number, Trace>();
  for (const trace of [...traces.filter(({ failed }) => failed), ...answered]) {
    if (trace.errorTypeId !== NO_ERROR_ID && !ofType.has(trace.errorTypeId)) {
      ofType.set(trace.errorTypeId, trace);
    }
  }
  return [
    ...at(0.5).map((trace) => ({ why: 'typical' as const, trace })),
    ...at(0.95).map((trace) => ({ why: 'slow' as const, trace })),
    ...[...ofType.values()].slice(0, MOST_ERRORS).map((trace) => ({ why: 'error' as const, trace })),
  ];
}

/** The rows of a trace as they are kept. */
export function exemplarTrace(
  chosen: { readonly why: ExemplarKind; readonly rows: Uint32Array; readonly root: number },
  context: {
    readonly table: SpanTable;
    readonly index: TraceIndex;
    readonly keys: { idOf(row: number): SpanKeyId };
  },
): ExemplarTrace {
  const { table, index, keys } = context;
  const { root } = chosen;
  const startOf = (row: number): number =>
    row === root ? Number.NEGATIVE_INFINITY : (table.startSeconds[row] ?? 0);
  const rows = [...chosen.rows].sort((left, right) => startOf(left) - startOf(right));
  const kept = rows.slice(0, MOST_SPANS);
  const place = new Map(kept.map((row, position) => [row, position]));
  const origin = table.startSeconds[root] ?? 0;
  const spans = kept.map((row): ExemplarSpan => {
    const { status, errorType, startSeconds, durationSeconds } = spanFields(table, row);
    const exception = table.exceptions?.get(row);
    const parent = place.get(index.parentRows[row] ?? -1);
    return {
      span: keys.idOf(row),
      start: startSeconds - origin,
      duration: durationSeconds,
      ...(parent !== undefined && { parent }),
      ...(status !== 'unset' && { status }),
      ...(errorType !== null && { errorType }),
      ...(exception && { exception }),
    };
  });
  return {
    why: chosen.why,
    traceId: traceIdOf(table, root),
    startSeconds: table.epochSeconds + origin,
    durationSeconds: table.durationSeconds[root] ?? 0,
    spans,
    leftOut: rows.length - kept.length,
  };
}
