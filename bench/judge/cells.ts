/** One cell of the tables: many gates of one bank, profile and known change, counted. */
import type { Row } from '../../src/compare/comparison.ts';
import { spanKeyId } from '../../src/measurement.ts';
import { deriveSeed, seededRandom, shuffled } from '../../src/random.ts';
import { drawGate, type GateDesign, type Injection, NO_INJECTION, type RecordedRound } from './gates.ts';
import { failing, oneMoreCall, slower, slowerTail, type Target, targetsOf } from './injections.ts';

export type Change =
  | { readonly kind: 'none' }
  | { readonly kind: 'slower' | 'tenth' | 'hundredth' | 'errors'; readonly share: number }
  | { readonly kind: 'call' };

export interface Cell {
  readonly change: Change;
  /** Smallest median of the spans that are changed, in seconds. */
  readonly atLeast: number;
  /** Part of the keys of the spans that are changed; '' for all. */
  readonly span: string;
  readonly seed: number;
}

/** Counts that can be added up over workers and batches. */
export interface Tally {
  gates: number;
  fail: number;
  pass: number;
  inconclusive: number;
  /** Gates in which a row of the changed span, or of what is above it, fails. */
  found: number;
  /** Gates in which a row fails that has nothing to do with the change. */
  wrong: number;
  rounds: number;
  confirmed: number;
  seconds: number[];
  /** Intervals of rows whose true change is known, and those that hold it. */
  intervals: number;
  covering: number;
  gatedRows: number;
  /** What kept gates open: `reason quantity`, how often. */
  open: Record<string, number>;
  why: Record<string, number>;
}

export function emptyTally(): Tally {
  return {
    gates: 0,
    fail: 0,
    pass: 0,
    inconclusive: 0,
    found: 0,
    wrong: 0,
    rounds: 0,
    confirmed: 0,
    seconds: [],
    intervals: 0,
    covering: 0,
    gatedRows: 0,
    open: {},
    why: {},
  };
}

export function addTally(to: Tally, other: Tally): void {
  for (const key of [
    'gates',
    'fail',
    'pass',
    'inconclusive',
    'found',
    'wrong',
    'rounds',
    'confirmed',
    'intervals',
    'covering',
    'gatedRows',
  ] as const) {
    to[key] += other[key];
  }
  to.seconds.push(...other.seconds);
  for (const list of ['open', 'why'] as const) {
    for (const [name, count] of Object.entries(other[list])) to[list][name] = (to[list][name] ?? 0) + count;
  }
}

/**
 * @param batch the gates of a batch share a resample of the rounds: drawn with replacement, each kept once, so that the
 *   spread between batches shows how much hangs on which rounds were recorded
 */
export function runBatch(
  bank: readonly RecordedRound[],
  design: GateDesign,
  { cell, batch, gates }: { readonly cell: Cell; readonly batch: number; readonly gates: number },
): Tally {
  const random = seededRandom(deriveSeed(cell.seed, 77, batch));
  const rounds = resampled(bank, design.together.atMost, random);
  const targets = shuffled(
    commonTargets(bank, cell.atLeast).filter(({ span }) => span.includes(cell.span)),
    random,
  );
  if (targets.length === 0 && cell.change.kind !== 'none') return emptyTally();
  const tally = emptyTally();
  for (let gate = 0; gate < gates; gate += 1) {
    const target = targets[gate % Math.max(1, targets.length)];
    const drawn = drawGate(rounds, design, {
      random,
      injection: injectionOf(cell.change, target, random),
      seed: deriveSeed(cell.seed, batch, gate),
    });
    count(tally, drawn, cell.change, target);
  }
  return tally;
}

function resampled(bank: readonly RecordedRound[], least: number, random: () => number): RecordedRound[] {
  const drawn = new Set(bank.map(() => bank[Math.floor(random() * bank.length)] as RecordedRound));
  // A gate may use so many, and none twice.
  for (const round of shuffled(bank, random)) if (drawn.size < least) drawn.add(round);
  return [...drawn];
}

/** Spans that are long enough in most rounds. */
function commonTargets(bank: readonly RecordedRound[], atLeast: number): Target[] {
  const seen = new Map<string, { target: Target; rounds: number }>();
  for (const round of bank) {
    for (const target of targetsOf(round, atLeast)) {
      const key = `${target.operation} | ${target.span}`;
      seen.set(key, { target, rounds: (seen.get(key)?.rounds ?? 0) + 1 });
    }
  }
  return [...seen.values()].filter(({ rounds }) => rounds > bank.length / 2).map(({ target }) => target);
}

function injectionOf(change: Change, target: Target | undefined, random: () => number): Injection {
  if (change.kind === 'none') return NO_INJECTION;
  if (!target) throw new Error('no span is long enough to be changed');
  if (change.kind === 'slower') return slower(target, change.share);
  if (change.kind === 'errors') return failing(target, change.share, random);
  return change.kind === 'call' ? oneMoreCall(target) : slowerTail(target, change.share, change.kind);
}

function count(
  tally: Tally,
  drawn: ReturnType<typeof drawGate>,
  change: Change,
  target: Target | undefined,
): void {
  const { comparison, failed, rounds, seconds, why } = drawn;
  tally.gates += 1;
  tally.rounds += rounds.screen + rounds.confirm;
  tally.seconds.push(Math.round(seconds));
  if (rounds.confirm > 0) tally.confirmed += 1;
  if (comparison.verdict === 'fail') tally.fail += 1;
  else if (comparison.verdict === 'pass') tally.pass += 1;
  else tally.inconclusive += 1;
  tally.why[why] = (tally.why[why] ?? 0) + 1;
  if (change.kind === 'none' || !target) tally.wrong += failed.length > 0 ? 1 : 0;
  else {
    if (failed.some((row) => isChanged(row, target))) tally.found += 1;
    if (failed.some((row) => row.operation !== target.operation)) tally.wrong += 1;
  }
  for (const row of comparison.rows) {
    if (row.level !== 'fail') continue;
    tally.gatedRows += 1;
    if (row.verdict === 'inconclusive' && row.quantity !== 'error-rate') {
      const name = `${row.reason} ${row.quantity}`;
      if (row.reason !== 'too-few-samples') tally.open[name] = (tally.open[name] ?? 0) + 1;
    }
    const truth = truthOf(row, change, target);
    if (truth === null || row.interval === null) continue;
    tally.intervals += 1;
    if (row.interval.lower <= truth && truth <= row.interval.upper) tally.covering += 1;
  }
}

/** The span itself, or what is above it: its server span and the client's rows. */
function isChanged({ operation, span }: Row, target: Target): boolean {
  if (operation !== target.operation) return false;
  if (span === null || span.kind === 'server' || span.name.startsWith('GET ')) return true;
  return spanKeyId(span) === target.span;
}

/** The true effect of a row's quantity; null where it is not known or not a time. */
function truthOf(
  { operation, span, quantity }: Row,
  change: Change,
  target: Target | undefined,
): number | null {
  if (quantity === 'calls' || quantity === 'error-rate') return null;
  if (change.kind === 'none') return 1;
  if (operation !== target?.operation) return 1;
  if (change.kind !== 'slower' || span === null || spanKeyId(span) !== target.span) return null;
  return 1 + change.share;
}
