/** Against a stored baseline, from other rounds: counts and errors decide, time rows are coarse. */
import type { Policy } from '../config.ts';
import type { Measurement, SpanKeyId, Warning } from '../measurement.ts';
import { judgeConstantCalls } from './constant-calls.ts';
import { judgeErrorRates } from './error-rates.ts';
import type { Judged } from './judged.ts';
import { type Judgement, judgement, type Pair } from './judgement.ts';
import { judgePresence } from './presence.ts';
import { pairsOf } from './rows.ts';
import { isTimed } from './series.ts';
import { judgeStoredTimes, storedLimit } from './stored-times.ts';
import { judgeVaryingCalls } from './varying-calls.ts';

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
  const judgements = new Map<string, Judgement>();
  const warnings: Warning[] = [];

  const single = new Set<string>();
  for (const pair of pairs.filter((pair) => pair.quantity === 'calls')) {
    const found = judgePresence(pair, input.policy);
    if (found && found.reason !== 'collapsed') single.add(`${pair.operation}|${pair.spanId}`);
    judgements.set(pair.id, found ?? judgeCalls(pair, input, confirmations.get(pair.id)));
  }
  const onBothSides = (pair: Pair): boolean => !single.has(`${pair.operation}|${pair.spanId}`);
  const errors = pairs.filter((pair) => pair.quantity === 'error-rate' && onBothSides(pair));
  for (const [id, found] of judgeErrorRates(errors, confirmations)) judgements.set(id, found);

  const isTime = (pair: Pair): boolean => isTimed(pair.quantity) && onBothSides(pair);
  const times = pairs.filter(isTime);
  if (input.comparability === 'unlike') {
    for (const pair of times) judgements.set(pair.id, judgement('inconclusive', 'unlike-machine'));
  } else {
    const found = judgeStoredTimes(times, again.filter(isTime), input.policy.alpha);
    for (const [id, row] of found.judgements) judgements.set(id, row);
  }
  return { mode: 'stored', pairs, judgements, warnings };
}

function storedPairs(baseline: Measurement, candidate: Measurement, policy: Policy): readonly Pair[] {
  return pairsOf(baseline, candidate, policy).map((pair) =>
    isTimed(pair.quantity) ? { ...pair, limit: storedLimit(pair.limit, pair.quantity) } : pair,
  );
}

function judgeCalls(pair: Pair, { baseline, candidate }: StoredInput, again: Pair | undefined): Judgement {
  const constant = judgeConstantCalls(
    pair,
    callsPerContent(baseline, pair.operation, pair.spanId),
    callsPerContent(candidate, pair.operation, pair.spanId),
  );
  return constant ?? judgeVaryingCalls(pair, again);
}

function callsPerContent(measurement: Measurement, operation: string | null, spanId: SpanKeyId | null) {
  if (operation === null || spanId === null) return undefined;
  return measurement.merged[operation]?.spans[spanId]?.callsPerContent;
}
