/** The max-T procedure written down once more, straight from its formulas and as slow as it likes. */
import { mean, median } from 'simple-statistics';
import type { RoundSize } from '../../../src/compare/statistics/labelings.ts';
import type { LabeledRow } from '../../../src/compare/statistics/max-t.ts';

interface Expected {
  readonly difference: number;
  readonly t: number;
  readonly pWorse: number;
  readonly pBetter: number;
}

export function bruteForce(rows: readonly LabeledRow[], rounds: readonly RoundSize[]): Expected[] {
  const observed = rounds.flatMap((round) => [
    ...new Array<boolean>(round.baseline).fill(false),
    ...new Array<boolean>(round.candidate).fill(true),
  ]);
  const labelings = allLabels(observed.length).filter((labels) => valid(labels, rounds));
  const tOf = (row: LabeledRow, labels: readonly boolean[]) => statistic(row, labels, rounds, rows);
  const highest = labelings.map((labels) => Math.max(...rows.map((row) => tOf(row, labels).t)));
  const lowest = labelings.map((labels) => Math.min(...rows.map((row) => tOf(row, labels).t)));
  return rows.map((row) => {
    const own = tOf(row, observed);
    return {
      ...own,
      pWorse: mean(highest.map((t) => (t >= own.t - 1e-9 ? 1 : 0))),
      pBetter: mean(lowest.map((t) => (t <= own.t + 1e-9 ? 1 : 0))),
    };
  });
}

function allLabels(length: number): boolean[][] {
  if (length === 0) return [[]];
  return allLabels(length - 1).flatMap((rest) => [
    [...rest, false],
    [...rest, true],
  ]);
}

function valid(labels: readonly boolean[], rounds: readonly RoundSize[]): boolean {
  return rounds.every(
    (round, index) => split(labels, rounds, index).filter(Boolean).length === round.candidate,
  );
}

function split<T>(items: readonly T[], rounds: readonly RoundSize[], index: number): T[] {
  const sizes = rounds.map((round) => round.baseline + round.candidate);
  const first = sizes.slice(0, index).reduce((sum, size) => sum + size, 0);
  return items.slice(first, first + (sizes[index] ?? 0));
}

function statistic(
  row: LabeledRow,
  labels: readonly boolean[],
  rounds: readonly RoundSize[],
  rows: readonly LabeledRow[],
): { difference: number; t: number } {
  const differences: number[] = [];
  let within = 0;
  let unit = 0;
  for (const [index, round] of rounds.entries()) {
    const values = split(Array.from(row.values), rounds, index);
    const marks = split(labels, rounds, index);
    const candidate = values.filter((_, position) => marks[position]);
    const baseline = values.filter((_, position) => !marks[position]);
    differences.push(mean(candidate) - mean(baseline));
    within += squares(candidate) + squares(baseline);
    unit += 1 / round.baseline + 1 / round.candidate;
  }
  const df = rounds.reduce((sum, round) => sum + round.baseline + round.candidate - 2, 0);
  const members = rows.filter((other) => other.class === row.class);
  const priorDf = members.length >= 4 ? 6 : 0;
  const prior = median(members.map((other) => withinRounds(other, rounds)));
  const variance = (priorDf * prior + within) / (priorDf + df);
  const difference = mean(differences);
  return { difference, t: difference / Math.sqrt((variance * unit) / rounds.length ** 2) };
}

function withinRounds(row: LabeledRow, rounds: readonly RoundSize[]): number {
  let sum = 0;
  let df = 0;
  for (const [index, round] of rounds.entries()) {
    sum += squares(split(Array.from(row.values), rounds, index));
    df += round.baseline + round.candidate - 1;
  }
  return sum / df;
}

function squares(values: readonly number[]): number {
  const centre = mean([...values]);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
