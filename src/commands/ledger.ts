/** The ledger of a repository, on a git ref of its remote: read, and one run appended. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import type { Comparison, GateResult } from '../compare/comparison.ts';
import type { EarlierFailure } from '../compare/earlier-attempts.ts';
import type { Config } from '../config.ts';
import type { LedgerNote, LedgerRun } from '../ledger/ledger-run.ts';
import type { LedgerContent } from '../ledger/ledger-summary.ts';
import type { BaselineRef } from '../ref-store/baseline-ref.ts';
import { appendToLedger, LEDGER_REF, readLedgerFiles } from '../ref-store/ledger-ref.ts';
import { openRepository, workTreeOf } from '../runner/checkout/repository.ts';
import { conforms } from '../schema.ts';
import type { World } from '../world.ts';
import { projectFolder } from './base-and-head.ts';

export interface LedgerOptions {
  /** Name or URL for git; by default `origin`. */
  readonly remote?: string;
}

/** @throws UserError as `fetchTree` and `openRepository` */
export async function readLedger(world: World, options: LedgerOptions = {}): Promise<LedgerContent> {
  const { runs, lists } = await readLedgerFiles(placeOf(world, options));
  const read = runs.map(readRun).filter((run) => run !== null);
  return {
    runs: read,
    rows: new Map([...lists].map(([list, text]) => [list, idsOf(text)])),
    unread: runs.length - read.length,
  };
}

/** @throws UserError as `pushChange` */
export async function appendNote(
  world: World,
  { run, rows }: LedgerNote,
  options: LedgerOptions = {},
): Promise<void> {
  const lists = new Map([...rows].map(([list, ids]) => [list, JSON.stringify(ids)]));
  await appendToLedger(placeOf(world, options), { at: run.at, run: JSON.stringify(run), lists });
}

/** Folder of the configuration below the top of the repository; empty at the top. */
export async function projectOf(world: World, config: Config | null): Promise<string> {
  const directory = config === null ? world.cwd : projectFolder(world, config);
  const repository = await openRepository({ directory, inherited: world.env, signal: world.signal });
  return relative(workTreeOf(repository), directory).split(sep).join('/');
}

/** Short hash of the file; empty where it was made in code. */
export function configurationOf({ file }: Config): string {
  if (file === null) return '';
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 16);
}

/** The remote of the first baseline on a ref; else git's own name for where a clone comes from. */
export function remoteOf({ scenarios }: Config): string {
  return scenarios.find(({ baseline }) => baseline.gitRef !== undefined)?.baseline.gitRef?.remote ?? 'origin';
}

/**
 * Failures of those runs by the name of the scenario, of as many as compared it with the same base.
 *
 * @param runOf what to call the run of the CI; absent where it is this one
 */
export function failuresByScenario(
  { comparisons }: GateResult,
  runs: readonly LedgerRun[],
  runOf: (run: LedgerRun) => string | undefined = () => undefined,
): ReadonlyMap<string, readonly EarlierFailure[]> {
  const failuresOf = ({ scenario, baseline }: Comparison) =>
    runs.flatMap((each) =>
      each.scenarios
        .filter(({ name, base, failures }) => {
          return name === scenario && base === (baseline?.commit?.sha ?? null) && failures > 0;
        })
        .map(({ failed, failures }): EarlierFailure => {
          return { attempt: each.attempt, run: runOf(each), rows: failed, failures };
        }),
    );
  return new Map(comparisons.map((comparison) => [comparison.scenario, failuresOf(comparison)]));
}

function placeOf(world: World, { remote = 'origin' }: LedgerOptions): BaselineRef {
  const inherited = { ...world.env, ...world.gitEnv };
  const git = { directory: world.cwd, inherited, signal: world.signal };
  return { git, remote, ref: LEDGER_REF, holds: 'ledger' };
}

/** Null for a line of another version, or one that somebody else wrote. */
function readRun(text: string): LedgerRun | null {
  const data = parsed(text);
  return conforms('ledger-run', data) ? (data as LedgerRun) : null;
}

function idsOf(text: string): readonly string[] {
  const data = parsed(text);
  return Array.isArray(data) && data.every((each) => typeof each === 'string') ? data : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
