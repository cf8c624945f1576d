/** What a row is made of: the values of one quantity, one per instance, out of a measurement. */
import type { Quantity } from '../config.ts';
import type {
  Distribution,
  ErrorCounts,
  Instance,
  Measurement,
  OperationRecord,
  SpanKeyId,
  SpanRecord,
  Total,
} from '../measurement.ts';

/** Which numbers of an instance: those of an operation, of a span key of it, or of a span key outside requests. */
export interface Source {
  readonly operation: string | null;
  /** Null for what the load client saw of the operation. */
  readonly spanId: SpanKeyId | null;
  readonly quantity: Quantity;
  /** Of log records: the service that wrote them. */
  readonly service?: string;
  /** Of `metric`: which of those that the configuration names. */
  readonly metric?: { readonly name: string };
}

/** One instance's value of one quantity. */
export interface Observation {
  readonly round: string;
  readonly value: number;
  /** Spans or requests that the value was taken from. */
  readonly count: number;
  /** Errors or calls, where the value is their number divided by `count`; 0 elsewhere. */
  readonly events: number;
  /**
   * Of log records: requests in which there was one. Several of one request are no independent events. Of errors of
   * sampled spans: those that arrived; what they stand for are no more events.
   */
  readonly clusters?: number;
  /** Of p50: see `Distribution`. */
  readonly matched?: number;
}

/** In the order of rounds and instances. An instance that has no such value is left out. */
export type Series = readonly Observation[];

/** The quantities that are a time or depend on the speed of the machine. */
export function isTimed(quantity: Quantity): boolean {
  return quantity !== 'calls' && quantity !== 'error-rate' && !isOfLogs(quantity);
}

/** The quantities that count log records. */
export function isOfLogs(quantity: Quantity): quantity is 'error-logs' | 'warn-logs' {
  return quantity === 'error-logs' || quantity === 'warn-logs';
}

/** The quantities that count what went wrong, and have an exact test. */
export function isOfErrors(quantity: Quantity): boolean {
  return quantity === 'error-rate' || isOfLogs(quantity);
}

/** An instance and the round that it was part of. */
export interface PlacedInstance {
  readonly round: string;
  readonly instance: Instance;
}

/** The instances of valid rounds, in order. `rounds` narrows them to rounds of those ids. */
export function placedInstances(
  measurement: Measurement,
  rounds?: ReadonlySet<string>,
): readonly PlacedInstance[] {
  return measurement.rounds
    .filter((round) => !round.invalid && (rounds === undefined || rounds.has(round.id)))
    .flatMap((round) => round.instances.map((instance) => ({ round: round.id, instance })));
}

export function seriesOf(instances: readonly PlacedInstance[], source: Source): Series {
  const series: Observation[] = [];
  for (const { round, instance } of instances) {
    const observed = observe(instance, source);
    if (observed && Number.isFinite(observed.value)) series.push({ round, ...observed });
  }
  return series;
}

type Observed = Omit<Observation, 'round'> | null;

function observe(instance: Instance, source: Source): Observed {
  if (source.metric !== undefined) return observeMetric(instance, source.metric.name);
  if (source.operation === null) return observeOutside(instance, source);
  const operation = instance.operations[source.operation];
  if (!operation) return null;
  if (source.service !== undefined && isOfLogs(source.quantity))
    return observeLogs(instance, operation, { service: source.service, quantity: source.quantity });
  if (source.spanId === null) return observeClient(instance, operation, source.quantity);
  // Traces rather than requests: a request whose answer came behind the end is known by its spans alone.
  return observeSpan(operation.spans[source.spanId], operation.traces ?? operation.requests, source.quantity);
}

function observeClient(instance: Instance, operation: OperationRecord, quantity: Quantity): Observed {
  if (quantity === 'error-rate') return rate(errorTotal(operation.errors), operation.requests);
  if (quantity !== 'throughput') return observeDistribution(operation.latency, quantity);
  let all = 0;
  for (const other of Object.values(instance.operations)) all += other.requests;
  if (all === 0) return null;
  return {
    value: (instance.throughput * operation.requests) / all,
    count: operation.requests,
    events: 0,
  };
}

/** Nothing where nobody read logs, or no trace arrived: that is not the same as a service that logged nothing. */
function observeLogs(
  { quality }: Instance,
  operation: OperationRecord,
  { service, quantity }: { readonly service: string; readonly quantity: 'error-logs' | 'warn-logs' },
): Observed {
  const requests = operation.traces ?? operation.requests;
  if (!quality.logs || requests === 0) return null;
  const counts = operation.logs?.[service]?.[quantity === 'error-logs' ? 'error' : 'warn'];
  const events = counts?.records ?? 0;
  return { value: events / requests, count: requests, events, clusters: counts?.requests ?? 0 };
}

function observeMetric({ namedMetrics }: Instance, name: string): Observed {
  const found = namedMetrics?.[name];
  return found && found.value !== null ? { value: found.value, count: found.count, events: 0 } : null;
}

function observeSpan(span: SpanRecord | undefined, requests: number, quantity: Quantity): Observed {
  // A span that an instance never made was called 0 times there; it has no duration.
  if (quantity === 'calls') return rate(span?.calls ?? 0, requests);
  if (!span) return null;
  if (quantity === 'error-rate') return withClusters(rate(errorTotal(span.errors), span.calls), span);
  return quantity === 'self' ? observeMean(span.self) : observeDistribution(span.duration, quantity);
}

/** Outside requests there is nothing to divide calls by but all requests of the instance. */
function observeOutside(instance: Instance, { spanId, quantity }: Source): Observed {
  if (spanId === null) return null;
  let requests = 0;
  for (const operation of Object.values(instance.operations)) requests += operation.requests;
  return observeSpan(instance.outsideRequests[spanId], requests, quantity);
}

function observeDistribution(distribution: Distribution | undefined, quantity: Quantity): Observed {
  if (!distribution || distribution.count === 0) return null;
  const { count, matched } = distribution;
  return {
    ...{ value: quantileOf(distribution, quantity), count, events: 0 },
    ...(quantity === 'p50' && matched !== undefined && { matched }),
  };
}

function observeMean(total: Total | undefined): Observed {
  if (!total || total.count === 0) return null;
  return { value: total.sum / total.count, count: total.count, events: 0 };
}

function quantileOf(distribution: Distribution, quantity: Quantity): number {
  if (quantity === 'p50') return distribution.p50;
  if (quantity === 'p90') return distribution.p90;
  if (quantity === 'p95') return distribution.p95;
  return distribution.p99;
}

function rate(events: number, count: number): Observed {
  return count > 0 ? { value: events / count, count, events } : null;
}

/** Sampled spans weigh as evidence no more than those that arrived, whatever they stand for. */
function withClusters(observed: Observed, { kept }: SpanRecord): Observed {
  return observed && kept ? { ...observed, clusters: kept.errors } : observed;
}

function errorTotal(errors: ErrorCounts): number {
  let total = 0;
  for (const count of Object.values(errors)) total += count;
  return total;
}
