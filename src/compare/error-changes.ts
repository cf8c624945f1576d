/** Errors by type that became more, by span and as the load client saw them. */
import { parseSpanKeyId, type SpanKeyId } from '../measurement.ts';
import type { ErrorChange } from './explanation.ts';
import type { PlacedInstance } from './series.ts';
import type { BothSides } from './time-split.ts';

/** Fewer errors of a type than these are not worth a line; whether they fail a gate is for the exact test to say. */
const MINIMUM_ERRORS = 5;
const MORE = 3;

/** Most errors first. */
export function errorChanges(operation: string, sides: BothSides): readonly ErrorChange[] {
  const before = countsOf(operation, sides.baseline);
  const after = countsOf(operation, sides.candidate);
  const changes = [...after.errors].flatMap(([key, candidate]): readonly ErrorChange[] => {
    const { spanId, errorType } = JSON.parse(key) as ErrorKey;
    const baseline = before.errors.get(key) ?? 0;
    const calls = { baseline: before.calls.get(spanId) ?? 0, candidate: after.calls.get(spanId) ?? 0 };
    const share = {
      baseline: calls.baseline === 0 ? 0 : baseline / calls.baseline,
      candidate: calls.candidate === 0 ? 0 : candidate / calls.candidate,
    };
    if (candidate < MINIMUM_ERRORS || share.candidate < MORE * share.baseline) return [];
    const span = spanId === null ? null : parseSpanKeyId(spanId);
    return [{ span, errorType, share, count: { baseline, candidate } }];
  });
  return changes.sort((left, right) => right.count.candidate - left.count.candidate);
}

interface ErrorKey {
  readonly spanId: SpanKeyId | null;
  readonly errorType: string;
}

interface Counts {
  /** By `ErrorKey` as JSON. */
  readonly errors: ReadonlyMap<string, number>;
  readonly calls: ReadonlyMap<SpanKeyId | null, number>;
}

function countsOf(operation: string, instances: readonly PlacedInstance[]): Counts {
  const errors = new Map<string, number>();
  const calls = new Map<SpanKeyId | null, number>();
  const add = (spanId: SpanKeyId | null, made: number, failed: Readonly<Record<string, number>>): void => {
    calls.set(spanId, (calls.get(spanId) ?? 0) + made);
    for (const [errorType, count] of Object.entries(failed)) {
      const key = JSON.stringify({ spanId, errorType } satisfies ErrorKey);
      errors.set(key, (errors.get(key) ?? 0) + count);
    }
  };
  for (const { instance } of instances) {
    const record = instance.operations[operation];
    if (!record) continue;
    add(null, record.requests, record.errors);
    for (const [spanId, span] of Object.entries(record.spans)) add(spanId, span.calls, span.errors);
  }
  return { errors, calls };
}
