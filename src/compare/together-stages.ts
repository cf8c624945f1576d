/** The stages of a comparison of rounds measured together: which rows were screened out, and what each may spend. */
import type { Policy, TogetherRounds } from '../config.ts';
import type { Warning } from '../measurement.ts';
import { deriveSeed, seededRandom } from '../random.ts';
import { hasEnoughToConfirm } from './enough-samples.ts';
import { joinedPair } from './joined-pair.ts';
import type { Pair } from './judgement.ts';
import { type PermutationStage, permutationStage, type StageOptions } from './permutation-stage.ts';
import { type Alpha, spentAt } from './spending.ts';
import { labelingsInRounds } from './statistics/labelings.ts';
import { isSuspect } from './suspect.ts';
import { lastScreeningRound } from './too-noisy.ts';

export interface Stages {
  readonly first: PermutationStage;
  /** Null where there are no confirming rounds. */
  readonly second: PermutationStage | null;
  /** Estimates over the rounds of both stages, without p; null where there are no confirming rounds. */
  readonly both: PermutationStage | null;
  /** Rows that the confirming stage is about; chosen by the screening rounds alone. */
  readonly suspects: ReadonlySet<string>;
  /** Suspects that a look at the confirming rounds has confirmed, this one or one before: what was spent stays spent. */
  readonly confirmed: ReadonlySet<string>;
  /** Whether a stage has the rounds that it is planned to have. */
  readonly planned: Readonly<Record<'screen' | 'confirm', boolean>>;
  /**
   * `screen`: of the whole stage; `look`, `confirm`: what this look at the screening or the confirming rounds may
   * spend; `shown`: of what is called faster, or warned of, and can fail nothing.
   */
  readonly alpha: Alpha & { readonly look: number; readonly shown: number };
}

/**
 * Labelings drawn in the confirming stage: a later look has 0.0002 to spend, and asks for more of them than the 5,000
 * that are enough for screening. The family is small, so that they cost little.
 */
const CONFIRMING_LABELINGS = 20_000;

export interface StagesInput {
  readonly policy: Policy;
  readonly seed: number;
  readonly swap: NonNullable<StageOptions['swap']>;
  /** Null: each stage is looked at once. */
  readonly plan: TogetherRounds | null;
}

/** @param confirmations the same rows in the confirming rounds, by row id */
export function stagesOf(
  pairs: readonly Pair[],
  confirmations: ReadonlyMap<string, Pair>,
  { policy, seed, swap, plan }: StagesInput,
): Stages {
  const first = permutationStage(pairs, {
    inFamily: (pair) => pair.limit.level !== 'off',
    random: seededRandom(deriveSeed(seed, 1)),
    swap,
  });
  const confirming = pairs.flatMap((pair) => confirmations.get(pair.id) ?? []);
  const again = confirming.filter(hasEnoughToConfirm);
  const rounds = { screen: first.rounds, confirm: roundsOf(again) };
  const alphaAt = (counted: typeof rounds): Alpha =>
    plan
      ? spentAt(plan, counted, { alpha: policy.alpha, labelingsOfRound: first.labelingsOfRound })
      : policy.alpha;
  const canConfirmLate = (): boolean => {
    const confirm = plan?.confirm ?? 0;
    const alpha = LATE_SHARE * alphaAt({ ...rounds, confirm }).confirm;
    return labelingsInRounds(first.labelingsOfRound, confirm) * alpha >= 1;
  };
  const spent = alphaAt(rounds);
  // A look that finds no suspect at its own share ends there. One that does takes along what looks worse by itself:
  // the chance to get this far was spent already, and what is left behind now could never fail.
  const entered = pairs.some((pair) => isSuspect(pair, first, spent.screen));
  const hasLateLook = plan !== null && rounds.screen >= lastScreeningRound(plan) && canConfirmLate();
  const look = hasLateLook ? policy.alpha.screen : spent.screen;
  const share = hasLateLook && !entered ? LATE_SHARE : 1;
  const suspects = new Set(
    entered || pairs.some((pair) => isSuspect(pair, first, look))
      ? pairs
          .filter((pair) => isSuspect(pair, first, 1) && looksWorse(pair, first, policy))
          .map(({ id }) => id)
      : [],
  );
  const lookAt = (known: readonly Pair[], count: number): PermutationStage =>
    permutationStage(known, {
      inFamily: (pair) => suspects.has(pair.id),
      random: seededRandom(deriveSeed(seed, 2, count)),
      swap,
      limit: CONFIRMING_LABELINGS,
    });
  const second = again.length === 0 ? null : lookAt(again, rounds.confirm);
  const confirmed = new Set<string>();
  for (let count = 1; second !== null && count <= rounds.confirm; count += 1) {
    const stage =
      count === rounds.confirm
        ? second
        : lookAt(inFirstRounds(confirming, count).filter(hasEnoughToConfirm), count);
    const most = alphaAt({ ...rounds, confirm: count }).confirm * share;
    if (plan || count === rounds.confirm) addConfirmed(confirmed, stage, most);
  }
  return {
    first,
    second,
    confirmed,
    planned: {
      screen: plan === null || rounds.screen >= plan.screen,
      confirm: plan === null || rounds.confirm >= plan.confirm,
    },
    both: again.length === 0 ? null : estimatesOfBoth(pairs, confirmations, swap),
    suspects,
    alpha: {
      screen: policy.alpha.screen,
      look,
      confirm: spent.confirm * share,
      shown: policy.alpha.confirm,
    },
  };
}

