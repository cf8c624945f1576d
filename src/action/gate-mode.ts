/** `mode: gate`, and `mode: shadow`, which is the same and never red. */

import { chosenConfig } from '../commands/chosen-config.ts';
import { page } from '../commands/page.ts';
import { type Gated, gated } from '../commands/run-gate.ts';
import type { GateResult } from '../compare/comparison.ts';
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { formatResult } from '../report/format.ts';
import { logLine } from '../report/safe-text.ts';
import { findBase } from '../runner/checkout/find-base.ts';
import { basePlan } from './base-plan.ts';
import type { ActionContext } from './context.ts';
import { postResult } from './post-result.ts';

export async function gateMode(context: ActionContext): Promise<ExitCode> {
  const { world, trigger } = context;
  const { config, result, notes } = await gatedByEvent(context);
  world.stdout.write(formatResult(result, 'terminal', page(world)));
  return await postResult(context, {
    config,
    result,
    pullRequests: trigger.kind === 'pull-request' ? [trigger.number] : [],
    sha: measuredSha(context, result),
    notes,
  });
}

/** The one that people know: of a pull request not the merge commit, which nobody has ever seen. */
export function measuredSha({ trigger, world }: ActionContext, result?: GateResult): string {
  if (trigger.kind === 'pull-request') return trigger.headSha;
  return result?.comparisons[0]?.candidate.commit?.sha ?? world.env.GITHUB_SHA ?? 'unknown';
}

const STORED_INSTEAD =
  '**Base could not be set up, so this was compared with the stored baseline, by the limits of the pull request alone.**';

async function gatedByEvent(context: ActionContext): Promise<Gated & { readonly notes: readonly string[] }> {
  const { world, inputs } = context;
  const options = {
    ...(inputs.config !== undefined && { config: inputs.config }),
    scenario: inputs.scenario,
    format: 'terminal' as const,
  };
  const against = await baseOf(context);
  if (against === null) return { ...(await gated(world, options)), notes: [] };
  try {
    return { ...(await gated(world, { ...options, against })), notes: [] };
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
async function baseOf({ world, inputs, trigger }: ActionContext): Promise<string | null> {
  if (inputs.against === 'baseline') return null;
  if (inputs.against !== 'auto') return inputs.against;
  const inherited = { ...world.env, ...world.gitEnv };
  const git = { directory: world.cwd, inherited, signal: world.signal };
  const { sha, how } = await findBase({ git, plan: basePlan(trigger) });
  world.stderr.write(`spangate: base is ${sha.slice(0, 10)}, ${logLine(how)}\n`);
  return sha;
}

export async function shadowMode(context: ActionContext): Promise<ExitCode> {
  const exitCode = await gateMode(context);
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
