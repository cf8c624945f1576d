/** The spans of an example trace in the order of its tree, each with how deep it lies. */
import type { Exemplar, ExemplarSpan } from '../measurement.ts';

export interface TraceRow {
  readonly span: ExemplarSpan;
  readonly depth: number;
}

/** Children below their parents, by start; spans without a parent in the list stand at the top. */
export function traceRows({ spans }: Pick<Exemplar, 'spans'>): readonly TraceRow[] {
  const children = new Map<number | undefined, number[]>();
  for (const [index, { parent }] of spans.entries()) {
    // A result that was edited by hand may name a place that there is not.
    const above = parent !== undefined && spans[parent] && parent !== index ? parent : undefined;
    const siblings = children.get(above) ?? [];
    children.set(above, siblings);
    siblings.push(index);
  }
  const rows: TraceRow[] = [];
  const seen = new Set<number>();
  const open = (children.get(undefined) ?? []).map((index) => ({ index, depth: 0 })).reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { index, depth } = next;
    const span = spans[index];
    if (!span || seen.has(index)) continue;
    seen.add(index);
    rows.push({ span, depth });
    const below = children.get(index) ?? [];
    open.push(...below.toReversed().map((child) => ({ index: child, depth: depth + 1 })));
  }
  return rows;
}
