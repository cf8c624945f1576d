/** What the instances of one round say of each other, request by request. */
import type { SpanKeyId } from '../measurement.ts';
import type { BlockLogs } from '../telemetry/block-durations.ts';
import type { OperationLoad } from './load/load-result.ts';
import { matchedMedians } from './matched-medians.ts';

/** Natural logarithms; undefined where too few requests can be matched. */
export interface MatchedInstance {
  /** @param request index in the workload */
  latency(request: number): number | undefined;
  span(request: number, id: SpanKeyId): number | undefined;
}

export interface MatchingParts {
  /** By index of the request in the workload. */
  readonly operations: readonly OperationLoad[];
  readonly durations: readonly ReadonlyMap<SpanKeyId, BlockLogs>[];
}

const NONE: BlockLogs = new Map();

/** @returns in the order of the instances */
export function matchInstances(instances: readonly MatchingParts[]): readonly MatchedInstance[] {
  const requests = Math.max(0, ...instances.map(({ operations }) => operations.length));
  const matched = Array.from({ length: requests }, (_, request) => ({
    latency: matchedMedians(instances.map(({ operations }) => latencyLogs(operations[request]))),
    spans: matchedSpans(instances.map(({ durations }) => durations[request] ?? new Map())),
  }));
  return instances.map((_, position) => ({
    latency: (request) => matched[request]?.latency?.[position],
    span: (request, id) => matched[request]?.spans.get(id)?.[position],
  }));
}

function matchedSpans(
  instances: readonly ReadonlyMap<SpanKeyId, BlockLogs>[],
): ReadonlyMap<SpanKeyId, readonly number[]> {
  const ids = new Set(instances.flatMap((spans) => [...spans.keys()]));
  const medians = new Map<SpanKeyId, readonly number[]>();
  for (const id of ids) {
    const found = matchedMedians(instances.map((spans) => spans.get(id) ?? NONE));
    if (found) medians.set(id, found);
  }
  return medians;
}

function latencyLogs(operation: OperationLoad | undefined): BlockLogs {
  if (!operation?.blocks) return NONE;
  const { blocks, latencies } = operation;
  return new Map(Array.from(latencies, (latency, index) => [blocks[index] ?? -1, Math.log(latency)]));
}
