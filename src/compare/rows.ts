/** Which rows two measurements have, and their series. */
import type { Policy, Quantity } from '../config.ts';
import { type Measurement, parseSpanKeyId, type SpanKeyId } from '../measurement.ts';
import type { Row } from './comparison.ts';
import type { Pair } from './judgement.ts';
import { logPairs } from './log-pairs.ts';
import { metricPairs } from './metric-pairs.ts';
import { isOfLogs, type PlacedInstance, placedInstances, seriesOf } from './series.ts';
import { strictestLimitFor } from './stricter-policy.ts';

const CLIENT_QUANTITIES: readonly Quantity[] = ['p50', 'p90', 'p95', 'p99', 'error-rate', 'throughput'];
const SPAN_QUANTITIES: readonly Quantity[] = ['p50', 'p90', 'p95', 'p99', 'self', 'error-rate', 'calls'];

/**
 * Every row of an operation, of its span keys and of the span keys outside any request. An operation is listed as
 * long as one side has it.
 *
 * @param rounds only rounds of these ids are used; all valid ones where it is left out
 */
export function pairsOf(
  baseline: Measurement | null,
  candidate: Measurement,
  policy: Policy,
  rounds?: ReadonlySet<string>,
): readonly Pair[] {
  const before = baseline ? placedInstances(baseline, rounds) : [];
  const after = placedInstances(candidate, rounds);
  const pair = (operation: string | null, spanId: SpanKeyId | null, quantity: Quantity): Pair => {
    const source = { operation, spanId, quantity };
    const span = spanId === null ? null : parseSpanKeyId(spanId);
    return {
      ...source,
      id: rowId(operation, spanId, quantity),
      span,
      limit: strictestLimitFor(policy, { operation, span, quantity }),
      baseline: seriesOf(before, source),
      candidate: seriesOf(after, source),
    };
  };
  const pairs: Pair[] = [];
  for (const [operation, spanIds] of spansByOperation([...before, ...after])) {
    if (operation !== null)
      pairs.push(...CLIENT_QUANTITIES.map((quantity) => pair(operation, null, quantity)));
    for (const spanId of spanIds)
      pairs.push(...SPAN_QUANTITIES.map((quantity) => pair(operation, spanId, quantity)));
  }
  return [...pairs, ...logPairs(before, after, policy), ...metricPairs(before, after, policy)];
}

export function rowId(operation: string | null, spanId: SpanKeyId | null, quantity: Quantity): string {
  return `${operation ?? '-'} | ${spanId ?? '-'} | ${quantity}`;
}

export function unitOf(quantity: Quantity): Row['unit'] {
  if (quantity === 'calls') return 'calls-per-request';
  if (quantity === 'error-rate') return 'share';
  if (isOfLogs(quantity)) return 'records-per-request';
  if (quantity === 'metric') return 'metric';
  return quantity === 'throughput' ? 'requests-per-second' : 'seconds';
}

/** Sorted, so that rows have the same order whichever side saw a name first; spans outside requests come last. */
function spansByOperation(instances: readonly PlacedInstance[]): [string | null, SpanKeyId[]][] {
  const operations = new Map<string, Set<SpanKeyId>>();
  const outside = new Set<SpanKeyId>();
  for (const { instance } of instances) {
    for (const [name, record] of Object.entries(instance.operations)) {
      const spans = operations.get(name) ?? new Set();
      for (const spanId of Object.keys(record.spans)) spans.add(spanId);
      operations.set(name, spans);
    }
    for (const spanId of Object.keys(instance.outsideRequests)) outside.add(spanId);
  }
  const listed = [...operations].sort(([left], [right]) => (left < right ? -1 : 1));
  return [
    ...listed.map(([name, spans]): [string, SpanKeyId[]] => [name, [...spans].sort()]),
    [null, [...outside].sort()],
  ];
}
