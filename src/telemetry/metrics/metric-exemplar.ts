/** Single values of a histogram with the trace in which they were recorded, as its sender chose them. */

export interface MetricExemplar {
  readonly value: number;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** Seconds since 1970. */
  readonly at: number;
}

/** Senders keep one a bucket; more of one data point is an attack. */
export const MOST_OF_POINT = 200;

/** Those that a person looks at. */
const MOST_SHOWN = 3;

/** The largest values recorded in [from, to], each trace once, so many as a person looks at. */
export function largestExemplars(
  exemplars: Iterable<MetricExemplar>,
  { from, to }: { readonly from: number; readonly to: number },
): readonly MetricExemplar[] {
  const byTrace = new Map<string, MetricExemplar>();
  for (const exemplar of exemplars) {
    const { at, value, traceId } = exemplar;
    if (at < from || at > to || value <= (byTrace.get(traceId)?.value ?? Number.NEGATIVE_INFINITY)) continue;
    byTrace.set(traceId, exemplar);
  }
  return [...byTrace.values()].sort((left, right) => right.value - left.value).slice(0, MOST_SHOWN);
}
