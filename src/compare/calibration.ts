/**
 * What rounds of the same build in both arms (A/A) say about a service: how much each row varies by itself, the
 * smallest change that a number of rounds finds, and which limits that is good for. Pure.
 */
import type { Policy, TogetherRounds } from '../config.ts';
import type { ArmPair, Measurement, Warning } from '../measurement.ts';
import { deriveSeed, seededRandom } from '../random.ts';
import { type ArmBalance, armBalance } from './arm-balance.ts';
import { type CalibratedRow, type CalibrationPlan, calibratedRow, type Subject } from './calibrated-row.ts';
import { compare } from './compare.ts';
import type { GateVerdict } from './comparison.ts';
import { hasEnoughSamples } from './enough-samples.ts';
import type { Pair } from './judgement.ts';
import { permutationStage } from './permutation-stage.ts';
import { limitFor } from './policy.ts';
import { pairsOf } from './rows.ts';
import { isTimed, placedInstances } from './series.ts';
import { alphaOfLook, laterRounds } from './spending.ts';
import { combinations } from './statistics/labelings.ts';
import { type SuggestedRule, suggestedRules } from './suggested-rules.ts';
import { sharedRounds } from './together.ts';
import { lastScreeningRound } from './too-noisy.ts';

export const CALIBRATION_SCHEMA_VERSION = 1;

/** What `spangate calibrate` writes: one calibration a scenario. */
export interface CalibrationResult {
  readonly schemaVersion: typeof CALIBRATION_SCHEMA_VERSION;
  readonly calibrations: readonly Calibration[];
}

export interface Calibration {
  readonly scenario: string;
  readonly tool: string;
  readonly createdAt: string;
  readonly seed: number;
  /** Rounds that counted, and instances of each arm in each. */
  readonly rounds: number;
  readonly instances: number;
  readonly exchangeable: 'instances' | 'arms';
  /** Wall time of all rounds, and of one. */
  readonly seconds: number;
  readonly secondsPerRound: number;
  /** Rounds that a gate may screen with: what its budget allows, less those that it may need to confirm. */
  readonly gateRounds: number;
  readonly profile: Policy['profile'];
  /** Null where there are too few instances to say. */
  readonly arms: ArmBalance | null;
  readonly gate: RehearsedGate;
  /** Rows of times and throughput inside requests that some profile gates. */
  readonly rows: readonly CalibratedRow[];
  /** Spans whose number of calls is the same for the same request content, and those where it varies. */
  readonly calls: { readonly constant: number; readonly varying: readonly Subject[] };
  readonly profiles: readonly ProfileReach[];
  /** In the order in which they have to be in the file. */
  readonly suggestions: readonly SuggestedRule[];
  readonly warnings: readonly Warning[];
}

/** A gate on these very rounds, in its two stages. */
export interface RehearsedGate {
  readonly verdict: GateVerdict;
  readonly screenRounds: number;
  readonly confirmRounds: number;
  /** Ids of rows that failed it, or that a further stage would have been needed for. */
  readonly suspects: readonly string[];
}

/** How many of the rows that a profile gates it can gate here. */
export interface ProfileReach {
  readonly profile: Policy['profile'];
  readonly rows: number;
  /** Within the rounds that a screening stage begins with, and within those of a whole gate. */
  readonly screened: number;
  readonly gated: number;
}

export interface CalibrationInput {
  /** Of the same build. */
  readonly arms: ArmPair<Measurement>;
  readonly policy: Policy;
  /** Policies of the shipped profiles. */
  readonly profiles: readonly Policy[];
  readonly together: TogetherRounds;
  /** Instances of each arm in a round. */
  readonly instances: number;
  readonly exchangeable: 'instances' | 'arms';
  /** Wall time of all rounds. */
  readonly seconds: number;
  readonly seed: number;
  readonly createdAt: string;
  readonly tool: string;
  readonly warnings: readonly Warning[];
}

