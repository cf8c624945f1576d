/**
 * Two measurements of the same rounds, side by side: the label permutation of instances with max-T over all rows,
 * a screening stage, and a confirming stage on fresh rounds with the suspects alone (docs/statistics.md).
 */
import type { Policy, Quantity, TogetherRounds } from '../config.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { hasEnoughSamples, tooFewSamples } from './enough-samples.ts';
import { judgeErrorRates, TOGETHER_RULES } from './error-rates.ts';
import { joinedPair } from './joined-pair.ts';
import type { Judged } from './judged.ts';
import { type Judgement, judgement, type Pair } from './judgement.ts';
import { movedTogether } from './moved-together.ts';
import { pairsOf } from './rows.ts';
import { isOfErrors, isOfLogs, isTimed } from './series.ts';
import { judgeStructure } from './structure.ts';
import { judgeTogetherRow } from './together-row.ts';
import { stagesOf, stageWarnings } from './together-stages.ts';
import { type GateProgress, setAsideTooNoisy } from './too-noisy.ts';

export interface TogetherInput {
  readonly baseline: Measurement;
  readonly candidate: Measurement;
  /** Fresh rounds of both, made because suspects had to be confirmed. */
  readonly confirmation?: Measurement | null;
  readonly baselineConfirmation?: Measurement | null;
  readonly policy: Policy;
  readonly seed: number;
  readonly exchangeable?: 'instances' | 'arms';
  readonly together?: { readonly rounds: TogetherRounds; readonly seconds: number };
}

/** Ids of the rounds that both measured, and that nothing made invalid on either side. */
export function sharedRounds(baseline: Measurement, candidate: Measurement): ReadonlySet<string> {
  const valid = new Set(baseline.rounds.filter((round) => !round.invalid).map((round) => round.id));
  return new Set(
    candidate.rounds.filter((round) => !round.invalid && valid.has(round.id)).map((round) => round.id),
  );
}

export function judgeTogether(input: TogetherInput): Judged {
  const { baseline, candidate, policy } = input;
  const pairs = pairsOf(baseline, candidate, policy, sharedRounds(baseline, candidate));
  const structure = judgeStructure(pairs, { baseline, candidate, policy });
  const confirming = confirmingPairs(input);
  const confirmations = new Map(confirming.map((pair) => [pair.id, pair]));
  const judgements = new Map(structure.judgements);
  const errors = structure.rest.filter(({ quantity }) => isOfErrors(quantity));
  // Two families: a service that logs much takes nothing from what an error rate can show.
  for (const isOfFamily of [isOfLogs, (quantity: Quantity) => quantity === 'error-rate']) {
    const family = structure.rest.filter(({ quantity }) => isOfFamily(quantity));
    for (const [id, found] of judgeErrorRates(family, confirmations, TOGETHER_RULES))
      judgements.set(id, found);
  }

  const tested = [...structure.rest.filter((pair) => isTimed(pair.quantity)), ...structure.varying];
  const enough = tested.filter(hasEnoughSamples);
  const stages = stagesOf(enough, confirmations, {
    policy,
    seed: input.seed,
    swap: input.exchangeable ?? 'instances',
    plan: input.together?.rounds ?? null,
  });
  for (const pair of enough) judgements.set(pair.id, judgeTogetherRow(pair, stages));
  for (const pair of tested) {
    if (!judgements.has(pair.id)) judgements.set(pair.id, judgement('inconclusive', 'too-few-samples'));
  }
  const moved = movedTogether(judgements, stages);
  for (const [id, found] of moved.judgements) judgements.set(id, found);
  const progress = progressOf(input);
  const tooNoisy = progress && setAsideTooNoisy(judgements, enough, { progress, alpha: policy.alpha.screen });
  for (const [id, found] of tooNoisy?.judgements ?? []) judgements.set(id, found);
  return {
    mode: 'together',
    pairs,
    confirmations,
    joined: new Map([
      ...errors.map((pair) => [pair.id, joinedPair(pair, confirmations.get(pair.id))] as const),
      ...(stages.both?.pairs ?? []),
    ]),
    judgements,
    warnings: [
      ...structure.warnings,
      ...moved.warnings,
      ...stageWarnings(stages),
      ...tooFewSamples(tested),
      ...incompleteRows(enough, judgements),
      ...(tooNoisy?.warnings ?? []),
    ],
    counted: countedIn(input),
  };
}

/** A row is judged by all instances or not at all: one without a value says something, and nobody knows what. */
function incompleteRows(
  pairs: readonly Pair[],
  judgements: ReadonlyMap<string, Judgement>,
): readonly Warning[] {
  const left = pairs.filter(
    ({ id, limit }) => limit.level === 'fail' && judgements.get(id)?.reason === 'incomplete',
  );
  const [first] = left;
  if (!first) return [];
  return [
    {
      code: 'rows-incomplete',
      message:
        `${left.length === 1 ? 'One time row was' : `${left.length} time rows were`} not judged, since an instance had ` +
        `no value, or one of zero, such as ${first.id}: was an instance never asked, or its clock too coarse?`,
    },
  ];
}

function countedIn(input: TogetherInput): NonNullable<Judged['counted']> {
  const { baseline, candidate, confirmation, baselineConfirmation } = input;
  const screen = sharedRounds(baseline, candidate);
  const confirm =
    confirmation && baselineConfirmation ? sharedRounds(baselineConfirmation, confirmation).size : 0;
  const sizes = candidate.rounds.filter(({ id }) => screen.has(id)).map(({ instances }) => instances.length);
  return { screen: screen.size, confirm, instances: Math.max(0, ...sizes) };
}

/** Null where nobody says how many rounds there may be: then each row that is open stays so. */
function progressOf(input: TogetherInput): GateProgress | null {
  const { together, candidate, confirmation } = input;
  if (!together) return null;
  const counted = countedIn(input);
  return {
    together: together.rounds,
    rounds: {
      screen: { measured: candidate.rounds.length, valid: counted.screen },
      confirm: { measured: confirmation?.rounds.length ?? 0, valid: counted.confirm },
    },
    elapsedSeconds: together.seconds,
  };
}

function confirmingPairs({ confirmation, baselineConfirmation, policy }: TogetherInput): readonly Pair[] {
  if (!confirmation || !baselineConfirmation) return [];
  const rounds = sharedRounds(baselineConfirmation, confirmation);
  return pairsOf(baselineConfirmation, confirmation, policy, rounds);
}
