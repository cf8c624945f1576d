/** Metrics of a recording: what a process wrote down once a second. */
import type { MetricBuckets } from './metrics/metric-buckets.ts';
import type { MetricExemplar } from './metrics/metric-exemplar.ts';

/** One line of a metrics file. */
export interface MetricLine {
  /** Seconds since 1970 between which the increases and histograms of this line were recorded. */
  readonly from: number;
  readonly to: number;
  readonly points: readonly MetricValue[];
}

export interface MetricValue {
  readonly name: string;
  readonly unit: string;
  /** `sum`: increase since `from`; `gauge`: reading at `to`; `histogram`: sum of what was recorded since `from`. */
  readonly kind: 'sum' | 'gauge' | 'histogram';
  readonly attributes?: Readonly<Record<string, string>>;
  readonly value: number;
  /** Of a histogram whose sender kept no sum: `value` says nothing. */
  readonly isWithoutSum?: true;
  /** Histogram: how many values were recorded. */
  readonly count?: number;
  readonly min?: number;
  readonly max?: number;
  /** Of a histogram, where its sender kept any. */
  readonly buckets?: MetricBuckets;
  /** Of a histogram, where its sender names traces. */
  readonly exemplars?: readonly MetricExemplar[];
}

export interface MetricPoint extends MetricValue {
  readonly service: string;
  readonly pid: number;
  readonly threadId: number;
  readonly from: number;
  readonly to: number;
}

/** Metrics files lie beside the span files: `spans-<stem>.bin`, `metrics-<stem>.jsonl`, `process-<stem>.json`. */
export function metricsFileName(stem: string): string {
  return `metrics-${stem}.jsonl`;
}

/** Lines that are torn or of another shape are left out: the last one of a killed process may be half. */
export function parseMetricLines(text: string): readonly MetricLine[] {
  return text.split('\n').flatMap((line) => {
    try {
      const parsed: unknown = JSON.parse(line);
      return isMetricLine(parsed) ? [parsed] : [];
    } catch {
      return [];
    }
  });
}

function isMetricLine(value: unknown): value is MetricLine {
  const { from, to, points } = (value ?? {}) as Record<string, unknown>;
  return Number.isFinite(from) && Number.isFinite(to) && Array.isArray(points) && points.every(isMetricValue);
}

function isMetricValue(value: unknown): value is MetricValue {
  const { name, unit, kind, value: number } = (value ?? {}) as Record<string, unknown>;
  const kinds: readonly unknown[] = ['sum', 'gauge', 'histogram'];
  return (
    typeof name === 'string' && typeof unit === 'string' && kinds.includes(kind) && Number.isFinite(number)
  );
}