/**
 * Of the alpha to confirm with, where the last look at screening rounds found a suspect at the alpha of the whole stage
 * and not at its share: there are rounds left that only a suspect could use, so it gets them, and has to show more. With
 * 0.3 and 0.003 at most 0.3 × 0.003 + 0.3 × 0.001 = 0.12 % of unchanged builds raise a false alarm.
 */
const LATE_SHARE = 1 / 3;

function addConfirmed(confirmed: Set<string>, stage: PermutationStage, alpha: number): void {
  for (const [id, { pWorse }] of stage.estimates) if (pWorse !== null && pWorse <= alpha) confirmed.add(id);
}

function inFirstRounds(pairs: readonly Pair[], count: number): readonly Pair[] {
  const [fullest] = pairs
    .map(({ baseline }) => [...new Set(baseline.map(({ round }) => round))])
    .sort((left, right) => right.length - left.length);
  const first = new Set(fullest?.slice(0, count));
  const kept = (series: Pair['baseline']) => series.filter(({ round }) => first.has(round));
  return pairs.map((pair) => ({ ...pair, baseline: kept(pair.baseline), candidate: kept(pair.candidate) }));
}

/**
 * Standard errors from which a row looks worse whatever the family says: one in fifteen does by chance. A larger family
 * asks a little more of each row; a row that is left behind could never fail.
 */
const CONSPICUOUS = 1.5;

function looksWorse(pair: Pair, first: PermutationStage, { alpha }: Policy): boolean {
  return isSuspect(pair, first, alpha.screen) || (first.estimates.get(pair.id)?.t ?? 0) >= CONSPICUOUS;
}

/** Nothing is tested here: one labeling, the observed one, is enough for the estimates. */
function estimatesOfBoth(
  pairs: readonly Pair[],
  confirmations: ReadonlyMap<string, Pair>,
  swap: NonNullable<StageOptions['swap']>,
): PermutationStage {
  const joined = pairs.map((pair) => joinedPair(pair, confirmations.get(pair.id)));
  return permutationStage(joined, { inFamily: () => false, random: () => 0, swap, limit: 0 });
}

function roundsOf(pairs: readonly Pair[]): number {
  return roundsIn(pairs.flatMap((pair) => pair.baseline));
}

export function stageWarnings({ first, second, suspects, alpha }: Stages): Warning[] {
  if (first.labelings === 0) {
    // No row with enough samples: each of them says so itself.
    if (!hasSingles(first)) return [];
    return [
      {
        code: 'single-instance',
        message:
          'Every round has one instance of each arm, so times cannot be judged; counts and errors were.',
      },
    ];
  }
  if (first.labelings < 1 / alpha.screen) return [tooFewLabelings(first, alpha.screen)];
  if (second && suspects.size > 0 && alpha.confirm > 0 && second.labelings < 1 / alpha.confirm) {
    return [tooFewLabelings(second, alpha.confirm)];
  }
  return [];
}

function hasSingles({ pairs }: PermutationStage): boolean {
  const rows = [...pairs.values()];
  return rows.length > 0 && rows.every(({ baseline }) => baseline.length === roundsIn(baseline));
}

function roundsIn(series: Pair['baseline']): number {
  return new Set(series.map(({ round }) => round)).size;
}

function tooFewLabelings(stage: PermutationStage, alpha: number): Warning {
  const { labelings, labelingsOfRound, swap } = stage;
  const needed = roundsForAlpha(labelingsOfRound, alpha);
  const why =
    swap === 'arms'
      ? 'Something is tied to an arm, so only whole arms may trade places, and they can'
      : 'The instances can';
  const more = swap === 'arms' ? '' : ', or more instances a round';
  return {
    code: 'too-few-labelings',
    message:
      `${why} be relabelled in ${labelings} ways only, so that no p-value gets below ` +
      `${(1 / labelings).toPrecision(2)}, and ${Number(alpha.toPrecision(2))} is needed: measure ${needed} rounds in ` +
      `this stage${more}.`,
  };
}

/** Rounds whose labelings are enough for a p-value of `alpha`. */
export function roundsForAlpha(labelingsOfRound: number, alpha: number): number {
  return Math.ceil(Math.log(1 / alpha) / Math.log(labelingsOfRound) - 1e-9);
}
