/** What every report has to say of times that were judged against stored runs: how weak that is, in figures. */
import { median } from 'simple-statistics';
import type { Warning } from '../measurement.ts';
import type { Judgement } from './judgement.ts';
import { LEAST_RUNS } from './row-history.ts';
import type { StoredStage } from './stored-stage.ts';
import type { StoredTimes } from './stored-times.ts';

/** @param runs of this machine that are stored */
export function timeWarnings({ judgements, decisive }: StoredTimes, runs: number): Warning[] {
  if (judgements.size === 0) return [];
  if (decisive.machine.median.moved) return [machineMoved(decisive)];
  if (decisive.family > 0) return [judgedByHistory(decisive, judgements)];
  if (runs >= 2) return [fewStoredRuns(runs)];
  return [
    {
      code: 'run-to-run-unknown',
      message:
        'One stored run does not show how much two runs of the same code differ, so a usual spread was assumed: ' +
        'a time fails only from 25 % upwards and when a second measurement agrees; smaller changes are not seen.',
    },
  ];
}

function fewStoredRuns(runs: number): Warning {
  return {
    code: 'few-stored-runs',
    message:
      `${runs} runs of this machine are stored; their spread is in the intervals. Below ${LEAST_RUNS} runs a time ` +
      'fails only from 25 % upwards and when a second measurement agrees; smaller changes are not seen.',
  };
}

function judgedByHistory(stage: StoredStage, judgements: ReadonlyMap<string, Judgement>): Warning {
  const runs = median([...stage.histories.values()].map((row) => row.runs));
  const visible = [...stage.pairs.values()].flatMap(({ id, quantity, limit }) =>
    quantity === 'p50' && limit.level !== 'off' && stage.histories.has(id)
      ? (judgements.get(id)?.minimumDetectable ?? [])
      : [],
  );
  const seen =
    visible.length === 0
      ? ''
      : ` Half of the p50 rows would have shown a change of ${percent(median(visible))}, the other half only a larger one.`;
  return {
    code: 'judged-by-history',
    message:
      `Times were judged by ${Math.round(runs)} stored runs of this machine: a row fails where it lies beyond its limit ` +
      `and beyond what runs differ by, twice.${seen} Measured side by side, a fraction of that is seen.`,
  };
}

function machineMoved({ machine: { median: middle } }: StoredStage): Warning {
  return {
    code: 'machine-moved',
    message:
      `Most spans are ${middle.centre > 0 ? 'slower' : 'faster'}, by ${percent(Math.abs(Math.expm1(middle.centre)))} in the middle: that is the machine ` +
      'rather than the service, so only times that stand out from it were judged. Measure again when the machine is ' +
      'as busy as it was for the baseline, or measure both versions side by side.',
  };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
