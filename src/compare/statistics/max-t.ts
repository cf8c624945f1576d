/**
 * Permutation test over many rows at once, with the largest T of each labeling as the yardstick (max-T): the chance
 * of any false alarm in the whole family stays at alpha, whatever the noise and however the rows hang together.
 * Source: Westfall and Young (1993); single-step adjustment, one-sided, with a variance shrunk as in limma.
 */
import { chosenSubsets, sumsOf } from './chosen-sums.ts';
import type { Labelings } from './labelings.ts';
import { type Shrinkage, shrink, shrinkageOf } from './shrinkage.ts';

/** One row: log values by column, as `Labelings` orders them. Larger is worse. */
export interface LabeledRow {
  readonly values: ArrayLike<number>;
  /** Rows of one class share a prior variance. */
  readonly class: string;
  /** Whether the row is in the family that alpha is spent on. Others get an estimate, and no p-value. */
  readonly inFamily: boolean;
}

/** What was seen of one row. Differences are candidate less baseline, on the log scale. */
export interface RowEstimate {
  /** Mean over rounds of the difference of the arms' means. */
  readonly difference: number;
  readonly error: number;
  readonly df: number;
  readonly t: number;
  /** Adjusted for the family; never 0, since the observed labeling counts. Null outside the family. */
  readonly pWorse: number | null;
  readonly pBetter: number | null;
}

export interface MaxT {
  readonly estimates: readonly RowEstimate[];
  /** The smallest T that has an adjusted p of at most `alpha`; infinite where there are too few labelings. */
  readonly critical: (alpha: number) => number;
}

/** Equal but for rounding: two labelings can put the same numbers together in another order. */
const SAME = 1e-9;
/** Keeps T finite where all instances show the very same value. */
const SMALLEST_VARIANCE = 1e-20;

/** @throws RangeError when no round has two instances in an arm, so that there is no variance to speak of */
export function maxT(rows: readonly LabeledRow[], labelings: Labelings): MaxT {
  const design = designOf(labelings);
  if (design.df <= 0) throw new RangeError('no arm of any round has two instances');
  const centred = rows.map((row) => centre(row.values, labelings));
  const totals = centred.map((values) => values.reduce((sum, value) => sum + value * value, 0));
  const priors = priorsOf(rows, totals, labelings);
  const tOf = statistic(design, labelings);
  const family = rows.flatMap((row, index) => (row.inFamily ? [index] : []));
  const { largest, smallest } = extremesOf(
    family.map((index) => ({
      values: centred[index] as Float64Array,
      total: totals[index] as number,
      prior: priors[index] as Shrinkage,
    })),
    design,
    labelings,
  );
  const estimates = rows.map((row, index): RowEstimate => {
    const own = tOf(0, centred[index] as Float64Array, totals[index] as number, priors[index] as Shrinkage);
    return {
      ...own,
      df: design.df + (priors[index]?.priorDf ?? 0),
      pWorse: row.inFamily ? shareAtLeast(largest, own.t) : null,
      pBetter: row.inFamily ? shareAtLeast(smallest, -own.t) : null,
    };
  });
  return { estimates, critical: (alpha) => criticalValue(largest, alpha) };
}

interface Design {
  /** Candidate's instances of each round. */
  readonly sizes: readonly number[];
  /** 1/candidate + 1/baseline, by round. */
  readonly weights: Float64Array;
  /** Variance of the mean difference, in units of the variance of one instance. */
  readonly unit: number;
  readonly df: number;
}

function designOf({ rounds }: Labelings): Design {
  const weights = Float64Array.from(rounds, ({ baseline, candidate }) => 1 / baseline + 1 / candidate);
  return {
    sizes: rounds.map((round) => round.candidate),
    weights,
    unit: weights.reduce((sum, weight) => sum + weight, 0) / rounds.length ** 2,
    df: rounds.reduce((sum, { baseline, candidate }) => sum + baseline + candidate - 2, 0),
  };
}

/** What all instances of a round have in common is taken away. */
function centre(values: ArrayLike<number>, { rounds }: Labelings): Float64Array {
  const centred = Float64Array.from(values);
  let first = 0;
  for (const { baseline, candidate } of rounds) {
    const end = first + baseline + candidate;
    let sum = 0;
    for (let column = first; column < end; column += 1) sum += centred[column] as number;
    const mean = sum / (end - first);
    for (let column = first; column < end; column += 1) centred[column] = (centred[column] as number) - mean;
    first = end;
  }
  return centred;
}

/**
 * The prior is taken from the variance within rounds, labels left aside: a prior that depended on the labels would
 * be another one in every labeling, and the test no longer exact.
 */
