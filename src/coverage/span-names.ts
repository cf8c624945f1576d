/** Which span keys each operation of a measurement has, and how often they are called. Pure. */
import { type Measurement, type SpanKeyId, validInstances } from '../measurement.ts';

export interface OperationSpans {
  /** Requests whose root span arrived: what calls are counted in. */
  readonly traces: number;
  readonly calls: ReadonlyMap<SpanKeyId, number>;
}

/** By operation, over all valid instances. */
export function operationSpans(measurement: Measurement): ReadonlyMap<string, OperationSpans> {
  const operations = new Map<string, { traces: number; calls: Map<SpanKeyId, number> }>();
  for (const { operations: records } of validInstances(measurement)) {
    for (const [name, record] of Object.entries(records)) {
      const known = operations.get(name) ?? { traces: 0, calls: new Map<SpanKeyId, number>() };
      operations.set(name, known);
      known.traces += record.traces ?? record.requests;
      for (const [id, { calls }] of Object.entries(record.spans)) {
        known.calls.set(id, (known.calls.get(id) ?? 0) + calls);
      }
    }
  }
  return operations;
}

/** Keys of spans that belong to no request. */
export function outsideKeys(measurement: Measurement): ReadonlySet<SpanKeyId> {
  return new Set(validInstances(measurement).flatMap((instance) => Object.keys(instance.outsideRequests)));
}
