/** One data point of OTLP metrics, as it was sent. */
import type { MessageResource } from '../otlp/resource-messages.ts';
import type { MetricBuckets } from './metric-buckets.ts';
import type { MetricExemplar } from './metric-exemplar.ts';

export interface OtlpPoint {
  readonly resource: MessageResource;
  /** Name and version of the instrumentation scope: two of them may have a metric of the same name. */
  readonly scope: string;
  readonly name: string;
  readonly unit: string;
  readonly kind: 'sum' | 'gauge' | 'histogram';
  /** `delta`: since `from`; `cumulative`: since the process, or its meter, began at `from`. */
  readonly temporality: 'delta' | 'cumulative';
  /** Of a sum: whether it never falls. */
  readonly monotonic: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  /** Seconds since 1970; 0 where the sender does not say. */
  readonly from: number;
  readonly to: number;
  /** Sum, reading, or sum of the recorded values. */
  readonly value: number;
  /** Of a histogram that was sent without a sum: `value` says nothing. */
  readonly isWithoutSum?: true;
  /** Of a histogram. */
  readonly count: number;
  readonly min?: number;
  readonly max?: number;
  readonly buckets?: MetricBuckets;
  /** Of a histogram: those that name a trace; absent where there is none. */
  readonly exemplars?: readonly MetricExemplar[];
}

export interface PointVisitor {
  /** Metrics of other names are jumped over, and told by `other` alone. */
  wants(name: string): boolean;
  point(point: OtlpPoint): void;
  /** A metric that nobody wants: its sender is alive. */
  other(resource: MessageResource): void;
}
