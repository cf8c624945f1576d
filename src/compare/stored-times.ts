/**
 * Time rows against a stored baseline. How much two runs of the same code differ cannot be read off one stored run,
 * so a row only ever fails when it is far out (25 % and more), stands out from a move of the whole machine, and a
 * second measurement says the same. Everything smaller is not seen, and the report says so.
 */
import { median } from 'simple-statistics';
import type { Limit, Quantity } from '../config.ts';
import { isWorseWhenLower, type Judgement, judgement, logLimit, outcomeOf, type Pair } from './judgement.ts';
import { type LogShift, logShifts } from './log-shift.ts';
import { type MachineShift, machineShift } from './machine-shift.ts';
import { holm } from './statistics/holm.ts';
import { studentTQuantile } from './statistics/student-t.ts';

/** Smallest effect that can fail against a stored baseline. */
const SMALLEST_FAIL: Readonly<Partial<Record<Quantity, number>>> = {
  p50: 0.25,
  self: 0.4,
  p90: 0.4,
  p95: 0.5,
  p99: 1,
  throughput: 0.25,
};

/** Spread between two runs of the same code on one machine: standard deviation of the log. */
const RUN_SPREAD: Readonly<Partial<Record<Quantity, number>>> = {
  p50: 0.05,
  self: 0.06,
  p90: 0.07,
  p95: 0.09,
  p99: 0.19,
  throughput: 0.05,
};

const INTERVAL_LEVEL = 0.9;

/** The limit that a stored baseline can bear: neither warned nor failed below the smallest effect. */
export function storedLimit(limit: Limit, quantity: Quantity): Limit {
  const smallest = SMALLEST_FAIL[quantity] ?? 0;
  return { ...limit, warn: Math.max(limit.warn, smallest), fail: Math.max(limit.fail, smallest) };
}

export interface StoredTimes {
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly machine: MachineShift;
}

/** @param confirmations the same rows of a second measurement, all of them; empty where there is none */
export function judgeStoredTimes(
  pairs: readonly Pair[],
  confirmations: readonly Pair[],
  alpha: { readonly screen: number; readonly confirm: number },
): StoredTimes {
  const first = new Stage(pairs);
  const suspects = first.beyond(alpha.screen, () => true);
  const second = new Stage(confirmations);
  const confirmed = second.beyond(alpha.confirm, (pair) => suspects.has(pair.id));
  const judgements = new Map<string, Judgement>();
  for (const pair of pairs) {
    const shift = first.shifts.get(pair.id);
    if (!shift) judgements.set(pair.id, judgement('inconclusive', 'too-few-instances'));
    else if (!suspects.has(pair.id)) judgements.set(pair.id, judgeQuiet(pair, shift, first));
    else judgements.set(pair.id, judgeSuspect(pair, first, second, confirmed));
  }
  return { judgements, machine: first.machine };
}

/** One measurement against the baseline. */
class Stage {
  readonly pairs: ReadonlyMap<string, Pair>;
  readonly shifts: ReadonlyMap<string, LogShift>;
  readonly machine: MachineShift;
  readonly #adjusted = new Map<string, number>();

  constructor(pairs: readonly Pair[]) {
    this.pairs = new Map(pairs.map((pair) => [pair.id, pair]));
    this.shifts = logShifts(pairs, (quantity) => RUN_SPREAD[quantity] ?? 0);
    this.machine = machineShift(pairs, this.shifts);
  }

  /** Ids of the rows that are beyond their limit with evidence, corrected for all rows of the family. */
  beyond(alpha: number, inFamily: (pair: Pair) => boolean): ReadonlySet<string> {
    const family = [...this.pairs.values()].filter(
      (pair) => pair.limit.level !== 'off' && this.shifts.has(pair.id) && inFamily(pair),
    );
    const adjusted = holm(family.map((pair) => this.shifts.get(pair.id)?.pWorse ?? 1));
    const beyond = new Set<string>();
    for (const [index, pair] of family.entries()) {
      const p = adjusted[index] ?? 1;
      this.#adjusted.set(pair.id, p);
      if (p <= alpha && this.reaches(pair)) beyond.add(pair.id);
    }
    return beyond;
  }

  p(pair: Pair): number | null {
    return this.#adjusted.get(pair.id) ?? null;
  }

  /** Beyond the limit by the means and by the medians, and beyond it without the move of the whole machine. */
  reaches(pair: Pair): boolean {
    const shift = this.shifts.get(pair.id);
    if (!shift) return false;
    const needed = logLimit(pair.quantity, pair.limit.fail);
    const net = shift.difference - Math.max(0, this.machine.common);
    const { before, after } = medians(pair);
    const gain = isWorseWhenLower(pair.quantity) ? before - after : after - before;
    const byMedians = isWorseWhenLower(pair.quantity) ? Math.log(before / after) : Math.log(after / before);
    return net >= needed && byMedians >= needed && gain >= pair.limit.atLeast;
  }

  found(pair: Pair): Omit<Judgement, 'verdict' | 'reason' | 'outcome'> {
    const shift = this.shifts.get(pair.id);
    if (!shift) return { effect: null, shift: null, interval: null, p: null, minimumDetectable: null };
    const sign = isWorseWhenLower(pair.quantity) ? -1 : 1;
    const { difference, error, df } = shift;
    const effect = Math.exp(sign * difference);
    const half = studentTQuantile((1 + INTERVAL_LEVEL) / 2, df) * error;
    const needed = logLimit(pair.quantity, pair.limit.fail);
    const detectable = Math.exp(needed + studentTQuantile(0.9, df) * error) - 1;
    return {
      effect,
      shift: medians(pair).before * (effect - 1),
      interval: {
        lower: Math.exp(sign * difference - half),
        upper: Math.exp(sign * difference + half),
        level: INTERVAL_LEVEL,
      },
      p: this.p(pair),
      minimumDetectable: sign < 0 ? 1 - 1 / (1 + detectable) : detectable,
    };
  }
}

function judgeSuspect(pair: Pair, first: Stage, second: Stage, confirmed: ReadonlySet<string>): Judgement {
  const again = second.pairs.get(pair.id);
  if (!again || !second.shifts.has(pair.id)) {
    const outcome = pair.limit.level === 'warn' ? 'warn' : 'none';
    return judgement('inconclusive', 'screened', { ...first.found(pair), outcome });
  }
  const found = second.found(again);
  if (!confirmed.has(pair.id)) return judgement('inconclusive', 'not-confirmed', found);
  return judgement('regression', 'slower', { ...found, outcome: outcomeOf(pair) });
}

function judgeQuiet(pair: Pair, shift: LogShift, stage: Stage): Judgement {
  const found = stage.found(pair);
  const needed = logLimit(pair.quantity, pair.limit.fail);
  const upper = shift.difference + studentTQuantile((1 + INTERVAL_LEVEL) / 2, shift.df) * shift.error;
  const net = shift.difference - Math.min(0, stage.machine.common);
  if (-net >= needed && shift.pBetter <= 0.01) return judgement('improvement', 'faster', found);
  const shiftUpper = medians(pair).before * Math.expm1(upper);
  if (!stage.machine.moved && (upper < needed || shiftUpper < pair.limit.atLeast)) {
    return judgement('unchanged', 'within-limit', found);
  }
  return judgement('inconclusive', 'noisy', found);
}

function medians({ baseline, candidate }: Pair): { readonly before: number; readonly after: number } {
  return {
    before: median(baseline.map((observation) => observation.value)),
    after: median(candidate.map((observation) => observation.value)),
  };
}
