/** The line of this run in the ledger. Whatever goes wrong with it is told once, and changes no verdict. */
import { createHash } from 'node:crypto';
import { appendNote, configurationOf, projectOf, remoteOf } from '../commands/ledger.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { Config } from '../config.ts';
import { type ExitCode, UserError } from '../errors.ts';
import { type LedgerFacts, ledgerNote } from '../ledger/ledger-run.ts';
import { logLine } from '../report/safe-text.ts';
import type { ActionContext } from './context.ts';
import { measuredSha } from './measured-sha.ts';

export type GateKind = LedgerFacts['mode'];

export interface LedgerEntry {
  readonly mode: GateKind;
  readonly began: Date;
  readonly exitCode: ExitCode;
  /** Null where it could not be read, or there is no verdict. */
  readonly config: Config | null;
  /** As they were measured, with what was accepted. */
  readonly comparisons: readonly Comparison[];
  /** Code of the error that kept the gate from a verdict. */
  readonly error?: string;
}

/** Never throws. */
export async function noteInLedger(context: ActionContext, entry: LedgerEntry): Promise<void> {
  const { inputs, trigger, world } = context;
  if (inputs.ledger === 'never') return;
  if (trigger.kind === 'pull-request' && trigger.isFork) {
    tell(context, entry.mode, 'the token of a pull request from a fork may only read');
    return;
  }
  try {
    const facts = await factsOf(context, entry);
    const remote = entry.config === null ? {} : { remote: remoteOf(entry.config) };
    await appendNote(world, ledgerNote(entry.comparisons, facts), remote);
  } catch (error) {
    if (world.signal.aborted) return;
    tell(context, entry.mode, error instanceof UserError ? reasonOf(error) : String(error));
  }
}

/** Of this job in its run: what stays the same when the job is started once more. */
export function jobKey({ inputs, world }: ActionContext): string {
  const { GITHUB_JOB = '', GITHUB_ACTION = '' } = world.env;
  const parts = [GITHUB_JOB, GITHUB_ACTION, inputs.matrix, inputs.commentKey, inputs.scenario];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

/** From 1; 1 where the runner does not say. */
export function attemptOf({ world }: ActionContext): number {
  return Math.max(1, Number(/^\d{1,6}$/.exec(world.env.GITHUB_RUN_ATTEMPT ?? '')?.[0] ?? 1));
}

async function factsOf(context: ActionContext, entry: LedgerEntry): Promise<LedgerFacts> {
  const { trigger, world } = context;
  const { config, comparisons, began, mode, exitCode, error } = entry;
  return {
    at: began.toISOString(),
    mode,
    commit: measuredSha(context, comparisons),
    pullRequest: trigger.kind === 'pull-request' ? trigger.number : null,
    project: await projectOf(world, config),
    configuration: config === null ? '' : configurationOf(config),
    run: world.env.GITHUB_RUN_ID ?? '',
    attempt: attemptOf(context),
    job: jobKey(context),
    seconds: Math.round((world.now().getTime() - began.getTime()) / 1000),
    exitCode,
    ...(error !== undefined && { error }),
  };
}

function reasonOf({ message, hint }: UserError): string {
  return [message, hint].filter((part) => part !== undefined).join(' ');
}

/** A gate works without a ledger, and most jobs may not write: only who asks for it is told in front of everybody. */
function tell({ world, door, inputs }: ActionContext, mode: GateKind, reason: string): void {
  const sentence = logLine(`This run is not in the ledger: ${reason}`);
  const isAsked = inputs.ledger === 'always' || mode === 'shadow';
  if (isAsked) door.annotate([{ level: 'notice', title: 'spangate: ledger', message: sentence }]);
  else world.stderr.write(`spangate: ${sentence}\n`);
}
