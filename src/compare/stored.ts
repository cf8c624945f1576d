/** Against a stored baseline, from other rounds: counts and errors decide, time rows are coarse. */
import type { Policy, Quantity } from '../config.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { sideOf } from './assemble.ts';
import type { Crept } from './comparison.ts';
import { anchoredHistories, creepWarning, creptRows } from './creep.ts';
import { hasEnoughSamples, tooFewSamples } from './enough-samples.ts';
import { judgeErrorRates, STORED_RULES } from './error-rates.ts';
import { historyLimit } from './history-shift.ts';
import type { Judged } from './judged.ts';
import { type Judgement, judgement, type Pair } from './judgement.ts';
import { pressureRise } from './machine-shift.ts';
import { type Histories, historiesOf, NO_HISTORIES } from './row-history.ts';
import { pairsOf } from './rows.ts';
import { isOfLogs, isTimed } from './series.ts';
import { judgeStoredTimes, storedLimit } from './stored-times.ts';
import { timeWarnings } from './stored-warnings.ts';
import { callsPerContent, judgeStructure } from './structure.ts';
import { judgeVaryingCalls, type VaryingCalls } from './varying-calls.ts';

export interface StoredInput {
  readonly baseline: Measurement;
  readonly candidate: Measurement;
  readonly confirmation?: Measurement | null;
  readonly policy: Policy;
  readonly comparability: 'like' | 'unlike' | 'none';
  /** Absent where there is no more than the baseline. */
  readonly history?: HistoryInput;
}

/** The runs that are stored of the machine that the candidate was measured on. */
export interface HistoryInput {
  /** Complete ones of the same workload, oldest first; the baseline is one of them where it is of this machine. */
  readonly runs: readonly Measurement[];
  /** Commits between the baseline's and the candidate's; null where git could not tell. */
  readonly distance: number | null;
  readonly fingerprint: string;
  /** A fixed run of long ago, and what the user calls it. */
  readonly anchor?: { readonly name: string; readonly measurement: Measurement };
}

export function judgeStored(input: StoredInput): Judged {
  const { baseline, candidate, history } = input;
  const pairs = pairsOf(baseline, candidate, input.policy);
  const isLike = input.comparability === 'like';
  const histories = history && isLike ? historiesOf(timedOf(pairs), history.runs) : NO_HISTORIES;
  const judged = judgeAgainst(input, histories);
  if (!history) return judged;
  const anchor = history.anchor && { ...history.anchor, ...crept(input, histories, history.anchor, judged) };
  return {
    ...judged,
    warnings: [...judged.warnings, ...(anchor ? creepWarning(anchor.name, anchor.rows, judged.pairs) : [])],
    history: {
      runs: history.runs.length,
      distance: history.distance,
      fingerprint: history.fingerprint,
      ...(anchor && { anchor: { name: anchor.name, side: sideOf(anchor.measurement), crept: anchor.rows } }),
    },
  };
}

function crept(
  input: StoredInput,
  histories: Histories,
  { measurement }: { readonly measurement: Measurement },
  { judgements }: Judged,
): { readonly rows: readonly Crept[] } {
  const pairs = pairsOf(measurement, input.candidate, input.policy);
  const anchored = anchoredHistories(histories, timedOf(pairs), measurement);
  const since = judgeAgainst({ ...input, baseline: measurement }, anchored);
  return { rows: creptRows(since.pairs, since.judgements, judgements) };
}

function judgeAgainst(input: StoredInput, histories: Histories): Judged {
  const { baseline, candidate, confirmation, policy } = input;
  const pairs = storedPairs(pairsOf(baseline, candidate, policy), histories);
  const again = confirmation ? storedPairs(pairsOf(baseline, confirmation, policy), histories) : [];
  const confirmations = new Map(again.map((pair) => [pair.id, pair]));
  const structure = judgeStructure(pairs, input);
  const judgements = new Map(structure.judgements);
  for (const pair of structure.varying) {
    const again = confirmations.get(pair.id);
    judgements.set(
      pair.id,
      judgeVaryingCalls(varying(pair, candidate), again && varying(again, confirmation)),
    );
  }
  // Two families: a service that logs much takes nothing from what an error rate can show.
  for (const isOfFamily of [isOfLogs, (quantity: Quantity) => quantity === 'error-rate']) {
    const family = structure.rest.filter(({ quantity }) => isOfFamily(quantity));
    for (const [id, found] of judgeErrorRates(family, confirmations, STORED_RULES)) judgements.set(id, found);
  }

  const found = judgeTimes(timedOf(structure.rest), { confirmations, histories, input });
  for (const [id, row] of found.judgements) judgements.set(id, row);
  return {
    mode: 'stored',
    pairs,
    confirmations,
    judgements,
    warnings: [...structure.warnings, ...found.warnings],
  };
}

function timedOf(pairs: readonly Pair[]): readonly Pair[] {
  return pairs.filter((pair) => isTimed(pair.quantity));
}

function varying(pair: Pair, measurement: Measurement | null | undefined): VaryingCalls {
  return { pair, candidate: measurement ? callsPerContent(measurement, pair) : undefined };
}

/** A time row of ten and more runs is compared with their medians, any other with the instances of the baseline. */
function storedPairs(pairs: readonly Pair[], { rows }: Histories): readonly Pair[] {
  return pairs.map((pair) => {
    if (!isTimed(pair.quantity)) return pair;
    const history = rows.get(pair.id);
    return history
      ? {
          ...pair,
          baseline: history.series,
          runs: history.runs,
          limit: historyLimit(pair.limit, pair.quantity, history),
        }
      : { ...pair, limit: storedLimit(pair.limit, pair.quantity) };
  });
}

interface JudgedTimes {
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly warnings: readonly Warning[];
}

/** Of each of two measurements that have to agree, over all rows that may fail (Holm). */
export const STORED_ALPHA = 0.01;

interface TimesContext {
  readonly confirmations: ReadonlyMap<string, Pair>;
  readonly histories: Histories;
  readonly input: StoredInput;
}

function judgeTimes(pairs: readonly Pair[], context: TimesContext): JudgedTimes {
  const { confirmations, histories, input } = context;
  const runs = input.history?.runs ?? [];
  const before = histories.rows.size > 0 ? runs : [input.baseline];
  const enough = pairs.filter(hasEnoughSamples);
  const again = enough.flatMap((pair) => confirmations.get(pair.id) ?? []).filter(hasEnoughSamples);
  const found = judgeStoredTimes(enough, again, {
    histories,
    alpha: STORED_ALPHA,
    pressureRises: {
      first: pressureRise(before, input.candidate),
      second: input.confirmation ? pressureRise(before, input.confirmation) : null,
    },
  });
  const judgements = new Map(found.judgements);
  for (const pair of pairs) {
    if (!judgements.has(pair.id)) judgements.set(pair.id, judgement('inconclusive', 'too-few-samples'));
  }
  const advisory = advisoryReason(input);
  if (advisory === null)
    return { judgements, warnings: [...timeWarnings(found, runs.length), ...tooFewSamples(pairs)] };
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
