/**
 * What a comparison of two measurements says. `schemas/comparison.schema.json` is generated from these types
 * (`npm run schemas`). Data only: sentences are made in `report/view.ts`.
 */
import type { CoverageState, Level, Limit, Quantity, Waiver } from '../config.ts';
import type { Commit, SpanKey, Warning, WorkloadSummary } from '../measurement.ts';
import type { Explanation } from './explanation.ts';
import type { Loosening } from './loosening.ts';
import type { MetricTraces } from './metric-traces.ts';

export const COMPARISON_SCHEMA_VERSION = 1;

export type RowVerdict = 'regression' | 'improvement' | 'unchanged' | 'inconclusive' | 'added' | 'removed';

export type GateVerdict = 'pass' | 'fail' | 'inconclusive' | 'nothing-compared' | 'skipped' | 'error';

/**
 * Why a row has its verdict.
 * - `calls-constant-changed`: calls were constant per request content on both sides, and differ
 * - `calls-varied-changed`: calls vary within a side, and shifted beyond the limit
 * - `errors-increased`, `errors-decreased`: exact conditional binomial test on both stages
 * - `slower`, `faster`: beyond the limit, with statistical evidence
 * - `screened`: beyond the limit in the first stage, not confirmed yet
 * - `not-confirmed`: beyond the limit in the first stage, not in the confirming one
 * - `below-floor`: a real shift, smaller than the smallest effect that matters
 * - `within-limit`: the upper bound of the effect is below the limit
 * - `noisy`: the interval reaches past the limit, so that neither can be said
 * - `too-few-samples`, `too-few-instances`: not gated
 * - `unlike-machine`: advisory, since the baseline is from another machine or other versions
 * - `no-baseline`: there is nothing to compare with
 * - `new-span`, `missing-span`: the span key is on one side only
 * - `collapsed`: calls fell to less than a tenth
 * - `moved-together`: worse, as nearly all rows are: one row stands for them all, or the machine is in doubt
 * - `metric-missing`: a metric that the configuration names did not arrive from all instances
 * - `dependency-saturated`: builds measured together shared a dependency at its limit, which hides what differs
 */
export type RowReason =
  | 'calls-constant-changed'
  | 'calls-constant-same'
  | 'calls-varied-changed'
  | 'errors-increased'
  | 'errors-decreased'
  | 'slower'
  | 'faster'
  | 'screened'
  | 'not-confirmed'
  | 'below-floor'
  | 'within-limit'
  | 'noisy'
  | 'too-noisy'
  | 'too-few-samples'
  | 'incomplete'
  | 'too-few-instances'
  | 'unlike-machine'
  | 'no-baseline'
  | 'new-span'
  | 'missing-span'
  | 'collapsed'
  | 'moved-together'
  | 'metric-missing'
  | 'dependency-saturated';

export interface Interval {
  readonly lower: number;
  readonly upper: number;
  /** Confidence level, e.g. 0.95. */
  readonly level: number;
}

export interface Row {
  /**
   * `operation | span key id or "-" | quantity`, with ` | concurrency` behind it for rows of the concurrency probe;
   * unique in a comparison and stable between runs.
   */
  readonly id: string;
  /** Name of the request in the workload; null for spans outside any request. */
  readonly operation: string | null;
  /** Null where the quantity is the load client's: latency, errors and throughput of the operation. */
  readonly span: SpanKey | null;
  readonly quantity: Quantity;
  readonly unit:
    | 'seconds'
    | 'share'
    | 'calls-per-request'
    | 'requests-per-second'
    | 'records-per-request'
    | 'metric';
  readonly verdict: RowVerdict;
  readonly reason: RowReason;
  /** What the row does to the gate: a regression at level `fail` beyond `limit.fail` fails it. */
  readonly outcome: 'fail' | 'warn' | 'none';
  readonly level: Level;
  /** Value of each side in `unit`: the median of its instances (calls, error rate: total over requests). */
  readonly baseline: number | null;
  readonly candidate: number | null;
  /**
   * Candidate divided by baseline; null where the baseline is zero or a side is missing. In rounds measured together
   * it is the mean over rounds of what the two arms of a round differ by, on the log scale.
   */
  readonly effect: number | null;
  /** Candidate less baseline, in `unit`. */
  readonly shift: number | null;
  /** Of `effect`. */
  readonly interval: Interval | null;
  /**
   * One-sided, in the direction of the effect; never 0. Adjusted for all rows of the family; against a stored baseline
   * that of this row alone for times and calls, since there a second measurement guards against many rows.
   */
  readonly p: number | null;
  /** Smallest effect minus 1 that this run would have found nine times in ten; 0.04 is 4 %. */
  readonly minimumDetectable: number | null;
  readonly limit: Limit;
  /** Samples on each side: instances, and spans or requests in all. */
  readonly samples: {
    readonly baseline: {
      readonly instances: number;
      readonly observations: number;
      /** The row was judged by so many stored runs: its baseline and values are the runs' medians. */
      readonly runs?: number;
    };
    readonly candidate: { readonly instances: number; readonly observations: number };
  };
  /** Value of every valid instance in `unit`, in order of rounds, for reports that draw the spread. */
  readonly values: { readonly baseline: readonly number[]; readonly candidate: readonly number[] };
  /** `concurrency`: seen by the concurrency probe, several requests at a time. Absent: under the load itself. */
  readonly under?: 'concurrency';
  /** Index in `Comparison.waivers` of the waiver that keeps this row from failing the gate, or from keeping it open. */
  readonly waivedBy?: number;
  /** Of log records: the service that wrote them; of a metric that is of one service, that service. */
  readonly service?: string;
  /** Of a metric: its name in the configuration, and its unit as OpenTelemetry writes it. */
  readonly metric?: { readonly name: string; readonly unit: string };
  /** The row whose own change accounts for this one (a slower child), by `id`. */
  readonly explainedBy?: string;
}

