/** One stage of a comparison of rounds measured together: from rows to the permutation test over them. */
import type { Random } from '../random.ts';
import { isWorseWhenLower, type Pair } from './judgement.ts';
import type { Observation, Series } from './series.ts';
import { type Labelings, labelingsOf, labelingsOfRound, type RoundSize } from './statistics/labelings.ts';
import { type LabeledRow, type MaxT, maxT, type RowEstimate } from './statistics/max-t.ts';

export interface PermutationStage {
  readonly pairs: ReadonlyMap<string, Pair>;
  /** By row id; a row that an instance has no value for has none. */
  readonly estimates: ReadonlyMap<string, RowEstimate>;
  /** The smallest T that has an adjusted p of at most `alpha`. */
  readonly critical: (alpha: number) => number;
  /** Number of labelings that p is a share of; 0 where nothing could be tested. */
  readonly labelings: number;
  /** Labelings of one round; of the smallest where rounds differ. */
  readonly labelingsOfRound: number;
  readonly rounds: number;
  readonly swap: 'instances' | 'arms';
}

export interface StageOptions {
  /** Rows that alpha is spent on; the others get an estimate alone. */
  readonly inFamily: (pair: Pair) => boolean;
  readonly random: Random;
  /** What may trade places under the hypothesis of no difference. */
  readonly swap?: 'instances' | 'arms';
  /** Labelings drawn where there are more; 0: estimates alone. */
  readonly limit?: number;
}

/** A round and its instances in each arm, as one of the rows saw them. */
type Layout = ReadonlyMap<string, RoundSize>;

/**
 * @param pairs rows of shared rounds. The layout of instances is that of the row that has the most of them; rows
 *   with fewer are left out.
 */
export function permutationStage(pairs: readonly Pair[], options: StageOptions): PermutationStage {
  const byId = new Map(pairs.map((pair) => [pair.id, pair]));
  const layout = fullestLayout(pairs);
  const testable = pairs.filter((pair) => fits(pair, layout));
  const df = [...layout.values()].reduce((sum, round) => sum + round.baseline + round.candidate - 2, 0);
  const swap = options.swap ?? 'instances';
  const facts = {
    pairs: byId,
    rounds: layout.size,
    swap,
    labelingsOfRound: Math.min(...[...layout.values()].map((round) => labelingsOfRound(round, swap))),
  };
  if (testable.length === 0 || df <= 0) {
    return { ...facts, estimates: new Map(), critical: () => Number.POSITIVE_INFINITY, labelings: 0 };
  }
  const labelings = labelingsOf([...layout.values()], options.random, {
    swap,
    ...(options.limit !== undefined && { limit: options.limit }),
  });
  const result = test(testable, { layout, labelings, inFamily: options.inFamily });
  const estimates = new Map<string, RowEstimate>();
  for (const [index, pair] of testable.entries()) {
    const estimate = result.estimates[index];
    if (estimate) estimates.set(pair.id, estimate);
  }
  return { ...facts, estimates, critical: result.critical, labelings: labelings.count };
}

function test(
  pairs: readonly Pair[],
  {
    layout,
    labelings,
    inFamily,
  }: { layout: Layout; labelings: Labelings; inFamily: (pair: Pair) => boolean },
): MaxT {
  const rows = pairs.map(
    (pair): LabeledRow => ({
      values: columnsOf(pair, layout),
      class: classOf(pair),
      inFamily: inFamily(pair),
    }),
  );
  return maxT(rows, labelings);
}

/** Rows of one class are about as noisy as one another; a metric is like nothing else. */
function classOf({ span, quantity, metric }: Pair): string {
  if (metric) return `metric ${metric.name}`;
  return span === null ? `client ${quantity}` : quantity;
}

function fullestLayout(pairs: readonly Pair[]): Layout {
  let fullest: Pair | undefined;
  for (const pair of pairs) if (!fullest || sizeOf(pair) > sizeOf(fullest)) fullest = pair;
  const layout = new Map<string, RoundSize>();
  for (const round of new Set(fullest?.baseline.map((observation) => observation.round))) {
    const size = {
      baseline: inRound(fullest?.baseline, round),
      candidate: inRound(fullest?.candidate, round),
    };
    if (size.baseline > 0 && size.candidate > 0) layout.set(round, size);
  }
  return layout;
}

function sizeOf({ baseline, candidate }: Pair): number {
  return baseline.length + candidate.length;
}

function inRound(series: Series | undefined, round: string): number {
  return series?.filter((observation) => observation.round === round).length ?? 0;
}

function fits(pair: Pair, layout: Layout): boolean {
  for (const [round, size] of layout) {
    if (inRound(pair.baseline, round) !== size.baseline) return false;
    if (inRound(pair.candidate, round) !== size.candidate) return false;
  }
  return [...pair.baseline, ...pair.candidate].every((observation) =>
    Number.isFinite(logOf(pair, observation)),
  );
}

function columnsOf(pair: Pair, layout: Layout): Float64Array {
  const columns: number[] = [];
  for (const round of layout.keys()) {
    const observations = [...pair.baseline, ...pair.candidate].filter((each) => each.round === round);
    columns.push(...(matchedIn(observations) ?? observations.map((each) => logOf(pair, each))));
  }
  return Float64Array.from(columns);
}

/** Where all instances of a round were matched request by request: the same medians, with less noise. */
function matchedIn(observations: Series): readonly number[] | null {
  const matched = observations.flatMap(({ matched }) => matched ?? []);
  return matched.length === observations.length ? matched : null;
}

/** Larger is worse. Half a call is added to calls, so that an instance that made none has a logarithm. */
function logOf({ quantity, offset = 0 }: Pair, { value, events, count }: Observation): number {
  if (quantity === 'calls') return Math.log((events + 0.5) / count);
  return isWorseWhenLower(quantity) ? -Math.log(value) : Math.log(value + offset);
}
