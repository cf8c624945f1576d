/**
 * Counts of spans of which a sampler has left some out. A span that was kept with probability p stands for 1/p of its
 * kind. What is counted are the calls of those requests whose root span is here, as in all other figures of a request.
 *
 * Samplers of OpenTelemetry are consistent: one random number decides about all spans of a trace, so a child with a
 * lower threshold than its root is there whenever the root is.
 */
import type { SpanTable } from './span-table.ts';

type Sampled = Pick<SpanTable, 'adjustedCounts'>;

/** How many spans a row stands for. */
export function adjustedCountOf({ adjustedCounts }: Sampled, row: number): number {
  return adjustedCounts?.[row] ?? 1;
}

/** How many spans a row stands for in the traces whose root was kept; 1 where both were kept by one decision. */
export function countBelowRoot(table: Sampled, row: number, root: number): number {
  if (table.adjustedCounts === undefined) return 1;
  return Math.max(1, adjustedCountOf(table, row) / adjustedCountOf(table, root));
}

/** What was seen of something stays seen, however few of it there are a request. */
export function wholeCount(count: number): number {
  return count > 0 ? Math.max(1, Math.round(count)) : 0;
}
