/**
 * What a ledger says: which runs a gate failed or would have failed, which of those were taken back by another attempt,
 * what it cost, and which rows are ready to fail a gate. `schemas/ledger-summary.schema.json` is generated from these
 * types. Pure.
 */
import type { LedgerRun, LedgerScenario } from './ledger-run.ts';

export const LEDGER_SUMMARY_SCHEMA_VERSION = 1;

export interface RedRun {
  readonly at: string;
  readonly mode: LedgerRun['mode'];
  readonly commit: string;
  readonly pullRequest: number | null;
  readonly project: string;
  /** Null where the gate ended with an error. */
  readonly scenario: string | null;
  readonly run: string;
  readonly attempt: number;
  readonly exitCode: number;
  readonly error: string | null;
  /** `seen-again`: the same row was red, or accepted, in another run of the commit or of the pull request. */
  readonly rows: readonly { readonly id: string; readonly state: 'seen-again' | 'unconfirmed' }[];
  /** Rows beyond those that are listed. */
  readonly more: number;
}

/** A commit that was red, and green when it was measured once more. */
export interface Flip {
  readonly commit: string;
  readonly pullRequest: number | null;
  readonly project: string;
  readonly scenario: string;
  readonly red: { readonly at: string; readonly run: string; readonly attempt: number };
  readonly green: { readonly at: string; readonly run: string; readonly attempt: number };
  readonly rows: readonly string[];
}

export interface LedgerRow {
  readonly project: string;
  readonly scenario: string;
  readonly id: string;
  /** Runs with a verdict for it, and runs without one. */
  readonly judged: number;
  readonly open: number;
  /** Runs in which it failed, accepted or not. */
  readonly red: number;
  /** Of those, runs that nothing confirmed. */
  readonly unconfirmed: number;
  /**
   * - `ready`: judged in as many runs as were asked for, and each red was confirmed
   * - `unconfirmed-red`: a red that was not seen again, and that nobody accepted
   * - `too-few-runs`: not judged often enough to say
   */
  readonly state: 'ready' | 'unconfirmed-red' | 'too-few-runs';
}

export interface LedgerSummary {
  readonly schemaVersion: typeof LEDGER_SUMMARY_SCHEMA_VERSION;
  /** Of the oldest and of the newest run; null where there is none. */
  readonly since: string | null;
  readonly until: string | null;
  readonly runs: number;
  readonly shadow: number;
  readonly commits: number;
  readonly pullRequests: number;
  /** Of all gates, with their set-up. */
  readonly seconds: number;
  /** Of the gates that were a second or a later attempt. */
  readonly secondsOfRepetitions: number;
  /** Runs that a row needs to be ready. */
  readonly runsNeeded: number;
  /** Lines that could not be read. */
  readonly unread: number;
  /** Newest first. */
  readonly reds: readonly RedRun[];
  readonly flips: readonly Flip[];
  /** Those with an unconfirmed red first, then those that are ready. */
  readonly rows: readonly LedgerRow[];
}

/** At an alpha of 1 % a row that fails by chance in twenty runs is one in five hundred; fewer runs say little. */
export const DEFAULT_RUNS_NEEDED = 20;

export interface LedgerContent {
  /** In any order. */
  readonly runs: readonly LedgerRun[];
  /** Row ids by the name of their list; those that are missing have no row counted. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
  readonly unread: number;
}

export function ledgerSummary(
  content: LedgerContent,
  { runsNeeded }: { readonly runsNeeded: number },
): LedgerSummary {
  const runs = content.runs.toSorted((left, right) => (left.at < right.at ? -1 : 1));
  const parts = runs.flatMap((run) => run.scenarios.map((scenario): Part => ({ run, scenario })));
  const isConfirmed = confirmations(parts);
  const pullRequests = new Set(runs.flatMap(({ pullRequest }) => pullRequest ?? []));
  return {
    schemaVersion: LEDGER_SUMMARY_SCHEMA_VERSION,
    since: runs[0]?.at ?? null,
    until: runs.at(-1)?.at ?? null,
    runs: runs.length,
    shadow: runs.filter(({ mode }) => mode === 'shadow').length,
    commits: new Set(runs.map(({ commit }) => commit)).size,
    pullRequests: pullRequests.size,
    seconds: secondsOf(runs),
    secondsOfRepetitions: secondsOf(runs.filter(({ attempt }) => attempt > 1)),
    runsNeeded,
    unread: content.unread,
    reds: redsOf(runs, isConfirmed).toReversed(),
    flips: flipsOf(parts).toReversed(),
    rows: rowsOf(parts, { rows: content.rows, isConfirmed, runsNeeded }),
  };
}

/** A scenario of a run. */
interface Part {
  readonly run: LedgerRun;
  readonly scenario: LedgerScenario;
}

type Confirmed = (part: Part, row: string) => boolean;

/** A red is confirmed where another measurement of the same commit or pull request has the same row red or accepted. */
function confirmations(parts: readonly Part[]): Confirmed {
  const seen = new Map<string, Set<LedgerRun>>();
  const keysOf = ({ run, scenario }: Part, row: string) => {
    const place = [run.project, scenario.name, row];
    const changes = [run.commit, ...(run.pullRequest === null ? [] : [run.pullRequest])];
    return changes.map((change) => JSON.stringify([...place, change]));
  };
  for (const part of parts) {
    for (const row of [...part.scenario.failed, ...part.scenario.waived]) {
      for (const key of keysOf(part, row)) {
        const runs = seen.get(key) ?? new Set();
        seen.set(key, runs.add(part.run));
      }
    }
  }
  return (part, row) => keysOf(part, row).some((key) => (seen.get(key)?.size ?? 0) > 1);
}

function redsOf(runs: readonly LedgerRun[], isConfirmed: Confirmed): readonly RedRun[] {
  return runs.flatMap((run) => {
    const { at, mode, commit, pullRequest, project, attempt, exitCode } = run;
    if (exitCode === 0) return [];
    const facts = { at, mode, commit, pullRequest, project, run: run.run, attempt, exitCode };
    const failed = run.scenarios.filter(({ verdict }) => verdict === 'fail' || verdict === 'error');
    // Where the policy is strict, what stayed open is red as well.
    const open = run.scenarios.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'skipped');
    const red = failed.length > 0 ? failed : open;
    if (red.length === 0) {
      return [{ ...facts, scenario: null, error: run.error ?? 'unknown', rows: [], more: 0 }];
    }
    return red.map((scenario): RedRun => {
      const rows = scenario.failed.map((id) => {
        return { id, state: isConfirmed({ run, scenario }, id) ? 'seen-again' : 'unconfirmed' } as const;
      });
      const more = scenario.failures - rows.length;
      return { ...facts, scenario: scenario.name, error: run.error ?? null, rows, more };
    });
  });
}