function priorsOf(
  rows: readonly LabeledRow[],
  totals: readonly number[],
  { rounds }: Labelings,
): readonly Shrinkage[] {
  const df = rounds.reduce((sum, { baseline, candidate }) => sum + baseline + candidate - 1, 0);
  const classes = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    const variance = (totals[index] as number) / df;
    const members = classes.get(row.class);
    if (members) members.push(variance);
    else classes.set(row.class, [variance]);
  }
  const priors = new Map([...classes].map(([name, variances]) => [name, shrinkageOf(variances)]));
  return rows.map((row) => priors.get(row.class) ?? { prior: 0, priorDf: 0 });
}

interface FamilyRow {
  readonly values: Float64Array;
  /** Sum of squares of the values. */
  readonly total: number;
  readonly prior: Shrinkage;
}

/**
 * Of each labeling the largest T over the rows, and the largest of -T; sorted. What is compared is T² with the sign
 * of T, so that a root is taken once a labeling.
 */
function extremesOf(rows: readonly FamilyRow[], design: Design, labelings: Labelings) {
  const { count } = labelings;
  const largest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const smallest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  if (rows.length === 0) return { largest, smallest };
  const { weights, unit, df } = design;
  const chosen = chosenSubsets(labelings);
  const { choices } = chosen;
  const rounds = weights.length;
  for (const { values, total, prior } of rows) {
    const sums = sumsOf(values, chosen);
    // As in `statistic`: (priorDf * prior + df * variance) / (priorDf + df), times `unit`.
    const given = prior.priorDf * prior.prior;
    const scale = (unit * rounds ** 2) / (prior.priorDf + df);
    const least = SMALLEST_VARIANCE * unit * rounds ** 2;
    for (let labeling = 0; labeling < count; labeling += 1) {
      let difference = 0;
      let between = 0;
      for (let round = 0, entry = labeling; round < rounds; round += 1, entry += count) {
        const sum = sums[choices[entry] as number] as number;
        const weighted = sum * (weights[round] as number);
        difference += weighted;
        between += sum * weighted;
      }
      const rest = total - between;
      const variance = Math.max(least, (given + (rest > 0 ? rest : 0)) * scale);
      const square = (difference * difference) / variance;
      const signed = difference < 0 ? -square : square;
      if (signed > (largest[labeling] as number)) largest[labeling] = signed;
      if (-signed > (smallest[labeling] as number)) smallest[labeling] = -signed;
    }
  }
  for (const list of [largest, smallest]) {
    for (let labeling = 0; labeling < count; labeling += 1) {
      const signed = list[labeling] as number;
      list[labeling] = signed < 0 ? -Math.sqrt(-signed) : Math.sqrt(signed);
    }
    list.sort();
  }
  return { largest, smallest };
}

interface Statistic {
  readonly difference: number;
  readonly error: number;
  readonly t: number;
}

/** Values are centred, so the baseline's sum is the negative of the candidate's, and one sum a round is enough. */
function statistic({ sizes, weights, unit, df }: Design, { columns }: Labelings) {
  const each = sizes.reduce((sum, size) => sum + size, 0);
  return (labeling: number, values: Float64Array, total: number, prior: Shrinkage): Statistic => {
    let position = labeling * each;
    let differences = 0;
    let between = 0;
    for (let round = 0; round < sizes.length; round += 1) {
      let sum = 0;
      for (let index = sizes[round] as number; index > 0; index -= 1) {
        sum += values[columns[position] as number] as number;
        position += 1;
      }
      const weight = weights[round] as number;
      differences += sum * weight;
      between += sum * sum * weight;
    }
    const difference = differences / sizes.length;
    const variance = Math.max(SMALLEST_VARIANCE, shrink(Math.max(0, total - between) / df, df, prior));
    const error = Math.sqrt(variance * unit);
    return { difference, error, t: difference / error };
  };
}

/** @param sorted ascending */
function shareAtLeast(sorted: Float64Array, t: number): number {
  return (sorted.length - lowerBound(sorted, t - Math.abs(t) * SAME)) / sorted.length;
}

function lowerBound(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function criticalValue(sorted: Float64Array, alpha: number): number {
  const allowed = Math.floor(alpha * sorted.length + SAME);
  if (allowed < 1) return Number.POSITIVE_INFINITY;
  const value = sorted[sorted.length - allowed] as number;
  // Ties at the edge would let more than `alpha` of the labelings pass.
  return lowerBound(sorted, value) < sorted.length - allowed ? value * (1 + SAME) + SAME : value;
}