export function calibrate(input: CalibrationInput): Calibration {
  const { arms, policy, together } = input;
  const shared = sharedRounds(arms.base, arms.head);
  const secondsPerRound = input.seconds / Math.max(1, arms.head.rounds.length);
  const pairs = pairsOf(arms.base, arms.head, policy, shared).filter((pair) => isGatedBySome(pair, input));
  const enough = pairs.filter(hasEnoughSamples);
  const stage = permutationStage(enough, {
    inFamily: ({ limit }) => limit.level !== 'off',
    random: seededRandom(deriveSeed(input.seed, 1)),
    swap: input.exchangeable,
  });
  const plan: CalibrationPlan = {
    ...input,
    placed: [arms.base, arms.head].flatMap((measurement) => placedInstances(measurement, shared)),
    stage,
    critical: stage.critical(screeningAlpha(input)),
    measured: shared.size,
    secondsPerRound,
    gateRounds: gateRounds(together, secondsPerRound),
  };
  const rows = pairs.map((pair) => calibratedRow(pair, plan));
  const gate = rehearse(input, [...shared]);
  const balance = armBalance(enough);
  return {
    scenario: arms.head.scenario,
    tool: input.tool,
    createdAt: input.createdAt,
    seed: input.seed,
    rounds: shared.size,
    instances: input.instances,
    exchangeable: input.exchangeable,
    seconds: input.seconds,
    secondsPerRound,
    gateRounds: plan.gateRounds,
    profile: policy.profile,
    arms: balance,
    gate,
    rows,
    calls: callsOf(input),
    profiles: input.profiles.map((profile) => reachOf(profile, rows, plan)),
    // Where something tells equal builds apart, that is to be mended, and no limit to be widened for it.
    suggestions:
      balance?.balanced === false ? [] : suggestedRules(rows, { gateRounds: plan.gateRounds, policy }),
    warnings: [...input.warnings, ...arms.head.warnings],
  };
}

function gateRounds(together: TogetherRounds, secondsPerRound: number) {
  const inBudget = Math.floor(together.budgetSeconds / secondsPerRound);
  return Math.max(1, Math.min(lastScreeningRound(together), inBudget));
}

function isGatedBySome(pair: Pair, { profiles }: CalibrationInput): boolean {
  if (pair.operation === null || !isTimed(pair.quantity)) return false;
  if (pair.baseline.length + pair.candidate.length === 0) return false;
  const levels = [pair.limit, ...profiles.map((profile) => limitFor(profile, pair))].map(
    ({ level }) => level,
  );
  return levels.includes('fail');
}

/** Of the look that a screening stage is planned to end with. */
function screeningAlpha({ policy, together, instances, exchangeable }: CalibrationInput): number {
  return alphaOfLook({
    rounds: together.screen,
    planned: together.screen,
    later: laterRounds(together),
    alpha: policy.alpha.screen,
    labelingsOfRound: exchangeable === 'arms' ? 2 : combinations(2 * instances, instances),
  });
}

/** The planned screening stage on the first rounds, and the planned confirming stage on the next ones. */
function rehearse(input: CalibrationInput, shared: readonly string[]): RehearsedGate {
  const { arms, together, policy, seed, createdAt, tool, exchangeable } = input;
  const screen = new Set(shared.slice(0, together.screen));
  const confirm = new Set(shared.slice(together.screen, together.screen + together.confirm));
  const comparison = compare({
    baseline: narrowed(arms.base, screen),
    candidate: narrowed(arms.head, screen),
    ...(confirm.size > 0 && {
      baselineConfirmation: narrowed(arms.base, confirm),
      confirmation: narrowed(arms.head, confirm),
    }),
    policy,
    seed,
    createdAt,
    tool,
    exchangeable,
    comparability: 'like',
  });
  return {
    verdict: comparison.verdict,
    screenRounds: screen.size,
    confirmRounds: confirm.size,
    suspects: comparison.rows
      .filter((row) => row.outcome === 'fail' || row.reason === 'screened' || row.reason === 'not-confirmed')
      .map((row) => row.id),
  };
}

function narrowed(measurement: Measurement, rounds: ReadonlySet<string>): Measurement {
  const { probes: _, ...rest } = measurement;
  return { ...rest, rounds: measurement.rounds.filter((round) => rounds.has(round.id)) };
}

function callsOf({ arms, policy }: CalibrationInput): Calibration['calls'] {
  const varying: Subject[] = [];
  let constant = 0;
  for (const { operation, span, spanId, quantity } of pairsOf(arms.base, arms.head, policy)) {
    if (quantity !== 'calls' || operation === null || spanId === null) continue;
    const states = [arms.base, arms.head].map(
      ({ merged }) => merged[operation]?.spans[spanId]?.callsPerContent.state,
    );
    if (states.every((state) => state === 'constant')) constant += 1;
    else varying.push({ operation, span });
  }
  return { constant, varying };
}

function reachOf(profile: Policy, rows: readonly CalibratedRow[], plan: CalibrationPlan): ProfileReach {
  const gated = rows.filter((row) => limitFor(profile, row).level === 'fail');
  const within = (rounds: number): number =>
    gated.filter((row) => (row.noise?.roundsByProfile[profile.profile] ?? Number.POSITIVE_INFINITY) <= rounds)
      .length;
  return {
    profile: profile.profile,
    rows: gated.length,
    screened: within(Math.min(plan.together.screen, plan.gateRounds)),
    gated: within(plan.gateRounds),
  };
}
