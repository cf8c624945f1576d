/**
 * Rows that no round which the gate may still measure could settle. They would hold up all others for nothing: such a
 * row stays able to fail, for a change large enough to show, and is named with what it would have found. While there
 * are rounds left, how much instances of the same arm differ decides; after the last one, rows that are still open are
 * set aside. Rows of a tail are set aside as soon as the planned rounds are there: minutes for all are too much for the
 * noisiest of an operation's figures. A row that something points to is never set aside; whether something does is said
 * by the test over all rows, since among so many some are beyond their limit by chance (docs/statistics.md).
 */
import type { Quantity, TogetherRounds } from '../config.ts';
import type { Warning } from '../measurement.ts';
import type { Row } from './comparison.ts';
import { isWorseWhenLower, type Judgement, logLimit, type Pair } from './judgement.ts';
import { ADEQUATE, PASS_HALF, timesLimit } from './pass-bound.ts';
import { isTimed } from './series.ts';

type StageName = 'screen' | 'confirm';

/** Rounds of one stage so far: those measured, and those of them that nothing made invalid. */
export interface StageRounds {
  readonly measured: number;
  readonly valid: number;
}

/** How far a gate is. */
export interface GateProgress {
  readonly together: Pick<TogetherRounds, 'screen' | 'confirm' | 'atMost' | 'budgetSeconds'>;
  readonly rounds: Readonly<Record<StageName, StageRounds>>;
  /** Since the first round began. */
  readonly elapsedSeconds: number;
}

/** Rows of which one operation has one each, and without which nothing is known about it. */
export function isKeyRow({ span, quantity }: Pick<Row, 'span' | 'quantity'>): boolean {
  return span === null && quantity === 'p50';
}

/** Two and three times as noisy as the median, from the same spans. */
const TAILS: readonly Quantity[] = ['p90', 'p95'];

function isOfTail({ quantity }: Pick<Row, 'quantity'>): boolean {
  return TAILS.includes(quantity);
}

/** From this share of the rows on, tails apart, it is the run that is too noisy, and not some of its rows. */
const TOO_MANY = 0.25;
export const TOO_NOISY_RUN = 'too-noisy';

/**
 * Names rows that read `noisy` and cannot be settled any more; the median of an operation stays open.
 *
 * @param alpha of the whole screening stage: what the test over all rows gives a smaller p is not set aside
 */
export function setAsideTooNoisy(
  judgements: ReadonlyMap<string, Judgement>,
  pairs: readonly Pair[],
  { progress, alpha }: { readonly progress: GateProgress; readonly alpha: number },
): { readonly judgements: ReadonlyMap<string, Judgement>; readonly warnings: readonly Warning[] } {
  const nothing = { judgements: new Map(), warnings: [] };
  const stage = stageOf(progress);
  // Planned rounds are measured in any case, and know better.
  if (progress.rounds[stage].valid < progress.together[stage]) return nothing;
  const { allowed, affordable } = roundsLeft(progress, stage);
  const isOver = Math.min(allowed, affordable) === 0;
  const gating = pairs.filter(
    (pair) => pair.limit.level === 'fail' && isTimed(pair.quantity) && pair.quantity !== 'p99',
  );
  const aside = gating.filter((pair) => {
    const found = judgements.get(pair.id);
    if (found === undefined || isKeyRow(pair) || !isQuiet(found)) return false;
    if (isPointedTo(pair, found, { alpha, stage })) return false;
    if (isOver || isOfTail(pair)) return true;
    return found.reason === 'noisy' && !canSettle(asRow(pair, found), progress);
  });
  if (aside.length === 0) return nothing;
  const noisy = countWithoutTails(aside);
  const counted = countWithoutTails(gating);
  const isTooMany = noisy > TOO_MANY * counted;
  return {
    judgements: new Map(
      aside.flatMap((pair) => {
        const found = judgements.get(pair.id);
        return found ? [[pair.id, { ...found, reason: 'too-noisy' as const }]] : [];
      }),
    ),
    warnings: [isTooMany ? runTooNoisy(noisy, counted) : rowsTooNoisy(aside.length)],
  };
}

/**
 * Whether a row could pass with the rounds that are left, if its effect turned out to
 * be nothing. Widths shrink with the root of the number of rounds.
 */
