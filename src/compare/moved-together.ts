/**
 * When nearly all rows of two builds measured side by side move the same way. The arms share the machine at every
 * moment, so a busy machine alone does not do this; a slower runtime, a middleware around everything or a heavier
 * recorder does, and so does something of the machine that happened to be tied to one arm. What the builds do shows
 * in every round alike. Then it is one finding, and one row stands for it; else the run is in doubt, and no row is
 * called a regression.
 *
 * Own work (self time) is looked at where it is known, since one slow place lengthens all spans above it.
 */
import { median, medianAbsoluteDeviation } from 'simple-statistics';
import type { Quantity } from '../config.ts';
import type { Warning } from '../measurement.ts';
import { type Judgement, judgement, logLimit, type Pair } from './judgement.ts';
import type { PermutationStage } from './permutation-stage.ts';
import { isTimed } from './series.ts';
import type { Stages } from './together-stages.ts';

export interface MovedTogether {
  /** Those of the rows that it changes, by row id. */
  readonly judgements: ReadonlyMap<string, Judgement>;
  readonly warnings: readonly Warning[];
}

/** Share of the spans that must have moved by half of their floor. */
const NEARLY_ALL = 0.8;
/** With fewer spans, one slow place is nearly all of them. */
const MINIMUM_SPANS = 6;
/** Rounds that must agree; five that agree by chance are 1 in 32, on top of the p-value of the row. */
const MINIMUM_ROUNDS = 5;
/** A round agrees where its median move is at least this share of that of all rounds. */
const AGREES = 0.5;
/** Median absolute deviations, scaled to a standard deviation, beyond which a row is a finding of its own. */
const OUTLYING = 4;

const NOTHING: MovedTogether = { judgements: new Map(), warnings: [] };

/** @param judgements of all rows so far */
export function movedTogether(judgements: ReadonlyMap<string, Judgement>, stages: Stages): MovedTogether {
  const { second, both } = stages;
  if (!second || !both) return NOTHING;
  const slower = [...second.pairs.values()].filter((pair) => isSlower(pair, judgements));
  const spans = spansOf(second);
  const moved = spans.filter((pair) => differenceOf(second, pair) >= logLimit('p50', pair.limit.warn) / 2);
  if (slower.length < 2 || spans.length < MINIMUM_SPANS || moved.length < NEARLY_ALL * spans.length) {
    return NOTHING;
  }
  const alike = slower.filter((pair) => !standsOut(pair, second));
  if (alike.length < 2) return NOTHING;
  const rounds = movesByRound(spans, both);
  const common = median(rounds);
  const consistent = rounds.length >= MINIMUM_ROUNDS && rounds.every((move) => move >= AGREES * common);
  const spoken = `${moved.length} of ${spans.length} spans got slower together`;
  const list = rounds.map((move) => percent(move)).join(', ');
  if (!consistent) {
    return {
      judgements: new Map(alike.map((pair) => [pair.id, hidden(judgements.get(pair.id), undefined)])),
      warnings: [
        {
          code: 'machine-moved',
          message:
            `${spoken}, and not alike in at least ${MINIMUM_ROUNDS} rounds (${list}): the run is in doubt, ` +
            'and nothing is called slower for it. Measure again, on a quieter machine.',
        },
      ],
    };
  }
  const [standing, ...others] = byWeight(alike, judgements, second);
  return {
    judgements: new Map(others.map((pair) => [pair.id, hidden(judgements.get(pair.id), standing?.id)])),
    warnings: [
      {
        code: 'everything-moved',
        message:
          `${spoken}, in every round (${list}): the cause is in what they share, such as the runtime, a ` +
          `middleware or the telemetry. One row stands for all ${alike.length}.`,
      },
    ],
  };
}

function isSlower(pair: Pair, judgements: ReadonlyMap<string, Judgement>): boolean {
  const found = judgements.get(pair.id);
  return isTimed(pair.quantity) && found?.verdict === 'regression' && found.outcome !== 'none';
}

/** One row for each span inside requests: its own work, or its median where that is not known. */
function spansOf({ pairs, estimates }: PermutationStage): readonly Pair[] {
  const chosen = new Map<string, Pair>();
  for (const pair of pairs.values()) {
    if (pair.operation === null || pair.span === null || !estimates.has(pair.id)) continue;
    const subject = `${pair.operation} | ${pair.spanId}`;
    if (pair.quantity === 'self' || (pair.quantity === 'p50' && !chosen.has(subject)))
      chosen.set(subject, pair);
  }
  return [...chosen.values()];
}

function differenceOf({ estimates }: PermutationStage, pair: Pair): number {
  return estimates.get(pair.id)?.difference ?? 0;
}

/** Beyond what rows of its quantity moved by in common. */
function standsOut(pair: Pair, stage: PermutationStage): boolean {
  const moves = [...stage.pairs.values()]
    .filter(
      (other) =>
        other.quantity === pair.quantity && other.operation !== null && stage.estimates.has(other.id),
    )
    .map((other) => differenceOf(stage, other));
  if (moves.length < MINIMUM_SPANS) return false;
  const beyond = differenceOf(stage, pair) - median(moves);
  // 1.4826 makes the deviation that of a normal distribution.
  return (
    beyond >=
    Math.max(logLimit(pair.quantity, pair.limit.fail), OUTLYING * 1.4826 * medianAbsoluteDeviation(moves))
  );
}

/** Median over the spans of the difference of the arms, in each round of both stages. */
function movesByRound(spans: readonly Pair[], both: PermutationStage): readonly number[] {
  const moves = new Map<string, number[]>();
  for (const { id } of spans) {
    const joined = both.pairs.get(id);
    if (!joined) continue;
    for (const round of new Set(joined.candidate.map((observation) => observation.round))) {
      const difference = meanLog(joined.candidate, round) - meanLog(joined.baseline, round);
      if (Number.isFinite(difference)) moves.set(round, [...(moves.get(round) ?? []), difference]);
    }
  }
  return [...moves.values()].map((differences) => median(differences));
}

function meanLog(series: Pair['baseline'], round: string): number {
  const logs = series.flatMap((each) => (each.round === round ? [Math.log(each.value)] : []));
  return logs.reduce((sum, log) => sum + log, 0) / logs.length;
}

/** What the client saw of the median comes first, then what is surest. */
function byWeight(
  pairs: readonly Pair[],
  judgements: ReadonlyMap<string, Judgement>,
  { estimates }: PermutationStage,
): readonly Pair[] {
  const fails = ({ id }: Pair): number => (judgements.get(id)?.outcome === 'fail' ? 1 : 0);
  const isClient = ({ span, quantity }: Pair): number => (span === null && quantity === CLIENT ? 1 : 0);
  const t = ({ id }: Pair): number => estimates.get(id)?.t ?? 0;
  return [...pairs].sort(
    (left, right) => fails(right) - fails(left) || isClient(right) - isClient(left) || t(right) - t(left),
  );
}

const CLIENT: Quantity = 'p50';

function hidden(found: Judgement | undefined, standing: string | undefined): Judgement {
  return {
    ...(found ?? judgement('inconclusive', 'moved-together')),
    verdict: 'inconclusive',
    reason: 'moved-together',
    outcome: 'none',
    ...(standing !== undefined && { explainedBy: standing }),
  };
}

function percent(move: number): string {
  const share = 100 * Math.expm1(move);
  return `${share < 0 ? '−' : '+'}${Math.abs(share).toFixed(1)} %`;
}