/** @param parts oldest first */
function flipsOf(parts: readonly Part[]): readonly Flip[] {
  return [...byCommit(parts).values()].flatMap((group) => {
    const red = group.find(({ scenario }) => scenario.failed.length > 0);
    if (!red) return [];
    const isGreen = ({ scenario }: Part) =>
      scenario.verdict === 'pass' && !scenario.waived.some((row) => red.scenario.failed.includes(row));
    const green = group.slice(group.indexOf(red) + 1).find(isGreen);
    if (!green) return [];
    const { commit, pullRequest, project } = red.run;
    const { name, failed } = red.scenario;
    const place = { commit, pullRequest, project, scenario: name };
    return [{ ...place, red: whenOf(red), green: whenOf(green), rows: failed }];
  });
}

function whenOf({ run: { at, run, attempt } }: Part): Flip['red'] {
  return { at, run, attempt };
}

function byCommit(parts: readonly Part[]): ReadonlyMap<string, readonly Part[]> {
  const groups = new Map<string, Part[]>();
  for (const part of parts) {
    const { run, scenario } = part;
    const key = JSON.stringify([run.project, scenario.name, run.job, run.commit]);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(part);
  }
  return groups;
}

const STATE_ORDER: readonly LedgerRow['state'][] = ['unconfirmed-red', 'ready', 'too-few-runs'];

function rowsOf(
  parts: readonly Part[],
  options: Pick<LedgerContent, 'rows'> & { readonly isConfirmed: Confirmed; readonly runsNeeded: number },
): readonly LedgerRow[] {
  const tallies = new Map<string, Omit<LedgerRow, 'state'>>();
  for (const part of parts) {
    const { run, scenario } = part;
    const open = new Set(scenario.open);
    const listed = options.rows.get(scenario.rows) ?? [];
    for (const [index, id] of listed.entries()) {
      const key = JSON.stringify([run.project, scenario.name, id]);
      const before = tallies.get(key) ?? {
        ...{ project: run.project, scenario: scenario.name, id },
        ...{ judged: 0, open: 0, red: 0, unconfirmed: 0 },
      };
      const isWaived = scenario.waived.includes(id);
      const isRed = isWaived || scenario.failed.includes(id);
      const isDoubtful = isRed && !isWaived && !options.isConfirmed(part, id);
      tallies.set(key, {
        ...before,
        judged: before.judged + (open.has(index) ? 0 : 1),
        open: before.open + (open.has(index) ? 1 : 0),
        red: before.red + (isRed ? 1 : 0),
        unconfirmed: before.unconfirmed + (isDoubtful ? 1 : 0),
      });
    }
  }
  const rows = [...tallies.values()].map((row): LedgerRow => ({ ...row, state: stateOf(row, options) }));
  const order = ({ state }: LedgerRow) => STATE_ORDER.indexOf(state);
  return rows.sort((left, right) => order(left) - order(right) || right.judged - left.judged);
}

function stateOf(
  { judged, unconfirmed }: Omit<LedgerRow, 'state'>,
  { runsNeeded }: { readonly runsNeeded: number },
): LedgerRow['state'] {
  if (unconfirmed > 0) return 'unconfirmed-red';
  return judged >= runsNeeded ? 'ready' : 'too-few-runs';
}

function secondsOf(runs: readonly LedgerRun[]): number {
  return runs.reduce((sum, { seconds }) => sum + seconds, 0);
}
