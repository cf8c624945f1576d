/**
 * Which slow rows are accounted for by another one: a route is slower because a query below it is, or is called more
 * often. What a request waits for is the critical path (`time-split.ts`); a span is explained by those below it.
 */
import type { SpanKeyId } from '../measurement.ts';
import { spanKeyId } from '../measurement.ts';
import type { CallTree } from './call-tree.ts';
import type { Row } from './comparison.ts';
import { rowId } from './rows.ts';
import { isTimed, type PlacedInstance } from './series.ts';
import { type BothSides, splitMean } from './time-split.ts';

/** Share of a row's shift that other flagged spans have to make up. */
const ACCOUNTED = 0.6;

/** The same rows, with `explainedBy` where the shift of a slower row is made by other flagged spans. */
export function explain(
  rows: readonly Row[],
  sides: BothSides,
  treeOf: (operation: string) => CallTree,
): Row[] {
  const flagged = rows.filter(isFlagged);
  if (flagged.length < 2) return [...rows];
  const known = new Map<string, Context>();
  const contextOf = (operation: string): Context => {
    const context = known.get(operation) ?? {
      operation,
      flagged,
      growths: growthsOf(operation, sides),
      tree: treeOf(operation),
    };
    known.set(operation, context);
    return context;
  };
  return rows.map((row) => {
    const { operation } = row;
    if (!isFlagged(row) || !isTimed(row.quantity) || operation === null) return row;
    const cause = causeOf(row, contextOf(operation));
    return cause === null ? row : { ...row, explainedBy: cause };
  });
}

function isFlagged(row: Row): boolean {
  return row.verdict === 'regression' || row.verdict === 'added' || row.reason === 'screened';
}

/** By how many seconds a request the operation grew, and each of its spans: on the path, alone, and in all. */
interface Growths {
  readonly whole: number;
  readonly path: ReadonlyMap<SpanKeyId, number>;
  readonly self: ReadonlyMap<SpanKeyId, number>;
  readonly duration: ReadonlyMap<SpanKeyId, number>;
}

function growthsOf(operation: string, sides: BothSides): Growths {
  const split = splitMean(operation, sides);
  const path = split?.parts.map(({ span, shift }) => [spanKeyId(span), shift] as const) ?? [];
  const growth = (part: 'self' | 'duration'): ReadonlyMap<SpanKeyId, number> =>
    difference(secondsOf(operation, part, sides.baseline), secondsOf(operation, part, sides.candidate));
  return {
    whole: split?.shift ?? 0,
    path: new Map(path),
    self: growth('self'),
    duration: growth('duration'),
  };
}

/** Seconds a request. */
function secondsOf(
  operation: string,
  part: 'self' | 'duration',
  instances: readonly PlacedInstance[],
): ReadonlyMap<SpanKeyId, number> {
  const seconds = new Map<SpanKeyId, number>();
  let requests = 0;
  for (const { instance } of instances) {
    const record = instance.operations[operation];
    requests += record?.traces ?? record?.requests ?? 0;
    for (const [id, span] of Object.entries(record?.spans ?? {})) {
      seconds.set(id, (seconds.get(id) ?? 0) + (span[part]?.sum ?? 0));
    }
  }
  return new Map([...seconds].map(([id, total]) => [id, requests === 0 ? 0 : total / requests]));
}

function difference(
  before: ReadonlyMap<SpanKeyId, number>,
  after: ReadonlyMap<SpanKeyId, number>,
): ReadonlyMap<SpanKeyId, number> {
  const ids = new Set([...before.keys(), ...after.keys()]);
  return new Map([...ids].map((id) => [id, (after.get(id) ?? 0) - (before.get(id) ?? 0)]));
}

interface Context {
  readonly operation: string;
  readonly flagged: readonly Row[];
  readonly growths: Growths;
  readonly tree: CallTree;
}

/** The row of the span that grew most of those that make up the shift together. */
function causeOf(row: Row, { operation, flagged, growths, tree }: Context): string | null {
  const own = row.span && spanKeyId(row.span);
  const growth = own === null ? growths.whole : (growths.duration.get(own) ?? 0);
  if (growth <= 0) return null;
  if (own !== null && (growths.self.get(own) ?? 0) >= ACCOUNTED * growth) return null;
  // What the whole request waits for is known best by its critical path.
  const shares = own === null || tree.isRoot(own) ? growths.path : growths.self;
  const causes = [...spanIdsOf(operation, flagged)]
    .filter((id) => id !== own && (own === null || tree.isBelow(id, own)))
    .map((id) => ({ id, growth: shares.get(id) ?? 0 }))
    .filter((cause) => cause.growth > 0)
    .sort((left, right) => right.growth - left.growth);
  const together = causes.reduce((sum, cause) => sum + cause.growth, 0);
  const [largest] = causes;
  if (!largest || together < ACCOUNTED * growth) return null;
  return rowOfCause(operation, largest.id, flagged);
}

function spanIdsOf(operation: string, flagged: readonly Row[]): ReadonlySet<SpanKeyId> {
  return new Set(
    flagged.flatMap((row) => (row.operation === operation && row.span ? [spanKeyId(row.span)] : [])),
  );
}

/** More calls explain more than slower ones, and the median more than a tail. */
function rowOfCause(operation: string, spanId: SpanKeyId, flagged: readonly Row[]): string | null {
  const ids = new Set(flagged.map((row) => row.id));
  for (const quantity of ['calls', 'p50', 'self', 'p90', 'p95', 'p99'] as const) {
    const id = rowId(operation, spanId, quantity);
    if (ids.has(id)) return id;
  }
  return null;
}
