/** `mode: gate`, and `mode: shadow`, which is the same and never red. */
import { resolve } from 'node:path';
import { chosenConfig } from '../commands/chosen-config.ts';
import { page } from '../commands/page.ts';
import { type Gated, gated } from '../commands/run-gate.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { formatResult } from '../report/format.ts';
import { logLine } from '../report/safe-text.ts';
import { amended } from './amendments.ts';
import type { ActionContext } from './context.ts';
import { eventBase } from './event-base.ts';
import { measuredSha } from './measured-sha.ts';
import { postResult } from './post-result.ts';
import { type GateKind, noteInLedger } from './run-ledger.ts';

export async function gateMode(context: ActionContext): Promise<ExitCode> {
  return await gatedAndTold(context, 'gate');
}

async function gatedAndTold(context: ActionContext, mode: GateKind): Promise<ExitCode> {
  const { world, trigger } = context;
  const began = world.now();
  const measured = await gatedOrNoted(context, { mode, began });
  const { config } = measured;
  const { result, notes, problems } = await amended(context, measured);
  world.stdout.write(formatResult(result, 'terminal', page(world)));
  const exitCode = await postResult(context, {
    config,
    result,
    pullRequests: trigger.kind === 'pull-request' ? [trigger.number] : [],
    sha: measuredSha(context, result.comparisons),
    notes: [...measured.notes, ...notes],
    problems,
  });
  await noteInLedger(context, { mode, began, exitCode, config, comparisons: result.comparisons });
  return exitCode;
}

/** A gate that could not measure belongs into the ledger as well: it is red, and it cost its minutes. */
async function gatedOrNoted(
  context: ActionContext,
  entry: { readonly mode: GateKind; readonly began: Date },
): Promise<GatedByEvent> {
  try {
    return await gatedByEvent(context);
  } catch (error) {
    if (
      error instanceof UserError &&
      error.exitCode === EXIT.couldNotMeasure &&
      !context.world.signal.aborted
    ) {
      const { code, exitCode } = error;
      await noteInLedger(context, { ...entry, exitCode, config: null, comparisons: [], error: code });
    }
    throw error;
  }
}

type GatedByEvent = Gated & { readonly notes: readonly string[] };

const STORED_INSTEAD =
  '**Base could not be set up, so this was compared with the stored baseline, by the limits of the pull request alone.**';

async function gatedByEvent(context: ActionContext): Promise<GatedByEvent> {
  const { world, inputs } = context;
  const options = {
    ...(inputs.config !== undefined && { config: inputs.config }),
    scenario: inputs.scenario,
    format: 'terminal' as const,
  };
  const against = await baseOf(context);
  if (against === null) return { ...(await gated(world, options)), notes: [] };
  const { basePath } = inputs;
  const workspace = world.env.GITHUB_WORKSPACE || world.cwd;
  const prepared = basePath === undefined ? {} : { basePath: resolve(workspace, basePath) };
  try {
    return { ...(await gated(world, { ...options, ...prepared, against })), notes: [] };
  } catch (error) {
    // A base that was green once may need packages that are gone by now: that is no fault of the change.
    if (!(error instanceof UserError) || error.code !== 'base-setup-failed') throw error;
    // A baseline in a file comes with the change, whose own `setup` it was that failed: it would be judged by itself.
    const { scenarios } = await chosenConfig(world, options);
    if (scenarios.some(({ baseline }) => baseline.gitRef === undefined)) throw error;
    world.stderr.write(`spangate: ${logLine(error.message)} Comparing with the stored baseline instead.\n`);
    const stored = await gated(world, options);
    if (stored.result.verdict === 'nothing-compared') throw error;
    return { ...stored, notes: [STORED_INSTEAD] };
  }
}

/** Null: the stored baseline. */
async function baseOf({ world, inputs, trigger, github }: ActionContext): Promise<string | null> {
  if (inputs.against === 'baseline') return null;
  if (inputs.against !== 'auto') return inputs.against;
  const inherited = { ...world.env, ...world.gitEnv };
  const git = { directory: world.cwd, inherited, signal: world.signal };
  const { sha, how } = await eventBase({ git, trigger, github });
  world.stderr.write(`spangate: base is ${sha.slice(0, 10)}, ${logLine(how)}\n`);
  return sha;
}

export async function shadowMode(context: ActionContext): Promise<ExitCode> {
  const exitCode = await gatedAndTold(context, 'shadow');
  if (exitCode === EXIT.pass) return EXIT.pass;
  context.door.annotate([
    {
      level: 'notice',
      title: 'spangate: shadow',
      message: `A gate would have ended with exit code ${exitCode}.`,
    },
  ]);
  return EXIT.pass;
}
