/**
 * What a run of the gate did, or would have done in shadow: one line of the ledger, small, since it is kept for months.
 * `schemas/ledger-run.schema.json` is generated from these types (`npm run schemas`). Pure.
 */
import { createHash } from 'node:crypto';
import type { Comparison, GateVerdict, Row } from '../compare/comparison.ts';

export const LEDGER_SCHEMA_VERSION = 1;

export interface LedgerRun {
  readonly schemaVersion: typeof LEDGER_SCHEMA_VERSION;
  /** When it began: ISO 8601, UTC. */
  readonly at: string;
  readonly mode: 'gate' | 'shadow';
  /** Hash of the commit that was measured; of a pull request its head, not the merge commit. */
  readonly commit: string;
  readonly pullRequest: number | null;
  /** Folder of the configuration below the top of the repository; empty at the top. */
  readonly project: string;
  /** Short hash of the configuration file; empty where none was read. */
  readonly configuration: string;
  /** Of the run in the CI; an attempt is that run once more. */
  readonly run: string;
  readonly attempt: number;
  /** Tells the jobs of a matrix, and several gates of a job, apart; the same in every attempt. */
  readonly job: string;
  /** Wall time of the gate, with the set-up of base and head. */
  readonly seconds: number;
  /** That a gate ends with, also in shadow. */
  readonly exitCode: number;
  /** Code of the error that kept the gate from a verdict; absent where it has one. */
  readonly error?: string;
  readonly scenarios: readonly LedgerScenario[];
}

export interface LedgerScenario {
  readonly name: string;
  readonly verdict: GateVerdict;
  /** Hash of the commit compared with; null where there was none. */
  readonly base: string | null;
  /** Rows that failed, by `Row.id`: at most 100 of them. */
  readonly failed: readonly string[];
  /** How many failed. */
  readonly failures: number;
  /** Rows that would have failed and were accepted: at most 100 of them. */
  readonly waived: readonly string[];
  /** Name of the list of all rows that were judged, kept once for all runs that have the same ones. */
  readonly rows: string;
  /** Positions in that list of rows without a verdict in this run. */
  readonly open: readonly number[];
}

/** A run, and the lists of rows that its scenarios name. */
export interface LedgerNote {
  readonly run: LedgerRun;
  /** Row ids by the name of the list. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
}

/** Thousands of rows that fail are told by their number. */
const MOST_IDS = 100;

export type LedgerFacts = Omit<LedgerRun, 'schemaVersion' | 'scenarios'>;

/** @param comparisons as they were measured, accepted rows included; none where the gate ended with an error */
export function ledgerNote(comparisons: readonly Comparison[], facts: LedgerFacts): LedgerNote {
  const rows = new Map<string, readonly string[]>();
  const scenarios = comparisons.map((comparison): LedgerScenario => {
    const judged = comparison.rows.filter(isJudged).toSorted((left, right) => (left.id < right.id ? -1 : 1));
    const ids = judged.map(({ id }) => id);
    const list = listName(ids);
    rows.set(list, ids);
    const failed = comparison.rows.filter(({ outcome }) => outcome === 'fail');
    const waived = comparison.rows.filter(({ waivedBy }) => waivedBy !== undefined);
    return {
      name: comparison.scenario,
      verdict: comparison.verdict,
      base: comparison.baseline?.commit?.sha ?? null,
      failed: idsOf(failed),
      failures: failed.length,
      waived: idsOf(waived),
      rows: list,
      open: judged.flatMap(({ verdict }, index) => (verdict === 'inconclusive' ? [index] : [])),
    };
  });
  return { run: { schemaVersion: LEDGER_SCHEMA_VERSION, ...facts, scenarios }, rows };
}

/** A span on one side alone has nothing to be compared with. */
function isJudged({ level, verdict, reason }: Row): boolean {
  return level !== 'off' && verdict !== 'added' && verdict !== 'removed' && reason !== 'no-baseline';
}

function idsOf(rows: readonly Row[]): readonly string[] {
  return rows.slice(0, MOST_IDS).map(({ id }) => id);
}

function listName(ids: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(ids)).digest('hex').slice(0, 16);
}
