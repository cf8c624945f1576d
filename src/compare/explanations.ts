/** Puts together why operations changed, of those that did. */
import { sum } from 'simple-statistics';
import { histogramQuantile } from '../histogram.ts';
import { type Exemplar, type LogLine, type Measurement, type SpanKeyId, spanKeyId } from '../measurement.ts';
import { callChanges } from './call-changes.ts';
import { edgesOf } from './call-tree.ts';
import type { Row } from './comparison.ts';
import { errorChanges } from './error-changes.ts';
import type { Explanation, QuantileShifts } from './explanation.ts';
import { type Distributions, quantileShifts } from './quantile-shifts.ts';
import { type RenameSide, renamesOf } from './renames.ts';
import { isTimed, type PlacedInstance } from './series.ts';
import { splitMean, splitTail } from './time-split.ts';

/** Operations that are explained, and distributions of each: what a report can show. */
const MOST_OPERATIONS = 20;
const MOST_DISTRIBUTIONS = 6;

/** Of the operations with rows that moved, in the order of the rows. */
export function explanationsOf(rows: readonly Row[], given: Distributions): readonly Explanation[] {
  const moved = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.operation === null || row.under !== undefined || !hasMoved(row)) continue;
    const own = moved.get(row.operation) ?? [];
    moved.set(row.operation, own);
    own.push(row);
  }
  return [...moved].slice(0, MOST_OPERATIONS).map(([operation, own]) => explanationOf(operation, own, given));
}

/** Calls that come and go in fewer requests, on one side only, are those of a pool that connected again. */
const RARE = 0.1;

/** What is level `off` is shown, and explained by nobody. */
function hasMoved(row: Row): boolean {
  if (row.reason === 'screened' || row.outcome !== 'none' || row.waivedBy !== undefined) return true;
  if (row.level === 'off' || row.reason === 'no-baseline') return false;
  if (row.verdict === 'added' || row.verdict === 'removed') {
    return Math.max(row.baseline ?? 0, row.candidate ?? 0) >= RARE;
  }
  return row.verdict === 'regression' || row.verdict === 'improvement';
}

function explanationOf(operation: string, moved: readonly Row[], given: Distributions): Explanation {
  const sides = given.instances;
  const [before, after] = [
    sideOf(operation, given.baseline, sides.baseline),
    sideOf(operation, given.candidate, sides.candidate),
  ];
  const renames = renamesOf(before, after);
  const newNames = new Map(renames.map(({ from, to }) => [spanKeyId(from), spanKeyId(to)]));
  const time = splitMean(operation, sides, newNames);
  const tail = splitTail(operation, sides, newNames);
  const exemplars = {
    baseline: exemplarsOf(operation, given.baseline),
    candidate: exemplarsOf(operation, given.candidate),
  };
  const logLines = logLinesOf(operation, [
    { measurements: given.baseline, exemplars: exemplars.baseline },
    { measurements: given.candidate, exemplars: exemplars.candidate },
  ]);
  return {
    operation,
    ...(time && { time }),
    ...(tail && { tail }),
    calls: callChanges(before, after),
    errors: errorChanges(operation, sides),
    renames,
    distributions: distributionsOf(operation, moved, given),
    exemplars,
    ...(logLines.length > 0 && { logLines }),
  };
}

function sideOf(
  operation: string,
  measurements: readonly Measurement[],
  instances: readonly PlacedInstance[],
): RenameSide {
  const records = instances.flatMap(({ instance }) => instance.operations[operation] ?? []);
  return {
    traces: sum(records.map(({ traces, requests }) => traces ?? requests)),
    edges: edgesOf(operation, measurements),
    ids: [...new Set(records.flatMap(({ spans }) => Object.keys(spans)))].sort(),
    medianOf: (id) => medianOf(operation, id, measurements),
  };
}

function medianOf(operation: string, id: SpanKeyId, measurements: readonly Measurement[]): number | null {
  for (const { merged } of measurements) {
    const duration = merged[operation]?.spans[id]?.duration;
    if (duration && duration.count > 0) return histogramQuantile(duration, 0.5);
  }
  return null;
}

/** The latency of the operation first, then the spans that moved. */
function distributionsOf(
  operation: string,
  moved: readonly Row[],
  given: Distributions,
): readonly QuantileShifts[] {
  const spans = new Map<string, Row['span']>([['', null]]);
  for (const { span, quantity } of moved) {
    if (span && isTimed(quantity)) spans.set(JSON.stringify(span), span);
  }
  return [...spans.values()]
    .slice(0, MOST_DISTRIBUTIONS)
    .flatMap((span) => quantileShifts(operation, span, given) ?? []);
}

/** Of the first measurement that has any: a second one of the same build would show the same. */
function exemplarsOf(operation: string, measurements: readonly Measurement[]): readonly Exemplar[] {
  for (const { exemplars = [] } of measurements) {
    const own = exemplars.filter((exemplar) => exemplar.operation === operation);
    if (own.length > 0) return own;
  }
  return [];
}

interface ExemplarSide {
  readonly measurements: readonly Measurement[];
  readonly exemplars: readonly Exemplar[];
}

function logLinesOf(operation: string, sides: readonly ExemplarSide[]): readonly LogLine[] {
  return sides.flatMap(({ measurements, exemplars }) => {
    const shown = new Set(exemplars.map(({ traceId }) => traceId));
    return measurements
      .flatMap(({ rounds }) => rounds.flatMap(({ instances }) => instances))
      .flatMap(({ operations }) => operations[operation]?.logLines ?? [])
      .filter(({ traceId }) => shown.has(traceId));
  });
}
