/** Whether the gate caught what the self test injected, by which row, and why it did not. */
import type { SpanKey, Warning } from '../measurement.ts';
import type { Comparison, GateVerdict, Row } from './comparison.ts';
import { gateVerdict } from './gate-verdict.ts';
import type { InjectionPlan, PlannedPlace } from './injection-plan.ts';

export const SELF_TEST_SCHEMA_VERSION = 1;

/** What `spangate selftest` writes: one test a scenario. */
export interface SelfTestResult {
  readonly schemaVersion: typeof SELF_TEST_SCHEMA_VERSION;
  /** Whether everything that was injected was caught. */
  readonly passed: boolean;
  readonly tests: readonly SelfTest[];
}

export interface SelfTest {
  readonly scenario: string;
  readonly tool: string;
  readonly createdAt: string;
  readonly seed: number;
  readonly passed: boolean;
  readonly findings: readonly InjectionFinding[];
  /** Of the gate on the service as it is against the changed one. */
  readonly verdict: GateVerdict;
  /** Rows that fail it beside those of the changed spans: what waits for them, such as the operation as a whole. */
  readonly followers: number;
  readonly rounds: number;
  /** Instances of each arm in a round. */
  readonly instances: number;
  /** Wall time of the rounds, and of the look before them. */
  readonly seconds: number;
  readonly lookSeconds: number;
  readonly warnings: readonly Warning[];
}

export interface InjectionFinding {
  readonly injection: 'delay' | 'extra-call';
  readonly operation: string;
  readonly span: SpanKey;
  /** Seconds, or calls a request; and what the span had before. */
  readonly injected: number;
  readonly usual: number;
  /** What the row of the span shows: shift in the same unit, and the interval of the shift. Null: no such row. */
  readonly seen: number | null;
  readonly interval: { readonly lower: number; readonly upper: number; readonly level: number } | null;
  /** Whether the interval holds what was injected; null where there is none. */
  readonly contains: boolean | null;
  /** Id of the row of this span that fails the gate; null where none does. */
  readonly caughtBy: string | null;
  /** Only where it was missed. */
  readonly missed: Miss | null;
}

export interface Miss {
  /**
   * `no-row`: the span was not seen in both arms; `not-gated`: the level of its limit is not `fail`; `waived`;
   * `limit-larger`: the limit is more than was injected; `too-few`: too few spans, instances or labelings;
   * `noisy`: the row varies too much to tell.
   */
  readonly why: 'no-row' | 'not-gated' | 'waived' | 'limit-larger' | 'too-few' | 'noisy';
  /** The row that should have caught it. */
  readonly row: Pick<Row, 'id' | 'verdict' | 'reason' | 'limit' | 'minimumDetectable'> | null;
}

/** What a delay shows in, the most telling first. */
const DELAYED: readonly Row['quantity'][] = ['p50', 'p90', 'p95', 'p99', 'self'];

export function checkInjections(plan: InjectionPlan, comparison: Comparison): readonly InjectionFinding[] {
  const { delay, extra } = plan;
  return [
    found(
      { injection: 'delay', place: delay, injected: delay.seconds, usual: delay.usual },
      rowsOf(comparison, delay, DELAYED),
    ),
    found(
      { injection: 'extra-call', place: extra, injected: 1, usual: extra.usual },
      rowsOf(comparison, extra, ['calls']),
    ),
  ];
}

/**
 * The comparison as if nothing but the delay could fail: what else fails, such as the extra call after one round, must
 * not end the measuring before the delay is decided.
 */
export function untilDelayIsDecided(plan: InjectionPlan, comparison: Comparison): Comparison {
  const rows = comparison.rows.filter(
    (row) => row.outcome !== 'fail' || (isOf(row, plan.delay) && DELAYED.includes(row.quantity)),
  );
  return { ...comparison, rows, verdict: gateVerdict(comparison.mode, rows, comparison.warnings) };
}

/** Ids of failing rows of other spans and operations. */
export function followersOf(plan: InjectionPlan, { rows }: Comparison): readonly string[] {
  const places = [plan.delay, plan.extra];
  return rows
    .filter((row) => row.outcome === 'fail' && !places.some((place) => isOf(row, place)))
    .map(({ id }) => id);
}

function rowsOf({ rows }: Comparison, place: PlannedPlace, quantities: readonly Row['quantity'][]): Row[] {
  return quantities.flatMap((quantity) =>
    rows.filter((row) => row.quantity === quantity && row.under === undefined && isOf(row, place)),
  );
}

function isOf({ operation, span }: Row, place: PlannedPlace): boolean {
  const { service, kind, name } = place.span;
  return (
    operation === place.operation && span?.service === service && span.kind === kind && span.name === name
  );
}

interface Injected {
  readonly injection: InjectionFinding['injection'];
  readonly place: PlannedPlace;
  readonly injected: number;
  readonly usual: number;
}

/** @param rows those that can catch it, the most telling first */
function found({ injection, place, injected, usual }: Injected, rows: readonly Row[]): InjectionFinding {
  const [first] = rows;
  const caught = rows.find((row) => row.outcome === 'fail');
  const interval = first ? shiftInterval(first) : null;
  return {
    injection,
    operation: place.operation,
    span: place.span,
    injected,
    usual,
    seen: first?.shift ?? null,
    interval,
    contains: interval && interval.lower <= injected && injected <= interval.upper,
    caughtBy: caught?.id ?? null,
    missed: caught ? null : missOf(first, injected),
  };
}

function shiftInterval({ interval, baseline }: Row): InjectionFinding['interval'] {
  if (interval === null || baseline === null) return null;
  return {
    lower: baseline * (interval.lower - 1),
    upper: baseline * (interval.upper - 1),
    level: interval.level,
  };
}

function missOf(row: Row | undefined, injected: number): Miss {
  if (!row || row.baseline === null || row.candidate === null) return { why: 'no-row', row: null };
  const { id, verdict, reason, limit, minimumDetectable } = row;
  return {
    why: whyMissed(row, row.baseline, injected),
    row: { id, verdict, reason, limit, minimumDetectable },
  };
}

function whyMissed(row: Row, baseline: number, injected: number): Miss['why'] {
  if (row.waivedBy !== undefined) return 'waived';
  if (row.level !== 'fail') return 'not-gated';
  if (row.reason.startsWith('too-few')) return 'too-few';
  const isSmall = injected < row.limit.atLeast || injected < row.limit.fail * baseline;
  return isSmall ? 'limit-larger' : 'noisy';
}
