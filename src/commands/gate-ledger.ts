/**
 * The ledger of a gate from the command line: what earlier gates of the same commit found, and the line of this one.
 * Whatever goes wrong with it is a warning of the result, and changes no verdict.
 */
import { createHash } from 'node:crypto';
import type { Comparison, GateResult } from '../compare/comparison.ts';
import type { EarlierFailure } from '../compare/earlier-attempts.ts';
import type { Config } from '../config.ts';
import { UserError } from '../errors.ts';
import { exitCodeOf, gateResult } from '../gate.ts';
import { type LedgerFacts, type LedgerRun, ledgerNote } from '../ledger/ledger-run.ts';
import type { Warning } from '../measurement.ts';
import { type CiRun, ciRun } from '../runner/ci-run.ts';
import type { World } from '../world.ts';
import { amendedResult } from './amended-result.ts';
import {
  appendNote,
  configurationOf,
  failuresByScenario,
  projectOf,
  readLedger,
  remoteOf,
} from './ledger.ts';

export interface LedgerGate {
  readonly mode: LedgerFacts['mode'];
  readonly began: Date;
  /** Names of the scenarios that were asked for. */
  readonly scenario: readonly string[];
  /** Tells gates of one job apart; empty where there is one. */
  readonly key: string;
}

/**
 * The result, red where an earlier gate of the same job failed in the same commit, compared with the same base by the
 * same configuration; and its line in the ledger. Throws for nothing that the ledger does.
 */
export async function keptInLedger(
  world: World,
  gate: LedgerGate,
  { config, result }: { readonly config: Config; readonly result: GateResult },
): Promise<GateResult> {
  const run = ciRun(world.env);
  if (run === null) return withWarning(result, noCi());
  let judged: GateResult | null = null;
  try {
    const options = { remote: remoteOf(config) };
    const place: Place = {
      commit: commitOf(run, result.comparisons),
      job: jobKey(run, gate),
      project: await projectOf(world, config),
    };
    const before = (await readLedger(world, options)).runs.filter((each) => isAt(each, place));
    const configuration = configurationOf(config);
    const alike = before.filter((each) => each.configuration === configuration);
    const earlier = failuresByScenario(result, alike, (each): EarlierFailure['run'] =>
      each.run === run.run ? undefined : each.run,
    );
    judged = amendedResult(result, { claims: [], earlier });
    const facts = factsOf(world, { gate, run, place, before });
    const exitCode = exitCodeOf(judged);
    await appendNote(world, ledgerNote(judged.comparisons, { ...facts, configuration, exitCode }), options);
    return judged;
  } catch (error) {
    world.signal.throwIfAborted();
    return withWarning(judged ?? result, problem(error, judged !== null));
  }
}

/** A gate that could not measure belongs into the ledger as well: it is red, and it cost its minutes. */
export async function noteFailedGate(
  world: World,
  gate: LedgerGate,
  { code, exitCode }: Pick<UserError, 'code' | 'exitCode'>,
): Promise<void> {
  const run = ciRun(world.env);
  try {
    if (run === null) return tell(world, noCi());
    const place: Place = {
      commit: commitOf(run, []),
      job: jobKey(run, gate),
      project: await projectOf(world, null),
    };
    const before = (await readLedger(world)).runs.filter((each) => isAt(each, place));
    const facts = factsOf(world, { gate, run, place, before });
    await appendNote(world, ledgerNote([], { ...facts, configuration: '', exitCode, error: code }));
  } catch (error) {
    world.signal.throwIfAborted();
    tell(world, problem(error, true));
  }
}

type Place = Pick<LedgerRun, 'commit' | 'job' | 'project'>;

function isAt(run: LedgerRun, { commit, job, project }: Place): boolean {
  return run.commit === commit && run.job === job && run.project === project;
}

/** The commit that people know: of a change not the merge that the CI has made of it. */
function commitOf({ change, commit }: CiRun, comparisons: readonly Comparison[]): string {
  return change ?? comparisons[0]?.candidate.commit?.sha ?? commit ?? 'unknown';
}

function jobKey({ ci, job }: CiRun, { scenario, key }: LedgerGate): string {
  return createHash('sha256')
    .update(JSON.stringify([ci, ...job, key, ...scenario]))
    .digest('hex')
    .slice(0, 12);
}

/** Most CIs do not count attempts, and some call each another run: then the ledger counts them. */
function factsOf(
  world: World,
  context: {
    readonly gate: LedgerGate;
    readonly run: CiRun;
    readonly place: Place;
    /** Of the same job and commit. */
    readonly before: readonly LedgerRun[];
  },
): Omit<LedgerFacts, 'configuration' | 'exitCode'> {
  const { gate, run, place, before } = context;
  return {
    at: gate.began.toISOString(),
    mode: gate.mode,
    ...place,
    pullRequest: run.pullRequest,
    run: run.run,
    attempt: Math.max(run.attempt ?? 1, 1 + Math.max(0, ...before.map(({ attempt }) => attempt))),
    seconds: Math.round((world.now().getTime() - gate.began.getTime()) / 1000),
  };
}

function noCi(): Warning {
  return {
    code: 'ledger-not-written',
    message: 'This run is not in the ledger: this is no CI that is known, so nothing tells its runs apart.',
  };
}

function problem(error: unknown, wasRead: boolean): Warning {
  const reason =
    error instanceof UserError
      ? [error.message, ...error.detail, error.hint].filter((part) => part !== undefined).join(' ')
      : String(error);
  if (wasRead) return { code: 'ledger-not-written', message: `This run is not in the ledger: ${reason}` };
  return {
    code: 'ledger-not-read',
    message: `What earlier gates of this commit found is not known, and this run is not in the ledger: ${reason}`,
  };
}

function tell(world: World, { message }: Warning): void {
  world.stderr.write(`warning: ${message}\n`);
}

/** With the first scenario: it is of the whole gate. */
function withWarning({ comparisons }: GateResult, warning: Warning): GateResult {
  return gateResult(
    comparisons.map((each, index) =>
      index === 0 ? { ...each, warnings: [...each.warnings, warning] } : each,
    ),
  );
}
