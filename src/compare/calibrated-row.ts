/** One row of a calibration: how much it varies, what that lets a gate find, and what would help. */
import { median } from 'simple-statistics';
import type { Limit, Policy, Quantity, TogetherRounds } from '../config.ts';
import type { SpanKey } from '../measurement.ts';
import type { Row } from './comparison.ts';
import { hasEnoughSamples, leastSamples } from './enough-samples.ts';
import { isWorseWhenLower, logLimit, type Pair } from './judgement.ts';
import type { PermutationStage } from './permutation-stage.ts';
import { limitFor } from './policy.ts';
import { unitOf } from './rows.ts';
import { samplingVariance } from './sampling-variance.ts';
import type { PlacedInstance } from './series.ts';
import type { RowEstimate } from './statistics/max-t.ts';
import { studentTQuantile } from './statistics/student-t.ts';

export interface Subject {
  readonly operation: string;
  /** Null for what the load client saw of the operation. */
  readonly span: SpanKey | null;
}

export interface CalibratedRow extends Subject {
  /** As the row of a comparison has it. */
  readonly id: string;
  readonly quantity: Quantity;
  readonly unit: Row['unit'];
  /** Median over all instances. */
  readonly value: number;
  /** Spans or requests in the instance that has fewest. */
  readonly samples: number;
  /** In force by the configuration. */
  readonly limit: Limit;
  /** The smallest change that fails, as a share of the value: `fail`, or `at-least` where that is more. */
  readonly inForce: number;
  /** Null where the row has no estimate: an instance lacks it, or rests on too little. */
  readonly noise: RowNoise | null;
  /**
   * Under the configuration: `gates` within the rounds of a gate, `noisy`: it would need more of them,
   * `too-few-samples`, `too-few-labelings`: no p-value of these rounds could pass, `incomplete`: not in every
   * instance, `off`: its level is not `fail`.
   */
  readonly state: 'gates' | 'noisy' | 'too-few-samples' | 'too-few-labelings' | 'incomplete' | 'off';
  /** What would let it gate; null where nothing is needed, or nothing known helps. */
  readonly help: Help | null;
}

/** Shares are of the row's value: 0.03 is 3 %. */
export interface RowNoise {
  /** Standard deviation between instances of the same build in the same round. */
  readonly spread: number;
  /** Part of that variance which the scatter of single durations explains; longer rounds reduce it. Null: unknown. */
  readonly samplingShare: number | null;
  /** Head against base, though they are the same build: what was seen, and its standard error. */
  readonly shift: number;
  readonly error: number;
  /** Smallest changes found nine times in ten by a screening stage of so many rounds. */
  readonly detectable: readonly { readonly rounds: number; readonly change: number }[];
  /** The same for one minute of measuring. */
  readonly perMinute: number;
  /** Rounds until a change as large as the limit is found nine times in ten; null where no number is enough. */
  readonly roundsNeeded: number | null;
  /** The same with the limits of the shipped profiles. */
  readonly roundsByProfile: Readonly<Record<Policy['profile'], number | null>>;
}

export interface Help {
  /** Rounds of the present length, and how long they take together. */
  readonly rounds: { readonly count: number; readonly seconds: number } | null;
  /** Seconds of a round. */
  readonly durationSeconds: number | null;
}

/** What all rows of a calibration have in common. */
export interface CalibrationPlan {
  readonly policy: Policy;
  /** Policies of the shipped profiles. */
  readonly profiles: readonly Policy[];
  readonly together: TogetherRounds;
  /** Of both arms. */
  readonly placed: readonly PlacedInstance[];
  readonly stage: PermutationStage;
  /** The T that the screening test asks for. */
  readonly critical: number;
  /** Instances of each arm in a round. */
  readonly instances: number;
  /** Rounds that counted. */
  readonly measured: number;
  readonly secondsPerRound: number;
  /** Rounds that a gate may measure. */
  readonly gateRounds: number;
}

/** @param pair times or throughput of one subject; it need not be judgeable */
export function calibratedRow(pair: Pair, plan: CalibrationPlan): CalibratedRow {
  const series = [...pair.baseline, ...pair.candidate];
  const value = median(series.map((observation) => observation.value));
  const samples = Math.min(...series.map((observation) => observation.count));
  const estimate = plan.stage.estimates.get(pair.id);
  const noise = estimate ? noiseOf({ pair, value, estimate }, plan) : null;
  const state = stateOf(pair, noise, plan);
  return {
    id: pair.id,
    operation: pair.operation ?? '',
    span: pair.span,
    quantity: pair.quantity,
    unit: unitOf(pair.quantity),
    value,
    samples,
    limit: pair.limit,
    inForce: effectiveShare(pair.limit, value),
    noise,
    state,
    help: helpOf({ pair, state, samples, noise }, plan),
  };
}