/** A waiver of the policy, and what became of it. */
export interface AppliedWaiver extends Waiver {
  /**
   * `applied`: it keeps a row from failing the gate, or from keeping it open; `unneeded`: its row is there and needs
   * no waiver; `unmatched`: no such row; `expired`: its last day is over.
   */
  readonly state: 'applied' | 'unneeded' | 'unmatched' | 'expired';
}

/** How two builds were measured together. */
export interface TogetherFacts {
  /** Instances a round of each build. */
  readonly instances: number;
  /** Rounds of each stage that counted. */
  readonly screenRounds: number;
  readonly confirmRounds: number;
  readonly exchangeable: 'instances' | 'arms';
  /** Wall time of the rounds, set-up of the builds not counted. */
  readonly seconds: number;
  /** How both were loaded. */
  readonly load?: WorkloadSummary['model'];
}

/** The stored runs behind a comparison with a stored baseline. */
export interface StoredHistory {
  /** Complete runs of this machine and workload; time rows that ten and more of them have are judged by them. */
  readonly runs: number;
  /** Commits between the baseline's and the candidate's; null where git could not tell. */
  readonly distance: number | null;
  /** Of the machine and the versions that decide how fast the same code runs. */
  readonly fingerprint: string;
  /** A fixed run of long ago; absent where the configuration names none, or none is stored. */
  readonly anchor?: {
    /** As in the configuration: a commit, a tag or a date. */
    readonly name: string;
    readonly side: Side;
    /** Rows that are beyond their limit against the anchor and not against the baseline, largest first. */
    readonly crept: readonly Crept[];
  };
}

export interface Crept {
  /** `Row.id`. */
  readonly row: string;
  /** Candidate divided by anchor. */
  readonly effect: number;
}

/** A measurement as a comparison remembers it. */
export interface Side {
  /** What it is where folders or environments are compared, such as `build-a, FLAG=1`; else its commit says it. */
  readonly source?: string;
  readonly id: string;
  readonly createdAt: string;
  readonly commit: Commit | null;
  readonly rounds: number;
  readonly instances: number;
  readonly environment: string;
}

/**
 * What the baseline leads one to expect of the telemetry, and how it is otherwise: a row without figures, which no
 * statistics judge.
 */
export interface CoverageRow {
  /** Unique in its comparison. */
  readonly id: string;
  readonly state: CoverageState;
  /** States at level `off` have no row; those at level `fail` fail the gate, unless a person accepted all of it. */
  readonly level: Exclude<Level, 'off'>;
  /** Null where it is about several, or about none. */
  readonly operation: string | null;
  readonly service: string | null;
  /** One or two whole sentences: what, where, what to do. */
  readonly message: string;
}

export interface Comparison {
  readonly schemaVersion: typeof COMPARISON_SCHEMA_VERSION;
  readonly tool: string;
  readonly scenario: string;
  readonly createdAt: string;
  /**
   * `together`: rounds measured side by side, judged by permutation of labels;
   * `stored`: against a stored baseline, where time rows need 25 % and a second measurement;
   * `none`: there is no comparable baseline.
   */
  readonly mode: 'together' | 'stored' | 'none';
  readonly baseline: Side | null;
  readonly candidate: Side;
  /** The fresh measurement that confirmed or cleared suspects; null where none was needed or allowed. */
  readonly confirmation: Side | null;
  readonly verdict: GateVerdict;
  /** Codes of the warnings that fail it, whatever its rows say; absent: none does. */
  readonly failedBy?: readonly string[];
  /** Rows with an outcome other than `none` first, then by size of effect. */
  readonly rows: readonly Row[];
  /** Those that fail first; absent: the telemetry is what the baseline leads one to expect. */
  readonly coverage?: readonly CoverageRow[];
  /** Why operations changed, in the order of the rows; absent where none did. */
  readonly why?: readonly Explanation[];
  /** Of metrics with a row, traces of the candidate in which they had their largest values; absent: none are known. */
  readonly metricTraces?: readonly MetricTraces[];
  readonly seed: number;
  /** Only where mode is `together`. */
  readonly together?: TogetherFacts;
  /** What the two sides are called, such as A and B where two folders are compared; absent: baseline and candidate. */
  readonly names?: { readonly baseline: string; readonly candidate: string };
  /** Only where mode is `stored`, and other runs were looked for. */
  readonly history?: StoredHistory;
  /** What head's limits would let pass and those of base flag; the stricter ones were used. Absent: nothing. */
  readonly loosened?: readonly Loosening[];
  /** Absent where the policy has none. */
  readonly waivers?: readonly AppliedWaiver[];
  readonly warnings: readonly Warning[];
  readonly policy: {
    readonly profile: string;
    readonly alpha: { readonly screen: number; readonly confirm: number };
    readonly strict: boolean;
    readonly requireBaseline: boolean;
  };
}

/** What `spangate gate` writes and `spangate report` reads: one comparison a scenario. */
export interface GateResult {
  readonly schemaVersion: typeof COMPARISON_SCHEMA_VERSION;
  /** The worst of the scenarios' verdicts. */
  readonly verdict: GateVerdict;
  readonly comparisons: readonly Comparison[];
}
