/**
 * Compares two measurements under a policy: the one function of this folder that the gate calls. Pure: the same
 * input gives the same comparison.
 */
import type { Policy, TogetherRounds } from '../config.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { assembleRows, inOrder, sideOf } from './assemble.ts';
import { explain } from './attribution.ts';
import { callTreeOf, edgesOf } from './call-tree.ts';
import { COMPARISON_SCHEMA_VERSION, type Comparison, type Row, type TogetherFacts } from './comparison.ts';
import { judgeConcurrency } from './concurrency.ts';
import { explainProbed } from './concurrency-causes.ts';
import { explainErrors } from './error-causes.ts';
import { explanationsOf } from './explanations.ts';
import { DEPENDENCY_SATURATED, gateVerdict, isOpen } from './gate-verdict.ts';
import type { Judged } from './judged.ts';
import type { Loosening } from './loosening.ts';
import { metricTracesOf } from './metric-traces.ts';
import type { Distributions } from './quantile-shifts.ts';
import { isTimed, placedInstances } from './series.ts';
import { type HistoryInput, judgeStored, STORED_ALPHA } from './stored.ts';
import { judgeTogether, sharedRounds } from './together.ts';
import { applyWaivers } from './waivers.ts';
import { judgeWithoutBaseline } from './without-baseline.ts';

export interface CompareInput {
  /** Null where there is none. */
  readonly baseline: Measurement | null;
  readonly candidate: Measurement;
  /** A second, fresh measurement of the candidate, made because `needsConfirmation` said so. */
  readonly confirmation?: Measurement | null;
  /** The baseline's side of the confirming rounds; needed where both were measured together, and only there. */
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
  /**
   * What may trade places in rounds measured together: any instances (the default), or only whole arms, where
   * something such as a database is tied to an arm.
   */
  readonly exchangeable?: 'instances' | 'arms';
  /**
   * Of rounds measured together one by one: what was planned, which decides what this look at them may spend of
   * alpha (`spending.ts`), and the wall time so far. Left out: this is the only look.
   */
  readonly together?: { readonly rounds: TogetherRounds; readonly seconds: number };
  /** What head's limits would let pass and those of `policy.base` do not; every report prints it. */
  readonly loosened?: readonly Loosening[];
  /** Earlier stored runs; used where mode is `stored`. */
  readonly history?: HistoryInput;
  /** What the caller knows and every report should print. */
  readonly warnings?: readonly Warning[];
}

/**
 * The mode follows from the input: `together` where both measurements have rounds of the same id, `none` without a
 * comparable baseline, else `stored`. The warnings of the candidate and of the confirmation ride along.
 */
export function compare(input: CompareInput): Comparison {
  const { candidate, policy } = input;
  const baseline = input.comparability === 'none' ? null : input.baseline;
  const confirmation = baseline === null ? null : (input.confirmation ?? null);
  const given = [...(input.warnings ?? []), ...candidate.warnings, ...(confirmation?.warnings ?? [])];
  const judged = hideBehindDependency(judge(baseline, input), given);
  const warnings = distinct(given, judged.warnings);
  const codes = new Set(warnings.map((warning) => warning.code));
  const measured = baseline && distributionsOf(baseline, input);
  const underLoad = explained(assembleRows(judged), measured);
  const { rows, waivers } = applyWaivers(withProbe(underLoad, baseline, input), {
    waivers: policy.waivers ?? [],
    today: input.createdAt,
    isOpen: (row) => isOpen(row, judged.mode, codes),
  });
  const why = measured === null ? [] : explanationsOf(rows, measured);
  const metricTraces = measured === null ? [] : metricTracesOf(rows, measured.instances.candidate);
  return {
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    tool: input.tool,
    scenario: candidate.scenario,
    createdAt: input.createdAt,
    mode: judged.mode,
    baseline: baseline && sideOf(baseline),
    candidate: sideOf(candidate),
    confirmation: confirmation && sideOf(confirmation),
    verdict: gateVerdict(judged.mode, rows, warnings),
    rows,
    ...(why.length > 0 && { why }),
    ...(metricTraces.length > 0 && { metricTraces }),
    seed: input.seed,
    ...(judged.counted && { together: factsOf(judged.counted, input) }),
    ...(judged.history && { history: judged.history }),
    ...(input.loosened && input.loosened.length > 0 && { loosened: input.loosened }),
    ...(waivers.length > 0 && { waivers }),
    warnings,
    policy: {
      profile: policy.profile,
      // What was spent, and is printed.
      alpha: judged.mode === 'stored' ? { ...policy.alpha, confirm: STORED_ALPHA } : policy.alpha,
      strict: policy.strict,
      requireBaseline: policy.requireBaseline,
    },
  };
}

