/** Folds what single instances did into one histogram a span, and into the calls a request content makes. */
import { EMPTY_HISTOGRAM, type Histogram, mergeHistograms } from '../histogram.ts';
import type {
  CallsPerContent,
  Exemplar,
  Instance,
  MergedOperation,
  MergedSpan,
  SpanKeyId,
} from '../measurement.ts';
import type { CallEdges } from '../telemetry/call-edges.ts';
import { mergeEdges } from './merged-edges.ts';

/** Calls by content slot in one instance; `varies` where two traces of one content differ. */
export type CallsBySlot = ReadonlyMap<number, number | 'varies'>;

export interface OperationCalls {
  /** Traces with a root span. */
  readonly traces: number;
  /** Content slots that a trace was seen for. */
  readonly slots: ReadonlySet<number>;
  readonly spans: ReadonlyMap<SpanKeyId, CallsBySlot>;
}

/** An instance, and its calls by operation name and content. */
export interface InstanceResult {
  readonly instance: Instance;
  readonly calls: ReadonlyMap<string, OperationCalls>;
  /** By operation name. */
  readonly edges?: ReadonlyMap<string, CallEdges>;
  readonly exemplars?: readonly Exemplar[];
}

/** Over all instances of all valid rounds. Pure. */
export function mergeOperations(results: readonly InstanceResult[]): Record<string, MergedOperation> {
  const names = new Set(results.flatMap((result) => Object.keys(result.instance.operations)));
  const merged: Record<string, MergedOperation> = {};
  for (const name of [...names].sort()) merged[name] = mergeOperation(name, results);
  return merged;
}

function mergeOperation(name: string, results: readonly InstanceResult[]): MergedOperation {
  const records = results.flatMap((result) => result.instance.operations[name] ?? []);
  const calls = results.flatMap((result) => result.calls.get(name) ?? []);
  const ids = new Set(records.flatMap((record) => Object.keys(record.spans)));
  const spans: Record<SpanKeyId, MergedSpan> = {};
  for (const id of [...ids].sort()) {
    spans[id] = {
      duration: mergeAll(records.map((record) => record.spans[id]?.duration?.histogram)),
      callsPerContent: mergeCalls(id, calls),
    };
  }
  const edges = mergeEdges(results.flatMap((result) => result.edges?.get(name) ?? []));
  return {
    latency: mergeAll(records.map((record) => record.latency?.histogram)),
    spans,
    ...(edges && { edges }),
  };
}

function mergeAll(histograms: readonly (Histogram | undefined)[]): Histogram {
  let merged = EMPTY_HISTOGRAM;
  for (const histogram of histograms) if (histogram) merged = mergeHistograms(merged, histogram);
  return merged;
}

/** Constant only if every instance saw the same number of calls for a content: one that saw none counts as 0. */
function mergeCalls(id: SpanKeyId, operations: readonly OperationCalls[]): CallsPerContent {
  const traces = operations.reduce((sum, operation) => sum + operation.traces, 0);
  const bySlot = new Map<number, number>();
  for (const operation of operations) {
    const calls = operation.spans.get(id);
    for (const slot of operation.slots) {
      const count = calls?.get(slot) ?? 0;
      const before = bySlot.get(slot) ?? count;
      if (count === 'varies' || before !== count) return { state: 'varies', traces };
      bySlot.set(slot, count);
    }
  }
  return { state: 'constant', traces, runs: runLengths(bySlot) };
}

function runLengths(bySlot: ReadonlyMap<number, number>): [number | null, number][] {
  const runs: [number | null, number][] = [];
  const slots = Math.max(-1, ...bySlot.keys()) + 1;
  for (let slot = 0; slot < slots; slot += 1) {
    const calls = bySlot.get(slot) ?? null;
    const last = runs.at(-1);
    if (last && last[0] === calls) last[1] += 1;
    else runs.push([calls, 1]);
  }
  return runs;
}
