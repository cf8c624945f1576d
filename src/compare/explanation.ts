/**
 * Why an operation changed: where its time went, which calls differ, which errors came, and traces to look at. Part of
 * a Comparison; data only.
 */
import type { Exemplar, LogLine, SpanKey } from '../measurement.ts';

/** A figure of each side. */
export interface Sides {
  readonly baseline: number;
  readonly candidate: number;
}

export interface Explanation {
  readonly operation: string;
  /** How the change of the mean latency splits up; absent where a side has no latency. */
  readonly time?: TimeSplit;
  /** The same of the slowest tenth of the requests; absent where a side does not have it. */
  readonly tail?: TimeSplit;
  /** Largest change first. */
  readonly calls: readonly CallChange[];
  readonly errors: readonly ErrorChange[];
  readonly renames: readonly Rename[];
  /** Of what changed in time. */
  readonly distributions: readonly QuantileShifts[];
  readonly exemplars: { readonly baseline: readonly Exemplar[]; readonly candidate: readonly Exemplar[] };
  /** What was logged in the exemplars, in the order of time in each; absent where nothing was kept. */
  readonly logLines?: readonly LogLine[];
}

/** Mean seconds a request, split over the spans below. `shift` is the sum of the parts' shifts and that of the rest. */
export interface TimeSplit {
  /** `self-time` where a side has no critical paths: what runs side by side counts more than once then. */
  readonly by: 'critical-path' | 'self-time';
  readonly baseline: number;
  readonly candidate: number;
  readonly shift: number;
  /** Largest shift first. */
  readonly parts: readonly TimePart[];
  /** What no span accounts for: the way between the load client and the root span, and queues before it. */
  readonly rest: Sides & { readonly shift: number };
}

/** What one span takes of a request. */
export interface TimePart extends Sides {
  readonly span: SpanKey;
  readonly shift: number;
  /** Of `shift`, from the spread between instances; null where a side has one instance. */
  readonly standardError: number | null;
  /** A request. */
  readonly calls: Sides;
  /** What the change of the number of calls makes of `shift`, and what that of the time of a call makes; exact. */
  readonly byCalls: number;
  readonly byTimeOfCall: number;
}

/**
 * - `new`, `gone`: on one side only
 * - `more`, `fewer`: calls a request
 * - `serial`, `parallel`: calls that ran side by side run one after another now, or the other way round
 * - `retried`: called again after it had failed
 */
export type CallChangeKind = 'new' | 'gone' | 'more' | 'fewer' | 'serial' | 'parallel' | 'retried';

/** A call from spans of one key to spans of another. */
export interface CallChange {
  /** Null for a root span. */
  readonly from: SpanKey | null;
  readonly to: SpanKey;
  readonly kinds: readonly CallChangeKind[];
  /** A request. */
  readonly calls: Sides;
  /** Share of the calls that were begun while another call of the same parent was running. */
  readonly overlapping: Sides;
  /** A request. */
  readonly retries: Sides;
}

export interface ErrorChange {
  /** Null for what the load client saw. */
  readonly span: SpanKey | null;
  readonly errorType: string;
  /** Share of the calls, or of the requests. */
  readonly share: Sides;
  readonly count: Sides;
}

/** Two span keys, one on each side, at the same place in the same traces: most likely one under another name. */
export interface Rename {
  readonly from: SpanKey;
  readonly to: SpanKey;
}

/** Two distributions by quantile; lists of one length. Seconds. */
export interface QuantileShifts {
  /** Null for the latency that the load client saw. */
  readonly span: SpanKey | null;
  readonly at: readonly number[];
  readonly baseline: readonly number[];
  readonly candidate: readonly number[];
  /** Of candidate divided by baseline, from the spread between instances; absent where that is not known. */
  readonly interval?: {
    readonly lower: readonly number[];
    readonly upper: readonly number[];
    readonly level: number;
  };
}