/**
 * Whether a row that no waiver accepts could fail the gate if a second, fresh measurement showed the same. A suspect
 * that a failing row accounts for (a slow route and the loop of queries below it) would say nothing new.
 */
export function needsConfirmation({ rows }: Comparison): boolean {
  const failing = new Set(rows.filter((row) => row.outcome === 'fail').map((row) => row.id));
  return rows.some(
    (row) =>
      row.reason === 'screened' &&
      row.level === 'fail' &&
      row.waivedBy === undefined &&
      !failing.has(row.explainedBy ?? ''),
  );
}

function judge(baseline: Measurement | null, input: CompareInput): Judged {
  if (baseline === null) return judgeWithoutBaseline(input.candidate, input.policy);
  const together = sharedRounds(baseline, input.candidate).size > 0;
  return together ? judgeTogether({ ...input, baseline }) : judgeStored({ ...input, baseline });
}

/** All that was measured of both builds, in both stages: what is explained needs no stage of its own. */
function distributionsOf(
  baseline: Measurement,
  { candidate, confirmation, baselineConfirmation }: CompareInput,
): Distributions {
  const measurements = {
    baseline: [baseline, ...(baselineConfirmation ? [baselineConfirmation] : [])],
    candidate: [candidate, ...(confirmation ? [confirmation] : [])],
  };
  const placed = (side: readonly Measurement[]) => side.flatMap((each) => placedInstances(each));
  return {
    ...measurements,
    instances: { baseline: placed(measurements.baseline), candidate: placed(measurements.candidate) },
  };
}

function explained(rows: readonly Row[], measured: Distributions | null): readonly Row[] {
  if (measured === null) return rows;
  const { baseline, candidate, instances } = measured;
  const treeOf = (operation: string) =>
    callTreeOf([edgesOf(operation, baseline), edgesOf(operation, candidate)]);
  return explainErrors(explain(rows, instances, treeOf), instances, treeOf);
}

/** A dependency at its limit that both builds share slows both, whichever of them made it slow: no row is unchanged. */
function hideBehindDependency(judged: Judged, given: readonly Warning[]): Judged {
  if (judged.mode !== 'together' || !given.some(({ code }) => code === DEPENDENCY_SATURATED)) return judged;
  const judgements = new Map(judged.judgements);
  for (const { id, quantity } of judged.pairs) {
    const found = judgements.get(id);
    if (found?.verdict !== 'unchanged' || !isTimed(quantity)) continue;
    judgements.set(id, { ...found, verdict: 'inconclusive', reason: 'dependency-saturated' });
  }
  return { ...judged, judgements };
}

function factsOf(counted: NonNullable<Judged['counted']>, input: CompareInput): TogetherFacts {
  return {
    instances: counted.instances,
    screenRounds: counted.screen,
    confirmRounds: counted.confirm,
    exchangeable: input.exchangeable ?? 'instances',
    seconds: input.together?.seconds ?? 0,
    load: input.candidate.workload.model,
  };
}

/** The rows with those of the concurrency probe, where both measurements have one. */
function withProbe(rows: readonly Row[], baseline: Measurement | null, input: CompareInput): readonly Row[] {
  if (baseline === null) return rows;
  const probed = judgeConcurrency({ ...input, baseline });
  if (probed.length === 0) return rows;
  return inOrder([...rows, ...explainProbed(rows, probed, { baseline, candidate: input.candidate })]);
}

/** Where the caller says the same as the judge, in words of its own, the caller knows more. */
function distinct(given: readonly Warning[], found: readonly Warning[]): Warning[] {
  const codes = new Set(given.map((warning) => warning.code));
  const all = [...given, ...found.filter((warning) => !codes.has(warning.code))];
  return [...new Map(all.map((warning) => [`${warning.code} ${warning.message}`, warning])).values()];
}