export function canSettle(
  row: Pick<Row, 'interval' | 'baseline' | 'quantity' | 'limit'>,
  progress: GateProgress,
): boolean {
  const { interval, baseline, quantity, limit } = row;
  if (interval === null || baseline === null) return true;
  const valid = progress.rounds.screen.valid + progress.rounds.confirm.valid;
  const { allowed, affordable } = roundsLeft(progress, stageOf(progress));
  const most = valid + Math.min(allowed, affordable);
  const half = 0.5 * Math.log(interval.upper / interval.lower) * PASS_HALF * Math.sqrt(valid / most);
  return half < timesLimit({ quantity, limit }, ADEQUATE) || baseline * Math.expm1(half) < limit.atLeast;
}

/** Screening keeps as many rounds back as the confirming stage is planned to have. */
export function lastScreeningRound({
  screen,
  confirm,
  atMost,
}: Pick<TogetherRounds, 'screen' | 'confirm' | 'atMost'>): number {
  return Math.max(screen, atMost - confirm);
}

export function stageOf({ rounds }: GateProgress): StageName {
  return rounds.confirm.measured > 0 ? 'confirm' : 'screen';
}

/** Rounds that there may still be if the next one is of this stage: by their number, and by the budget. */
export function roundsLeft(
  { together, rounds, elapsedSeconds }: GateProgress,
  stage: StageName,
): { readonly allowed: number; readonly affordable: number } {
  const done = rounds.screen.measured + rounds.confirm.measured;
  // Screening leaves room for the confirming stage: a suspect that nobody can confirm is worth nothing.
  const most = stage === 'confirm' ? together.atMost : lastScreeningRound(together);
  const perRound = done === 0 ? 0 : elapsedSeconds / done;
  return {
    allowed: Math.max(0, most - done),
    affordable:
      perRound <= 0
        ? Number.POSITIVE_INFINITY
        : Math.max(0, Math.floor((together.budgetSeconds - elapsedSeconds) / perRound)),
  };
}

function countWithoutTails(rows: readonly Pair[]): number {
  return rows.filter((row) => !isOfTail(row)).length;
}

/** Raised no suspicion, or one that fresh rounds did not show. */
function isQuiet({ verdict, reason, interval }: Judgement): boolean {
  if (verdict !== 'inconclusive' || interval === null) return false;
  return reason === 'noisy' || reason === 'not-confirmed';
}

/** Whether it would be wrong to say that a row is open for its noise alone. */
function isPointedTo(
  pair: Pair,
  found: Judgement,
  { alpha, stage }: { readonly alpha: number; readonly stage: StageName },
): boolean {
  // A suspect is one of few, and the rounds that confirm it did not choose it: what they show is a hint.
  if (found.reason === 'not-confirmed') return isBeyondLimit(pair, found) || !holdsNothing(found, 1);
  if (worseBy(pair, found) <= 0) return false;
  // Where it was screened, p is of the screening rounds; what came after has no test of its own for it.
  return (found.p ?? 1) <= alpha || (stage === 'confirm' && !holdsNothing(found, PASS_HALF));
}

/** No change at all is among what the row could be. @param widened halves of its interval of 90 % */
function holdsNothing({ effect, interval }: Judgement, widened: number): boolean {
  if (interval === null || effect === null) return false;
  return (
    Math.log(effect) - widened * Math.log(effect / interval.lower) <= 0 &&
    Math.log(effect) + widened * Math.log(interval.upper / effect) >= 0
  );
}

function isBeyondLimit(pair: Pair, found: Judgement): boolean {
  return worseBy(pair, found) >= logLimit(pair.quantity, pair.limit.fail);
}

/** On the log scale; 0 where nothing is known. */
function worseBy({ quantity }: Pair, { effect }: Judgement): number {
  if (effect === null) return 0;
  return isWorseWhenLower(quantity) ? -Math.log(effect) : Math.log(effect);
}

function asRow({ baseline, quantity, limit }: Pair, { interval }: Judgement) {
  const values = baseline.map(({ value }) => value).sort((left, right) => left - right);
  return { interval, quantity, limit, baseline: values[Math.floor(values.length / 2)] ?? null };
}

function rowsTooNoisy(count: number): Warning {
  return {
    code: 'rows-too-noisy',
    message:
      `${count === 1 ? 'One time row varies' : `${count} time rows vary`} too much between instances of the same ` +
      `build to be settled at ${count === 1 ? 'its limit' : 'their limits'} in the rounds allowed, or planned for a tail; ` +
      `${count === 1 ? 'it' : 'each'} can fail for a larger change alone (the column \`finds\`).`,
  };
}

function runTooNoisy(count: number, gating: number): Warning {
  return {
    code: TOO_NOISY_RUN,
    message:
      `${count} of ${gating} time rows vary too much between instances of the same build to be settled in the ` +
      'rounds allowed: a quieter machine, longer rounds or more of them (`rounds.together`), or wider limits.',
  };
}
