/** Whether two arms of the same build are exchangeable: all rows together must not lean to one of them. */
import { mean } from 'simple-statistics';
import type { Pair } from './judgement.ts';
import type { Series } from './series.ts';
import { studentTUpperTail } from './statistics/student-t.ts';

export interface ArmBalance {
  /** Mean over rows of how much head lies above base, as a share. */
  readonly shift: number;
  /** That mean in standard errors. */
  readonly t: number;
  readonly df: number;
  /** Chance of a |t| as large, where nothing tells the arms apart. */
  readonly p: number;
  readonly balanced: boolean;
}

/** One false alarm in a hundred calibrations. */
const ALPHA = 0.01;

/**
 * Each instance becomes one figure: the mean over rows of how far its p50 lies from that of its round. Rows of one
 * instance hang together, so the instances are what is counted.
 *
 * @param pairs rows of shared rounds; p50 of those is used that all instances have
 * @returns null where there are too few instances for a spread
 */
export function armBalance(pairs: readonly Pair[]): ArmBalance | null {
  const medians = pairs.filter(({ quantity, baseline, candidate }) => {
    return quantity === 'p50' && [...baseline, ...candidate].every(({ value }) => value > 0);
  });
  const most = Math.max(0, ...medians.map(({ baseline, candidate }) => baseline.length + candidate.length));
  const complete = medians.filter(({ baseline, candidate }) => baseline.length + candidate.length === most);
  const [first] = complete;
  if (!first) return null;
  const rounds = [...new Set(first.baseline.map(({ round }) => round))];
  let differences = 0;
  let squares = 0;
  let df = 0;
  let unit = 0;
  for (const round of rounds) {
    const base = figuresOf(complete, round, 'baseline');
    const head = figuresOf(complete, round, 'candidate');
    if (base.length === 0 || head.length === 0) continue;
    differences += mean(head) - mean(base);
    squares += squaresOf(base) + squaresOf(head);
    df += base.length + head.length - 2;
    unit += 1 / base.length + 1 / head.length;
  }
  if (df <= 0 || squares === 0) return null;
  const difference = differences / rounds.length;
  const t = difference / (Math.sqrt((squares / df) * unit) / rounds.length);
  const p = 2 * studentTUpperTail(Math.abs(t), df);
  return { shift: Math.expm1(difference), t, df, p, balanced: p >= ALPHA };
}

/** By instance of one arm in a round: the mean over rows of the log of its value. */
function figuresOf(pairs: readonly Pair[], round: string, side: 'baseline' | 'candidate'): number[] {
  const columns = pairs.map((pair) => logsIn(pair[side], round));
  return (columns[0] ?? []).map((_, index) => mean(columns.map((column) => column[index] ?? 0)));
}

function logsIn(series: Series, round: string): number[] {
  return series.filter((each) => each.round === round).map(({ value }) => Math.log(value));
}

function squaresOf(values: number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}
