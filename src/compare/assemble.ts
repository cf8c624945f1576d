/** From judged pairs to the rows of a comparison. */
import { median, sum } from 'simple-statistics';
import type { Measurement } from '../measurement.ts';
import type { Row, Side } from './comparison.ts';
import type { Judged } from './judged.ts';
import type { Judgement, Pair } from './judgement.ts';
import { unitOf } from './rows.ts';
import { isOfErrors, placedInstances, type Series } from './series.ts';
import { rateOf, tallyOf } from './tallies.ts';

/** In the order of a comparison. */
export function assembleRows({ pairs, confirmations, joined, judgements }: Judged): Row[] {
  const decided = { first: undefined, confirmation: confirmations, both: joined };
  const rows = pairs.flatMap((pair) => {
    const found = judgements.get(pair.id);
    return found ? [rowOf(decided[found.decidedBy]?.get(pair.id) ?? pair, found)] : [];
  });
  return inOrder(rows);
}

/** Rows with an outcome first, then by size of effect. */
export function inOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort(
    (left, right) =>
      OUTCOMES.indexOf(left.outcome) - OUTCOMES.indexOf(right.outcome) || sizeOf(right) - sizeOf(left),
  );
}

export function sideOf(measurement: Measurement): Side {
  const { environment } = measurement;
  const instances = placedInstances(measurement);
  return {
    id: measurement.id,
    createdAt: measurement.createdAt,
    commit: measurement.commit,
    rounds: new Set(instances.map(({ round }) => round)).size,
    instances: instances.length,
    environment: [
      `${environment.cpuModel}, ${environment.cores} cores`,
      `${environment.platform} ${environment.architecture}`,
      environment.serviceRuntime,
    ]
      .filter((part) => part !== null)
      .join(', '),
  };
}

const OUTCOMES: readonly Row['outcome'][] = ['fail', 'warn', 'none'];

function sizeOf({ effect }: Row): number {
  return effect === null || effect <= 0 ? 0 : Math.abs(Math.log(effect));
}

export function rowOf(pair: Pair, found: Judgement): Row {
  const { id, operation, span, quantity, limit, baseline, candidate } = pair;
  return {
    id,
    operation,
    span,
    quantity,
    unit: unitOf(quantity),
    verdict: found.verdict,
    reason: found.reason,
    outcome: found.outcome,
    level: limit.level,
    baseline: middleOf(pair, baseline),
    candidate: middleOf(pair, candidate),
    effect: found.effect,
    shift: found.shift,
    interval: found.interval,
    p: found.p,
    minimumDetectable: found.minimumDetectable,
    limit,
    samples: {
      baseline: { ...samplesOf(baseline), ...(pair.runs !== undefined && { runs: pair.runs }) },
      candidate: samplesOf(candidate),
    },
    values: { baseline: valuesOf(baseline), candidate: valuesOf(candidate) },
    ...(pair.service !== undefined && { service: pair.service }),
    ...(pair.metric && { metric: pair.metric }),
    ...(found.explainedBy !== undefined && { explainedBy: found.explainedBy }),
  };
}

function middleOf({ quantity }: Pair, series: Series): number | null {
  if (series.length === 0) return null;
  if (quantity === 'calls' || isOfErrors(quantity)) return rateOf(tallyOf(series));
  return median(valuesOf(series));
}

function samplesOf(series: Series): Row['samples']['baseline'] {
  return { instances: series.length, observations: sum(series.map((observation) => observation.count)) };
}

function valuesOf(series: Series): number[] {
  return series.map((observation) => observation.value);
}
