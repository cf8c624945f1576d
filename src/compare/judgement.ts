/** A row before and after its judgement: the two series, and what was found. */
import type { Limit, Quantity } from '../config.ts';
import type { SpanKey, SpanKeyId } from '../measurement.ts';
import type { Interval, Row, RowReason, RowVerdict } from './comparison.ts';
import type { Series } from './series.ts';

/** One row to judge: the same quantity on both sides. */
export interface Pair {
  /** `operation | span key id or "-" | quantity`. */
  readonly id: string;
  readonly operation: string | null;
  readonly spanId: SpanKeyId | null;
  readonly span: SpanKey | null;
  readonly quantity: Quantity;
  /** Of log records, and of a metric that is of one service: the service that it is about. */
  readonly service?: string;
  /** Of `metric`: the metric. */
  readonly metric?: { readonly name: string; readonly unit: string };
  /** Added to values before their logarithms are taken; of a metric that can be zero. */
  readonly offset?: number;
  /** The limit that is in force for this row, already widened where the mode asks for it. */
  readonly limit: Limit;
  readonly baseline: Series;
  readonly candidate: Series;
  /** The baseline's series has an observation for each of so many stored runs; absent: for each instance. */
  readonly runs?: number;
}

export interface Judgement {
  readonly verdict: RowVerdict;
  readonly reason: RowReason;
  readonly outcome: Row['outcome'];
  readonly effect: number | null;
  readonly shift: number | null;
  readonly interval: Interval | null;
  readonly p: number | null;
  readonly minimumDetectable: number | null;
  /** The measurement whose values were judged, and are shown: the first is biased by its selection of suspects. */
  readonly decidedBy: 'first' | 'confirmation' | 'both';
  /** The row that stands for this one, by `id`. */
  readonly explainedBy?: string;
}

/** The figures of a judgement, without what they mean. */
export type Figures = Omit<Judgement, 'verdict' | 'reason' | 'outcome' | 'decidedBy' | 'explainedBy'>;

/** What a beyond-the-limit row of this level does to the gate. */
export function outcomeOf(pair: Pair): Row['outcome'] {
  return pair.limit.level === 'off' ? 'none' : pair.limit.level;
}

export function judgement(
  verdict: RowVerdict,
  reason: RowReason,
  found: Partial<Omit<Judgement, 'verdict' | 'reason'>> = {},
): Judgement {
  return {
    verdict,
    reason,
    outcome: 'none',
    effect: null,
    shift: null,
    interval: null,
    p: null,
    minimumDetectable: null,
    decidedBy: 'first',
    ...found,
  };
}

/** More is better for throughput alone. */
export function isWorseWhenLower(quantity: Quantity): boolean {
  return quantity === 'throughput';
}

/**
 * A share of the baseline as a distance on the log scale, in the direction that is worse: +25 % of a duration is
 * ln 1.25, a throughput that falls by 25 % is -ln 0.75.
 */
export function logLimit(quantity: Quantity, share: number): number {
  if (!isWorseWhenLower(quantity)) return Math.log1p(share);
  return share >= 1 ? Number.POSITIVE_INFINITY : -Math.log1p(-share);
}
