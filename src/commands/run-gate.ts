/** `spangate gate`: measures, compares with the stored baseline or with a commit, reports. */
import { resolve } from 'node:path';
import type { GateResult } from '../compare/comparison.ts';
import type { Config } from '../config.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { exitCodeOf, gate } from '../gate.ts';
import { openPreparedBase, type PreparedBase } from '../runner/checkout/prepared-set-up.ts';
import type { SpanTaker } from '../runner/round-options.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { projectFolder } from './base-and-head.ts';
import { AUTO, baseOfCi } from './base-of-ci.ts';
import { chosenConfig, onlyScenarios, withPolicy } from './chosen-config.ts';
import { failed } from './failure.ts';
import { gateAgainst } from './gate-against.ts';
import { keptInLedger, type LedgerGate, noteFailedGate } from './gate-ledger.ts';
import { type HandingOnOptions, openHandingOn } from './handing-on.ts';
import { type MeasuringOptions, measuring } from './measuring.ts';
import { filesOf, type PrintOptions, printResult } from './print-result.ts';
import { openSharedBaselines } from './shared-baselines.ts';

export interface GateOptions extends MeasuringOptions, PrintOptions, HandingOnOptions {
  readonly strict?: boolean;
  readonly requireBaseline?: boolean;
  /** Names base for git: then it is measured side by side with the work tree. */
  readonly against?: string;
  /** Folder in which base is checked out and set up; without `against` its commit is base. */
  readonly basePath?: string;
  /** Keeps a line of this run in the ledger; a text tells several gates of one job apart. */
  readonly ledger?: true | string;
  /** Stops nobody, says what it would have done, and keeps the ledger. */
  readonly shadow?: boolean;
}

export interface Gated {
  /** That of head, with all its scenarios. */
  readonly config: Config;
  readonly result: GateResult;
}

export async function runGate(world: World, options: GateOptions): Promise<ExitCode> {
  if (options.ledger === undefined && options.shadow !== true) {
    const { result } = await gated(world, options);
    printResult(world, result, options);
    return exitCodeOf(result);
  }
  return options.shadow === true ? await shadowed(world, options) : await gateInLedger(world, options);
}

/** Never red, but for a mistake in its usage or configuration, which nobody would notice in the shadow. */
async function shadowed(world: World, options: GateOptions): Promise<ExitCode> {
  const exitCode = await gateInLedger(world, options).catch((error: unknown) => {
    const isUsage = error instanceof UserError && error.exitCode === EXIT.usage;
    if (isUsage || world.signal.aborted) throw error;
    return failed(error, world);
  });
  if (exitCode !== EXIT.pass) {
    world.stderr.write(`spangate: shadow: a gate would have ended with exit code ${exitCode}\n`);
  }
  return EXIT.pass;
}

async function gateInLedger(world: World, options: GateOptions): Promise<ExitCode> {
  const gate: LedgerGate = {
    mode: options.shadow === true ? 'shadow' : 'gate',
    began: world.now(),
    scenario: options.scenario,
    key: typeof options.ledger === 'string' ? options.ledger : '',
  };
  const measured = await gatedOrNoted(world, options, gate);
  const result = await keptInLedger(world, gate, measured);
  printResult(world, result, options);
  return exitCodeOf(result);
}

async function gatedOrNoted(world: World, options: GateOptions, gate: LedgerGate): Promise<Gated> {
  try {
    return await gated(world, options);
  } catch (error) {
    const isRed = error instanceof UserError && error.exitCode === EXIT.couldNotMeasure;
    if (isRed && !world.signal.aborted) await noteFailedGate(world, gate, error);
    throw error;
  }
}

/**
 * The gate without its report.
 *
 * @throws UserError before anything is measured where a report could not be written
 */
export async function gated(world: World, options: GateOptions): Promise<Gated> {
  const all = withPolicy(await chosenConfig(world, { ...options, scenario: [] }), (policy) => ({
    ...policy,
    strict: policy.strict || options.strict === true,
    requireBaseline: policy.requireBaseline || options.requireBaseline === true,
  }));
  // Before a minute of set-up: a name that is wrong.
  const config = onlyScenarios(all, options.scenario);
  for (const { file } of filesOf(world, options)) assertWritable(file);
  const prepared = await preparedBase(world, options);
  const against = options.against ?? prepared?.commit;
  await using handing = await openHandingOn(world, options);
  const measured = { ...options, onSpans: handing.onSpans };
  const result =
    against === undefined
      ? await gateStored(world, measured, config)
      : await gateAgainst(world, {
          ...measured,
          against: against === AUTO ? await baseOfCi(world, projectFolder(world, config)) : against,
          ...(prepared !== null && { prepared }),
          config: all,
        });
  return { config: all, result: await handing.handOn(result) };
}

/** @throws UserError as `openPreparedBase` */
export async function preparedBase(
  world: World,
  { basePath }: Pick<GateOptions, 'basePath'>,
): Promise<PreparedBase | null> {
  if (basePath === undefined) return null;
  const directory = resolve(world.cwd, basePath);
  return await openPreparedBase({ directory, inherited: world.env, signal: world.signal });
}

async function gateStored(
  world: World,
  options: MeasuringOptions & { readonly onSpans: SpanTaker | undefined },
  config: Config,
): Promise<GateResult> {
  await using shared = await openSharedBaselines(world, config);
  return await measuring(world, { ...options, loaded: config }, (session) =>
    gate(shared.config, session.gateWorld),
  );
}
