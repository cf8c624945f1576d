/** Against a stored baseline, from other rounds: counts and errors decide, time rows are coarse. */
import type { Policy } from '../config.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { hasEnoughSamples, tooFewSamples } from './enough-samples.ts';
import { judgeErrorRates } from './error-rates.ts';
import type { Judged } from './judged.ts';
import { type Judgement, judgement, type Pair } from './judgement.ts';
import { pressureRise } from './machine-shift.ts';
import { pairsOf } from './rows.ts';
import { isTimed } from './series.ts';
import type { StoredStage } from './stored-stage.ts';
import { judgeStoredTimes, type StoredTimes, storedLimit } from './stored-times.ts';
import { callsPerContent, judgeStructure } from './structure.ts';
import { judgeVaryingCalls, type VaryingCalls } from './varying-calls.ts';

export interface StoredInput {
  readonly baseline: Measurement;
  readonly candidate: Measurement;
  readonly confirmation?: Measurement | null;
  readonly policy: Policy;
  readonly comparability: 'like' | 'unlike' | 'none';
}

export function judgeStored(input: StoredInput): Judged {
  const pairs = storedPairs(input.baseline, input.candidate, input.policy);
  const again = input.confirmation ? storedPairs(input.baseline, input.confirmation, input.policy) : [];
  const confirmations = new Map(again.map((pair) => [pair.id, pair]));
  const structure = judgeStructure(pairs, input);
  const judgements = new Map(structure.judgements);
  for (const pair of structure.varying) {
    const again = confirmations.get(pair.id);
    judgements.set(
      pair.id,
      judgeVaryingCalls(varying(pair, input.candidate), again && varying(again, input.confirmation)),
    );
  }
  const errors = structure.rest.filter((pair) => pair.quantity === 'error-rate');
  for (const [id, found] of judgeErrorRates(errors, confirmations)) judgements.set(id, found);

  const times = structure.rest.filter((pair) => isTimed(pair.quantity));
  const found = judgeTimes(times, confirmations, input);
  for (const [id, row] of found.judgements) judgements.set(id, row);
  return {
    mode: 'stored',
    pairs,
    confirmations,
    judgements,
    warnings: [...structure.warnings, ...found.warnings],
  };
}

function varying(pair: Pair, measurement: Measurement | null | undefined): VaryingCalls {
  return { pair, candidate: measurement ? callsPerContent(measurement, pair) : undefined };
}

function storedPairs(baseline: Measurement, candidate: Measurement, policy: Policy): readonly Pair[] {
  return pairsOf(baseline, candidate, policy).map((pair) =>
    isTimed(pair.quantity) ? { ...pair, limit: storedLimit(pair.limit, pair.quantity) } : pair,
  );
}

interface JudgedTimes {
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly warnings: readonly Warning[];
}

function judgeTimes(
  pairs: readonly Pair[],
  confirmations: ReadonlyMap<string, Pair>,
  input: StoredInput,
): JudgedTimes {
  const enough = pairs.filter(hasEnoughSamples);
  const again = enough.flatMap((pair) => confirmations.get(pair.id) ?? []).filter(hasEnoughSamples);
  const found = judgeStoredTimes(enough, again, {
    first: pressureRise(input.baseline, input.candidate),
    second: input.confirmation ? pressureRise(input.baseline, input.confirmation) : null,
  });
  const judgements = new Map(found.judgements);
  for (const pair of pairs) {
    if (!judgements.has(pair.id)) judgements.set(pair.id, judgement('inconclusive', 'too-few-samples'));
  }
  const advisory = advisoryReason(input);
  if (advisory === null) return { judgements, warnings: [...timeWarnings(found), ...tooFewSamples(pairs)] };
  const aside = [...judgements].map(([id, { effect, shift }]): [string, Judgement] => [
    id,
    judgement('inconclusive', advisory.reason, { effect, shift }),
  ]);
  return { judgements: new Map(aside), warnings: [advisory.warning] };
}

/** Why no time row may be judged at all, or null. */
function advisoryReason(
  input: StoredInput,
): { readonly reason: 'unlike-machine' | 'too-few-instances'; readonly warning: Warning } | null {
  if (input.comparability === 'unlike') {
    return {
      reason: 'unlike-machine',
      warning: {
        code: 'unlike-machine',
        message:
          'The baseline is from another machine or other versions: times are shown and not judged, ' +
          'counts and errors are. Record a baseline here to judge times.',
      },
    };
  }
  if (Math.min(widestRound(input.baseline), widestRound(input.candidate)) < 2) {
    return {
      reason: 'too-few-instances',
      warning: {
        code: 'single-instance',
        message: 'With one instance a round times cannot be judged; counts and errors were.',
      },
    };
  }
  return null;
}

function widestRound(measurement: Measurement): number {
  return Math.max(
    0,
    ...measurement.rounds.filter((round) => !round.invalid).map((round) => round.instances.length),
  );
}

function timeWarnings({ judgements, decisive }: StoredTimes): Warning[] {
  if (judgements.size === 0) return [];
  if (decisive.machine.median.moved) return [machineMoved(decisive)];
  return [
    {
      code: 'run-to-run-unknown',
      message:
        'One stored run does not show how much two runs of the same code differ, so a usual spread was assumed: ' +
        'a time fails only from 25 % upwards and when a second measurement agrees; smaller changes are not seen.',
    },
  ];
}

function machineMoved({ machine: { median } }: StoredStage): Warning {
  const share = Math.round(Math.abs(Math.expm1(median.centre)) * 100);
  return {
    code: 'machine-moved',
    message:
      `Most spans are ${median.centre > 0 ? 'slower' : 'faster'}, by ${share} % in the middle: that is the machine ` +
      'rather than the service, so only times that stand out from it were judged. Measure again when the machine is ' +
      'as busy as it was for the baseline, or measure both versions side by side.',
  };
}
