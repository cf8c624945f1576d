/**
 * Two measurements of the same rounds, side by side: the label permutation of instances with max-T over all rows,
 * a screening stage, and a confirming stage on fresh rounds with the suspects alone (docs/statistics.md).
 */
import type { Policy } from '../config.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { deriveSeed, seededRandom } from '../random.ts';
import { hasEnoughSamples, tooFewSamples } from './enough-samples.ts';
import { judgeErrorRates } from './error-rates.ts';
import type { Judged } from './judged.ts';
import type { Pair } from './judgement.ts';
import { judgement } from './judgement.ts';
import { type PermutationStage, permutationStage } from './permutation-stage.ts';
import { pairsOf } from './rows.ts';
import { isTimed } from './series.ts';
import { judgeStructure } from './structure.ts';
import { isSuspect, judgeTogetherRow, type Stages } from './together-row.ts';

export interface TogetherInput {
  readonly baseline: Measurement;
  readonly candidate: Measurement;
  /** Fresh rounds of both, made because suspects had to be confirmed. */
  readonly confirmation?: Measurement | null;
  readonly baselineConfirmation?: Measurement | null;
  readonly policy: Policy;
  readonly seed: number;
  readonly exchangeable?: 'instances' | 'arms';
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
  const errors = structure.rest.filter((pair) => pair.quantity === 'error-rate');
  for (const [id, found] of judgeErrorRates(errors, confirmations)) judgements.set(id, found);

  const tested = [...structure.rest.filter((pair) => isTimed(pair.quantity)), ...structure.varying];
  const enough = tested.filter(hasEnoughSamples);
  const stages = stagesOf(enough, confirmations, input);
  for (const pair of enough) judgements.set(pair.id, judgeTogetherRow(pair, stages));
  for (const pair of tested) {
    if (!judgements.has(pair.id)) judgements.set(pair.id, judgement('inconclusive', 'too-few-samples'));
  }
  return {
    mode: 'together',
    pairs,
    confirmations,
    judgements,
    warnings: [...structure.warnings, ...stageWarnings(stages), ...tooFewSamples(tested)],
  };
}

function confirmingPairs({ confirmation, baselineConfirmation, policy }: TogetherInput): readonly Pair[] {
  if (!confirmation || !baselineConfirmation) return [];
  const rounds = sharedRounds(baselineConfirmation, confirmation);
  return pairsOf(baselineConfirmation, confirmation, policy, rounds);
}

function stagesOf(
  pairs: readonly Pair[],
  confirmations: ReadonlyMap<string, Pair>,
  { policy, seed, exchangeable: swap = 'instances' }: TogetherInput,
): Stages {
  const { alpha } = policy;
  const first = permutationStage(pairs, {
    inFamily: (pair) => pair.limit.level !== 'off',
    random: seededRandom(deriveSeed(seed, 1)),
    swap,
  });
  const suspects = new Set(
    pairs.filter((pair) => isSuspect(pair, first, alpha.screen)).map((pair) => pair.id),
  );
  const again = pairs.flatMap((pair) => confirmations.get(pair.id) ?? []).filter(hasEnoughSamples);
  const second =
    again.length === 0
      ? null
      : permutationStage(again, {
          inFamily: (pair) => suspects.has(pair.id),
          random: seededRandom(deriveSeed(seed, 2)),
          swap,
        });
  return { first, second, suspects, alpha };
}

function stageWarnings({ first, second, suspects, alpha }: Stages): Warning[] {
  if (first.labelings === 0) {
    return [
      {
        code: 'single-instance',
        message:
          'Every round has one instance of each arm, so times cannot be judged; counts and errors were.',
      },
    ];
  }
  if (first.labelings < 1 / alpha.screen) return [tooFewLabelings(first, alpha.screen)];
  if (second && suspects.size > 0 && second.labelings < 1 / alpha.confirm) {
    return [tooFewLabelings(second, alpha.confirm)];
  }
  return [];
}

function tooFewLabelings({ labelings }: PermutationStage, alpha: number): Warning {
  return {
    code: 'too-few-labelings',
    message:
      `The instances can be relabelled in ${labelings} ways only, so that no p-value gets below ` +
      `${(1 / labelings).toPrecision(2)}, and ${alpha} is needed: measure more rounds or more instances a round.`,
  };
}
