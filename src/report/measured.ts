/** What was measured, without a comparison: figures of each operation and span, medians over instances. */
import { mean, median, sampleStandardDeviation } from 'simple-statistics';
import type { Row } from '../compare/comparison.ts';
import type { Quantity } from '../config.ts';
import type { Measurement, OperationRecord, SpanKey, SpanRecord } from '../measurement.ts';
import { spanKeyOf } from './span-key.ts';

/** Figures of one operation as the load client saw it (span null), or of one span. Null where not known. */
export interface Measured {
  readonly operation: string | null;
  readonly span: SpanKey | null;
  /** Requests or spans in all instances. */
  readonly observations: number;
  /** Share of requests or spans that failed. */
  readonly errorRate: number | null;
  readonly throughput: number | null;
  /** A request. */
  readonly calls: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  /** Mean self time. */
  readonly self: number | null;
  /** Relative standard deviation of p50 between instances: what identical code differs by. */
  readonly noise: number | null;
  /** Smallest change of p50 that later gates will find. */
  readonly detectable: number | null;
}

/** From the rows of a comparison that had nothing to compare with. */
export function measuredOfRows(rows: readonly Row[]): readonly Measured[] {
  const subjects = new Map<string, Row[]>();
  for (const row of rows) {
    // A figure of its own, and of no operation.
    if (row.metric !== undefined) continue;
    const key = JSON.stringify([row.operation, row.span?.kind, row.span?.service, row.span?.name]);
    const members = subjects.get(key) ?? [];
    subjects.set(key, members);
    members.push(row);
  }
  return [...subjects.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const find = (quantity: Quantity) => members.find((row) => row.quantity === quantity);
    const value = (quantity: Quantity) => find(quantity)?.candidate ?? null;
    const p50 = find('p50');
    return [
      {
        operation: first.operation,
        span: first.span,
        observations: Math.max(...members.map((row) => row.samples.candidate.observations)),
        errorRate: value('error-rate'),
        throughput: value('throughput'),
        calls: value('calls'),
        p50: value('p50'),
        p90: value('p90'),
        p99: value('p99'),
        self: value('self'),
        noise: noiseOf(p50?.values.candidate ?? []),
        detectable: p50?.minimumDetectable ?? null,
      },
    ];
  });
}

/** From a bare measurement, invalid rounds left out. */
export function measuredOf(measurement: Measurement): readonly Measured[] {
  const instances = measurement.rounds.filter((round) => !round.invalid).flatMap((round) => round.instances);
  const operations = new Set(instances.flatMap((instance) => Object.keys(instance.operations)));
  const inRequests = [...operations].flatMap((operation) => {
    const records = instances.flatMap((instance) => {
      const record = instance.operations[operation];
      return record ? [{ record, throughput: operationThroughput(instance, record) }] : [];
    });
    const requests = total(records.map(({ record }) => record.traces ?? record.requests));
    const spans = spansOf(records.map(({ record }) => record.spans));
    return [
      measuredClient(operation, records),
      ...spans.map(([id, members]) => measuredSpan(operation, id, { members, requests })),
    ];
  });
  const outside = spansOf(instances.map((instance) => instance.outsideRequests));
  return [...inRequests, ...outside.map(([id, members]) => measuredSpan(null, id, { members, requests: 0 }))];
}

/** An operation's part of the instance's throughput. */
function operationThroughput(
  instance: Measurement['rounds'][number]['instances'][number],
  record: OperationRecord,
): number {
  const all = total(Object.values(instance.operations).map(({ requests }) => requests));
  return all === 0 ? 0 : (instance.throughput * record.requests) / all;
}

function measuredClient(
  operation: string,
  records: readonly { readonly record: OperationRecord; readonly throughput: number }[],
): Measured {
  const latencies = records.flatMap(({ record }) => record.latency ?? []);
  const requests = total(records.map(({ record }) => record.requests));
  const errors = total(records.flatMap(({ record }) => Object.values(record.errors)));
  return {
    operation,
    span: null,
    observations: requests,
    errorRate: requests === 0 ? null : errors / requests,
    throughput: middle(records.map(({ throughput }) => throughput)),
    calls: null,
    p50: middle(latencies.map(({ p50 }) => p50)),
    p90: middle(latencies.map(({ p90 }) => p90)),
    p99: middle(latencies.map(({ p99 }) => p99)),
    self: null,
    noise: noiseOf(latencies.map(({ p50 }) => p50)),
    detectable: null,
  };
}

function measuredSpan(
  operation: string | null,
  id: string,
  { members, requests }: { readonly members: readonly SpanRecord[]; readonly requests: number },
): Measured {
  const durations = members.flatMap(({ duration }) => duration ?? []);
  const calls = total(members.map((record) => record.calls));
  const errors = total(members.flatMap((record) => Object.values(record.errors)));
  return {
    operation,
    span: spanKeyOf(id),
    observations: calls,
    errorRate: calls === 0 ? null : errors / calls,
    throughput: null,
    calls: requests === 0 ? null : calls / requests,
    p50: middle(durations.map(({ p50 }) => p50)),
    p90: middle(durations.map(({ p90 }) => p90)),
    p99: middle(durations.map(({ p99 }) => p99)),
    self: middle(members.flatMap(({ self }) => (self && self.count > 0 ? self.sum / self.count : []))),
    noise: noiseOf(durations.map(({ p50 }) => p50)),
    detectable: null,
  };
}

/** Records of each span over all instances, in the order in which they are first seen. */
function spansOf(
  records: readonly Readonly<Record<string, SpanRecord>>[],
): readonly (readonly [string, readonly SpanRecord[]])[] {
  const ids = new Set(records.flatMap((spans) => Object.keys(spans)));
  return [...ids].map((id) => [id, records.flatMap((spans) => spans[id] ?? [])]);
}

/** Null with fewer than two instances: one says nothing about how much they differ. */
function noiseOf(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const centre = mean([...values]);
  return centre > 0 ? sampleStandardDeviation([...values]) / centre : null;
}

function middle(values: readonly number[]): number | null {
  return values.length === 0 ? null : median([...values]);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
