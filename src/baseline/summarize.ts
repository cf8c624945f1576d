/** What a baseline keeps of a Measurement: quantiles and counts of every instance, and merged histograms of limited size. */
import { limitBuckets } from '../histogram.ts';
import type {
  Distribution,
  Exemplar,
  Instance,
  Measurement,
  MergedOperation,
  OperationRecord,
  SpanRecord,
  Total,
} from '../measurement.ts';

/** A relative error of 0.005 %, a hundredth of what any rule can see, in half the characters. */
const SIGNIFICANT_DIGITS = 5;

/** A span whose slowest call took a hundred times as long as its fastest still gets a relative error of 0.54 %. */
const MOST_BUCKETS = 512;

/** Of all example traces: at some 120 characters a span, an eighth of what a baseline may take. */
const MOST_EXEMPLAR_SPANS = 200;

/** The Measurement without histograms of single instances; all numbers rounded. Idempotent. */
export function summarize(measurement: Measurement): Measurement {
  return rounded({
    ...measurement,
    detail: 'summary',
    ...(measurement.exemplars && { exemplars: summarizeExemplars(measurement.exemplars) }),
    merged: mapValues(measurement.merged, summarizeMerged),
    rounds: measurement.rounds.map((round) => ({
      ...round,
      instances: round.instances.map(summarizeInstance),
    })),
  });
}

/**
 * Of a stored baseline the usual and the slow traces are looked at, beside those of the candidate. What an exception
 * said is text that a service wrote.
 */
function summarizeExemplars(exemplars: readonly Exemplar[]): readonly Exemplar[] {
  let left = MOST_EXEMPLAR_SPANS;
  const kept = exemplars.filter(({ why, spans }) => {
    if (why === 'error' || spans.length > left) return false;
    left -= spans.length;
    return true;
  });
  return kept.map((exemplar) => ({
    ...exemplar,
    spans: exemplar.spans.map(({ exception: _, ...span }) => span),
  }));
}

function summarizeInstance(instance: Instance): Instance {
  return {
    ...instance,
    operations: mapValues(instance.operations, summarizeOperation),
    outsideRequests: mapValues(instance.outsideRequests, summarizeSpan),
  };
}

/** A baseline may lie in a repository for years: it keeps figures, and no text that a service wrote. */
function summarizeOperation({ tail: _, logLines: __, ...operation }: OperationRecord): OperationRecord {
  return {
    ...operation,
    ...(operation.latency ? { latency: withoutHistogram(operation.latency) } : {}),
    spans: mapValues(operation.spans, summarizeSpan),
  };
}

function summarizeSpan(span: SpanRecord): SpanRecord {
  return {
    ...span,
    ...(span.duration ? { duration: withoutHistogram(span.duration) } : {}),
    ...(span.self ? { self: totalOf(span.self) } : {}),
  };
}

function summarizeMerged(operation: MergedOperation): MergedOperation {
  return {
    ...operation,
    latency: limitBuckets(operation.latency, MOST_BUCKETS),
    spans: mapValues(operation.spans, (span) => ({
      ...span,
      duration: limitBuckets(span.duration, MOST_BUCKETS),
    })),
  };
}

function withoutHistogram({ histogram: _, ...rest }: Distribution): Distribution {
  return rest;
}

function totalOf({ count, sum }: Total): Total {
  return { count, sum };
}

/** Whole numbers are counts, seeds and bytes, and stay as they are. */
function rounded<Value>(value: Value): Value {
  if (typeof value === 'number') {
    return (Number.isInteger(value) ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS))) as Value;
  }
  if (Array.isArray(value)) return value.map(rounded) as Value;
  if (typeof value !== 'object' || value === null) return value;
  return mapValues(value as Record<string, unknown>, rounded) as Value;
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Record<string, To> {
  // Not by assignment: a span may be called __proto__.
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
