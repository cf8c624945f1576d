/**
 * Compares two measurements under a policy: the one function of this folder that the gate calls. Pure: the same
 * input gives the same comparison.
 */
import type { Policy } from '../config.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { assembleRows, sideOf } from './assemble.ts';
import type { Comparison } from './comparison.ts';
import { COMPARISON_SCHEMA_VERSION } from './comparison.ts';
import { gateVerdict } from './gate-verdict.ts';
import { judgeStored } from './stored.ts';
import { judgeWithoutBaseline } from './without-baseline.ts';

export interface CompareInput {
  /** Null where there is none. */
  readonly baseline: Measurement | null;
  readonly candidate: Measurement;
  /** A second, fresh measurement of the candidate, made because `needsConfirmation` said so. */
  readonly confirmation?: Measurement | null;
  /** The baseline's side of the confirming rounds, where both are measured together. */
  readonly baselineConfirmation?: Measurement | null;
  readonly policy: Policy;
  /** Picks the labelings; printed in every report. */
  readonly seed: number;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Name and version of this program. */
  readonly tool: string;
  /** Whether the baseline is from a like machine and like versions; `none`: it must not be compared at all. */
  readonly comparability: 'like' | 'unlike' | 'none';
  /** What the caller knows and every report should print. */
  readonly warnings?: readonly Warning[];
}

export function compare(input: CompareInput): Comparison {
  const { candidate, policy } = input;
  const baseline = input.comparability === 'none' ? null : input.baseline;
  const judged =
    baseline === null ? judgeWithoutBaseline(candidate, policy) : judgeStored({ ...input, baseline });
  const rows = assembleRows(judged.pairs, judged.judgements);
  const warnings = [...(input.warnings ?? []), ...candidate.warnings, ...judged.warnings];
  return {
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    tool: input.tool,
    scenario: candidate.scenario,
    createdAt: input.createdAt,
    mode: judged.mode,
    baseline: baseline && sideOf(baseline),
    candidate: sideOf(candidate),
    confirmation: baseline && input.confirmation ? sideOf(input.confirmation) : null,
    verdict: gateVerdict(judged.mode, rows, warnings),
    rows,
    seed: input.seed,
    warnings,
    policy: {
      profile: policy.profile,
      alpha: policy.alpha,
      strict: policy.strict,
      requireBaseline: policy.requireBaseline,
    },
  };
}

/** Whether a row could fail the gate if a second, fresh measurement showed the same. */
export function needsConfirmation(comparison: Comparison): boolean {
  return comparison.rows.some((row) => row.reason === 'screened' && row.level === 'fail');
}
