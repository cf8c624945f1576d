/** Traces in which a metric had its largest values: where to look when its row has moved. */
import type { MetricTrace } from '../measurement.ts';
import type { Row } from './comparison.ts';
import type { PlacedInstance } from './series.ts';

/** Of the candidate, largest value first. */
export interface MetricTraces {
  readonly metric: string;
  readonly traces: readonly MetricTrace[];
}

const MOST_TRACES = 3;

/** Of the metrics that have a row, in the order of the rows; none where no sender names traces. */
export function metricTracesOf(
  rows: readonly Row[],
  candidate: readonly PlacedInstance[],
): readonly MetricTraces[] {
  const metrics = new Set(rows.flatMap(({ metric }) => metric?.name ?? []));
  return [...metrics].flatMap((metric) => {
    const traces = candidate
      .flatMap(({ instance }) => instance.namedMetrics?.[metric]?.exemplars ?? [])
      .sort((left, right) => right.value - left.value)
      .slice(0, MOST_TRACES);
    return traces.length === 0 ? [] : [{ metric, traces }];
  });
}
