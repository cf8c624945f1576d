/**
 * Which rows of errors are accounted for by another one: a request fails because a span of it does, and that one because
 * of a span below it. Each names the next, down to where the error comes from.
 */
import { sum } from 'simple-statistics';
import { type SpanKeyId, spanKeyId } from '../measurement.ts';
import type { CallTree } from './call-tree.ts';
import type { Row } from './comparison.ts';
import type { PlacedInstance } from './series.ts';
import type { BothSides } from './time-split.ts';

/** Share of a row's further errors that spans below it have to have. */
const ACCOUNTED = 0.6;

/** The same rows, with `explainedBy` where the further errors of a row are those of a span below it. */
export function explainErrors(
  rows: readonly Row[],
  sides: BothSides,
  treeOf: (operation: string) => CallTree,
): Row[] {
  const flagged = rows.filter(isFlagged);
  if (flagged.length < 2) return [...rows];
  return rows.map((row) => {
    const { operation } = row;
    if (!isFlagged(row) || operation === null) return row;
    const others = flagged.filter((each) => each.operation === operation && each !== row);
    const cause = others.length === 0 ? undefined : causeOf(row, others, { sides, tree: treeOf(operation) });
    return cause ? { ...row, explainedBy: cause.id } : row;
  });
}

function isFlagged({ quantity, verdict, reason }: Row): boolean {
  return quantity === 'error-rate' && (verdict === 'regression' || reason === 'screened');
}

/** Of the next spans below that fail more often, the one with most further errors. */
function causeOf(
  row: Row,
  others: readonly Row[],
  { sides, tree }: { readonly sides: BothSides; readonly tree: CallTree },
): Row | undefined {
  // Where nothing is known of the calls, each is below the other, and neither explains it.
  const isBelow = (inner: Row, outer: Row): boolean => {
    const [id, above] = [idOf(inner), idOf(outer)];
    if (id === null) return false;
    return above === null || (tree.isBelow(id, above) && !tree.isBelow(above, id));
  };
  const below = others.filter((each) => isBelow(each, row));
  const causes = below
    .filter((each) => !below.some((other) => isBelow(each, other)))
    .map((each) => ({ row: each, growth: growthOf(each, sides) }))
    .sort((left, right) => right.growth - left.growth);
  const together = sum(causes.map(({ growth }) => growth));
  return together >= ACCOUNTED * growthOf(row, sides) ? causes[0]?.row : undefined;
}

function idOf({ span }: Row): SpanKeyId | null {
  return span && spanKeyId(span);
}

/** Errors a request that the candidate has more. */
function growthOf(row: Row, { baseline, candidate }: BothSides): number {
  return errorsOf(row, candidate) - errorsOf(row, baseline);
}

function errorsOf(row: Row, instances: readonly PlacedInstance[]): number {
  const records = instances.flatMap(({ instance }) => instance.operations[row.operation ?? ''] ?? []);
  const id = idOf(row);
  const errors = records.flatMap(({ errors: ofClient, spans }) =>
    Object.values(id === null ? ofClient : (spans[id]?.errors ?? {})),
  );
  const requests = sum(records.map(({ traces, requests: sent }) => (id === null ? sent : (traces ?? sent))));
  return requests === 0 ? 0 : sum(errors) / requests;
}
