/**
 * The procedure of paired mode, one round at a time: what to measure next, or that the gate is done. Pure; the gate
 * calls it before the first round and after each:
 *
 *   for (;;) {
 *     const step = nextStep({ together, rounds, comparison, elapsedSeconds: run.elapsedSeconds() });
 *     if (step.kind === 'stop') break;
 *     await run.measureRound({ stage: step.stage, probe: step.probe });
 *     comparison = compare({ …, together: { rounds: together, seconds: run.elapsedSeconds() } });
 *   }
 *
 * The verdict is that of the last comparison. `together` has to be handed to `compare`: from it comes the alpha that
 * the look after these rounds may spend, so that looking after every round costs no error rate (docs/statistics.md).
 */
import type { TogetherRounds } from '../config.ts';
import { needsConfirmation } from './compare.ts';
import type { Comparison, Row, RowReason } from './comparison.ts';
import { isOpen } from './gate-verdict.ts';
import { isOfErrors } from './series.ts';
import { canSettle, type GateProgress, isKeyRow, roundsLeft, stageOf } from './too-noisy.ts';

/** What the gate does next, and why; the reason is for progress lines and reports. */
export type Step = MeasureStep | StopStep;

export interface MeasureStep {
  readonly kind: 'measure';
  readonly stage: 'screen' | 'confirm';
  /**
   * Ends the round with the concurrency probe: the first round that counted has it, and the first of the confirming
   * stage where it found a suspect.
   */
  readonly probe: boolean;
  readonly why: 'planned' | 'suspects' | 'open';
}

export interface StopStep {
  readonly kind: 'stop';
  /**
   * - `passed`, `failed`: the verdict is final, whatever else would be measured
   * - `settled`: all rounds that are planned are there, and further ones would change nothing
   * - `hopeless`: a row is open, and so noisy that the rounds that are left could not settle it
   * - `rounds`, `budget`: rows are open, and no further round is allowed
   */
  readonly why: 'passed' | 'failed' | 'settled' | 'hopeless' | 'rounds' | 'budget';
}

/** Rounds of one stage so far: those measured, and those of them that nothing made invalid. */
export type StageRounds = GateProgress['rounds']['screen'];

export interface Progress extends GateProgress {
  /** The plan. */
  readonly together: TogetherRounds;
  /** Of all rounds so far; null where no round counts yet. */
  readonly comparison: Comparison | null;
}

export function nextStep(progress: Progress): Step {
  const { comparison, rounds, together } = progress;
  if (comparison === null) return further('screen', progress, 'planned');
  const stage = stageOf(progress);
  if (comparison.verdict === 'fail') {
    const isTold = stage === 'screen' || !isCoarse(comparison) || !hasOpenSuspects(comparison);
    return isTold || rounds.confirm.valid >= together.confirm
      ? { kind: 'stop', why: 'failed' }
      : further('confirm', progress, 'planned');
  }
  if (stage === 'screen' && needsConfirmation(comparison)) return further('confirm', progress, 'suspects');
  const open = openRows(comparison);
  if (open.length === 0 && !isWaiting(comparison)) {
    return { kind: 'stop', why: comparison.verdict === 'pass' ? 'passed' : 'settled' };
  }
  if (rounds[stage].valid < together[stage]) return further(stage, progress, 'planned');
  if (open.length === 0) return { kind: 'stop', why: 'settled' };
  const step = further(stage, progress, 'open');
  return step.kind === 'measure' && isHopeless(open, progress) ? { kind: 'stop', why: 'hopeless' } : step;
}

/** What a saturated dependency hides, and what nobody reports, no round shows. */
const UNSETTLED: readonly RowReason[] = ['dependency-saturated', 'metric-missing'];

/** Rows that keep the gate from a verdict, and that further rounds could settle. */
export function openRows(comparison: Comparison): readonly Row[] {
  const codes = new Set(comparison.warnings.map((warning) => warning.code));
  return comparison.rows.filter((row) => {
    // The probe is made once a stage.
    if (row.under !== undefined || UNSETTLED.includes(row.reason)) return false;
    if (row.waivedBy !== undefined) return false;
    return isOpen(row, comparison.mode, codes) || isBorderline(row);
  });
}

/** Fails by rows of the concurrency probe alone, which say that something is wrong and seldom what. */
function isCoarse({ rows }: Comparison): boolean {
  return rows.every(({ outcome, under }) => outcome !== 'fail' || under === 'concurrency');
}

/** How suspects read while they are neither. */
const UNCONFIRMED: readonly RowReason[] = ['screened', 'too-few-instances', 'not-confirmed'];

/** Times that looked worse, and that confirming rounds have neither confirmed nor cleared so far. */
function hasOpenSuspects({ rows }: Comparison): boolean {
  return rows.some(
    (row) =>
      row.under === undefined &&
      row.level === 'fail' &&
      row.verdict === 'inconclusive' &&
      row.waivedBy === undefined &&
      UNCONFIRMED.includes(row.reason),
  );
}

/** Rows of the concurrency probe or of errors wait for the planned rounds, and for no further one. */
function isWaiting({ rows }: Comparison): boolean {
  return rows.some(
    (row) =>
      row.level === 'fail' &&
      row.verdict === 'inconclusive' &&
      row.waivedBy === undefined &&
      (row.reason === 'screened' || (isOfErrors(row.quantity) && row.reason !== 'too-few-samples')),
  );
}

/** Confirmed, and neither beyond the limit nor clearly below it. */
function isBorderline({ verdict, outcome, reason, level, limit, interval, quantity }: Row): boolean {
  if (verdict !== 'regression' || reason !== 'slower' || outcome !== 'warn' || level !== 'fail') return false;
  if (interval === null) return false;
  return quantity === 'throughput' ? interval.lower <= 1 - limit.fail : interval.upper >= 1 + limit.fail;
}

/** Rows that cannot be settled any more are set aside; but without its median, nothing is known about an operation. */
function isHopeless(open: readonly Row[], progress: Progress): boolean {
  return open.some((row) => isKeyRow(row) && row.reason === 'noisy' && !canSettle(row, progress));
}

/** A further round, where the number of rounds and the budget allow one. */
function further(stage: MeasureStep['stage'], progress: Progress, why: MeasureStep['why']): Step {
  const { together, rounds } = progress;
  const { allowed, affordable } = roundsLeft(progress, stage);
  if (allowed <= 0) return { kind: 'stop', why: 'rounds' };
  if (affordable <= 0) return { kind: 'stop', why: 'budget' };
  const isFirst = together.probe !== null && rounds[stage].valid === 0;
  return {
    kind: 'measure',
    stage,
    probe: isFirst && (stage === 'screen' || hasProbeSuspects(progress)),
    why,
  };
}

/** Only what a probe found needs another one, which takes a second of every instance. */
function hasProbeSuspects({ comparison }: Progress): boolean {
  return comparison?.rows.some(({ under, reason }) => under !== undefined && reason === 'screened') ?? false;
}
