/** The view model: what every format is given. Made by `viewOf`. */
import type { CoverageRow, GateVerdict, Row, RowReason } from '../compare/comparison.ts';
import type { Explanation } from '../compare/explanation.ts';
import type { Measured } from './measured.ts';
import type { Phrase } from './phrase.ts';
import type { FirstLine } from './why.ts';

export interface View {
  readonly verdict: GateVerdict;
  /** First line of every format: the verdict and the worst cause. */
  readonly headline: Phrase;
  readonly scenarios: readonly ScenarioView[];
}

export interface ScenarioView {
  readonly name: string;
  readonly verdict: GateVerdict;
  readonly headline: Phrase;
  /** The warning that decided, where no row did. */
  readonly reason: Phrase | null;
  /** Said before anything else: limits that the change loosens, regressions that it accepts of itself. */
  readonly alerts: readonly Alert[];
  readonly loosened: LooseningCounts;
  readonly failed: readonly Finding[];
  /** Would fail, and a waiver accepts it. */
  readonly accepted: readonly Finding[];
  /** Flagged or real, but no reason to fail. */
  readonly moved: readonly Finding[];
  readonly improved: readonly Finding[];
  readonly undecided: readonly Undecided[];
  /** The load client's p50 of every operation, moved or not. */
  readonly operations: readonly Row[];
  /** Throughput under the concurrency probe, moved or not. */
  readonly probed: readonly Row[];
  /** One sentence a waiver, needed or not. */
  readonly waivers: readonly Phrase[];
  readonly rows: readonly Row[];
  /** Telemetry that is otherwise than the baseline leads one to expect. */
  readonly coverage: readonly CoverageRow[];
  /** Of the operations that changed, why. */
  readonly why: readonly Explanation[];
  /** Log lines of the example traces, by trace id. */
  readonly logLines: ReadonlyMap<string, readonly Phrase[]>;
  /** What there is to say where there was nothing to compare with; else empty. */
  readonly measured: readonly Measured[];
  readonly unchanged: { readonly count: number; readonly sentence: Phrase };
  /** Said below the headline: which builds, and how much was measured of them; null where the facts are enough. */
  readonly lead: Phrase | null;
  /** What the two sides are called. */
  readonly names: { readonly baseline: string; readonly candidate: string };
  /** What was compared with what. */
  readonly facts: readonly Fact[];
  readonly footnotes: readonly Phrase[];
  readonly next: readonly Phrase[];
}

/** What happened to one subject. */
export interface Finding {
  readonly subject: Phrase;
  readonly service: string | null;
  readonly sentence: Phrase;
  /** The operation as its clients see it, and which span makes it so; null where that is not known. */
  readonly firstLine: FirstLine | null;
  /** Most telling first; never empty. */
  readonly rows: readonly [Row, ...Row[]];
  /** Rows of other subjects that follow from this one. */
  readonly explains: readonly Row[];
  readonly notes: readonly Phrase[];
}

/** Rows that could not be decided, for the same reason. */
export interface Undecided {
  readonly reason: RowReason;
  readonly sentence: Phrase;
  readonly rows: readonly Row[];
}

/** Limits that the change loosens, what it no longer measures, and what it measures less. */
export interface LooseningCounts {
  readonly limits: number;
  readonly gone: number;
  readonly less: number;
}

export interface Alert {
  readonly title: string;
  readonly lines: readonly Phrase[];
}

export interface Fact {
  readonly label: string;
  readonly text: Phrase;
}