function stateOf(
  pair: Pair,
  noise: RowNoise | null,
  { gateRounds, critical }: CalibrationPlan,
): CalibratedRow['state'] {
  if (pair.limit.level !== 'fail') return 'off';
  if (!hasEnoughSamples(pair)) return 'too-few-samples';
  if (!Number.isFinite(critical)) return 'too-few-labelings';
  if (noise === null) return 'incomplete';
  return noise.roundsNeeded !== null && noise.roundsNeeded <= gateRounds ? 'gates' : 'noisy';
}

function noiseOf(
  { pair, value, estimate }: { readonly pair: Pair; readonly value: number; readonly estimate: RowEstimate },
  plan: CalibrationPlan,
): RowNoise | null {
  const { measured, instances, secondsPerRound } = plan;
  // Large enough to pass the screening test nine times in ten; as `minimumDetectable` of a comparison has it.
  const found = (plan.critical + studentTQuantile(0.9, estimate.df)) * estimate.error;
  if (!Number.isFinite(found)) return null;
  // Standard errors shrink with the root of the number of rounds.
  const changeIn = (rounds: number) => changeOf(pair.quantity, found * Math.sqrt(measured / rounds));
  const needed = (limit: Limit) => roundsUntil(found, measured, distanceOf(limit, pair.quantity, value));
  const spread = estimate.error / Math.sqrt(2 / instances / measured);
  const own = samplingVariance(plan.placed, pair);
  return {
    spread,
    samplingShare: own === null || spread === 0 ? null : Math.min(1, own / spread ** 2),
    shift: isWorseWhenLower(pair.quantity)
      ? Math.expm1(-estimate.difference)
      : Math.expm1(estimate.difference),
    error: estimate.error,
    detectable: [...new Set([2, 4, measured])]
      .sort((left, right) => left - right)
      .map((rounds) => ({ rounds, change: changeIn(rounds) })),
    perMinute: changeIn(60 / secondsPerRound),
    roundsNeeded: needed(pair.limit),
    roundsByProfile: Object.fromEntries(
      plan.profiles.map((profile) => [profile.profile, needed(limitFor(profile, pair))]),
    ) as RowNoise['roundsByProfile'],
  };
}

/** The size of a change that is so far on the log scale, as a share of the value. */
function changeOf(quantity: Quantity, distance: number): number {
  return isWorseWhenLower(quantity) ? -Math.expm1(-distance) : Math.expm1(distance);
}

/** Both parts of a limit on the log scale: the larger one is in force. */
function distanceOf(limit: Limit, quantity: Quantity, value: number): number {
  return logLimit(quantity, effectiveShare(limit, value));
}

function effectiveShare({ fail, atLeast }: Limit, value: number): number {
  return value > 0 ? Math.max(fail, atLeast / value) : fail;
}

function roundsUntil(found: number, measured: number, distance: number): number | null {
  const rounds = Math.ceil(measured * (found / distance) ** 2 - 1e-9);
  return Number.isFinite(rounds) ? Math.max(1, rounds) : null;
}

function helpOf(
  row: {
    readonly pair: Pair;
    readonly state: CalibratedRow['state'];
    readonly samples: number;
    readonly noise: RowNoise | null;
  },
  { together, gateRounds, secondsPerRound }: CalibrationPlan,
): Help | null {
  const { durationSeconds } = together;
  if (row.state === 'too-few-samples' && row.samples > 0) {
    // A tenth more, since the number of requests varies as well.
    const factor = (1.1 * leastSamples(row.pair.quantity)) / row.samples;
    return { rounds: null, durationSeconds: Math.ceil(durationSeconds * factor) };
  }
  const count = row.noise?.roundsNeeded ?? null;
  if (row.state !== 'noisy' || count === null) return null;
  const longer = longerBy(row.noise?.samplingShare ?? 0, gateRounds / count);
  return {
    rounds: { count, seconds: count * secondsPerRound },
    durationSeconds: longer === null ? null : Math.ceil(durationSeconds * longer),
  };
}

/** Rounds many times as long are no advice. */
const LONGEST = 8;

/**
 * How much longer rounds have to be for the variance to fall to `part` of what it is; null where they need not help,
 * since what differs between processes stays however long one looks.
 */
function longerBy(samplingShare: number, part: number): number | null {
  const room = part - (1 - samplingShare);
  if (room <= 0) return null;
  const factor = samplingShare / room;
  return factor > 1 && factor <= LONGEST ? factor : null;
}
