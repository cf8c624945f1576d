/** What `spangate gate --against` does: base and head side by side on one machine. */
import type { Comparison, GateResult } from '../compare/comparison.ts';
import { unmeasured } from '../compare/unmeasured.ts';
import type { Config, Scenario } from '../config.ts';
import { gateResult } from '../gate.ts';
import { gateTogether } from '../gate-together.ts';
import type { Commit, Environment, Warning } from '../measurement.ts';
import { checkoutEnvironment } from '../runner/checkout/checkout-environment.ts';
import type { PreparedBase } from '../runner/checkout/prepared-set-up.ts';
import { readCommit } from '../runner/commit.ts';
import { type ContentIdentity, type SameContentOptions, sameContent } from '../runner/head-identity.ts';
import { readMachine } from '../runner/machine.ts';
import type { SpanTaker } from '../runner/round-options.ts';
import { assertTwoBuilds } from '../runner/running-services.ts';
import { TOOL } from '../tool.ts';
import type { World } from '../world.ts';
import { branchOf, projectFolder, withBaseAndHead } from './base-and-head.ts';
import { onlyScenarios } from './chosen-config.ts';
import { measuring } from './measuring.ts';
import type { Session } from './session.ts';

export interface AgainstOptions {
  /** That of head, with all its scenarios. */
  readonly config: Config;
  /** Names of the scenarios to measure; empty for all. */
  readonly scenario: readonly string[];
  /** Names base for git. */
  readonly against: string;
  /** Base, checked out and set up by somebody else. */
  readonly prepared?: PreparedBase;
  readonly seed?: number;
  readonly onSpans?: SpanTaker | undefined;
}

/** @throws UserError as `withBaseAndHead` and `gateTogether` */
export async function gateAgainst(given: World, options: AgainstOptions): Promise<GateResult> {
  const { config, against: ref } = options;
  const callers = [given.cwd, projectFolder(given, config)];
  const world = { ...given, env: checkoutEnvironment(given.env, callers) };
  const { scenarios } = onlyScenarios(config, options.scenario);
  // Before minutes of set-up.
  for (const scenario of scenarios) assertTwoBuilds(scenario);
  const folder = projectFolder(world, config);
  return await measuring(world, { ...options, loaded: config }, async (session) => {
    const content = { repository: folder, base: ref, inherited: world.env, signal: session.registry.signal };
    const identity = await sameContent(content);
    const untold = { world, session, ref, head: await readCommit(folder, world.env), base: identity.base };
    if (identity.same) {
      return gateResult(
        unmeasuredAgainst(scenarios, { ...untold, verdict: 'pass', warning: sameContentWarning(identity) }),
      );
    }
    const spared = await sparedScenarios(scenarios, content, config.file);
    const skipped = unmeasuredAgainst(spared, { ...untold, verdict: 'skipped', warning: NOT_CONCERNED });
    const measured = scenarios.filter((each) => !spared.includes(each)).map(({ name }) => name);
    if (measured.length === 0) return gateResult(skipped);
    const { prepared } = options;
    const settings = { config, scenario: measured, ref, ...(prepared && { prepared }) };
    const { comparisons } = await withBaseAndHead({ world, session, options: settings }, (cases) =>
      gateTogether(cases, session.togetherWorld),
    );
    return gateResult([...comparisons, ...skipped]);
  });
}

const NOT_CONCERNED: Warning = {
  code: 'not-concerned',
  message: 'Nothing was measured: no file below its `paths` differs from base.',
};

/** Those whose `paths` the change does not touch. The configuration is for all: it says what is measured, and how. */
async function sparedScenarios(
  scenarios: readonly Scenario[],
  content: Omit<SameContentOptions, 'only'>,
  file: string | null,
): Promise<readonly Scenario[]> {
  const spared: Scenario[] = [];
  for (const scenario of scenarios) {
    if (scenario.paths === undefined) continue;
    const only = [...scenario.paths, ...(file === null ? [] : [file])];
    if ((await sameContent({ ...content, only })).same) spared.push(scenario);
  }
  return spared;
}

/** Comparisons without rows: what a service could run does not differ, so nothing can have become worse. */
function unmeasuredAgainst(
  scenarios: readonly Scenario[],
  context: {
    readonly world: World;
    readonly session: Session;
    readonly verdict: 'pass' | 'skipped';
    readonly warning: Warning;
    readonly ref: string;
    /** Hash of its commit. */
    readonly base: string;
    readonly head: Commit | null;
  },
): readonly Comparison[] {
  const { world, session, verdict, warning, ref, head } = context;
  const createdAt = session.togetherWorld.now().toISOString();
  const base: Commit = { sha: context.base, branch: branchOf(ref), dirty: false };
  const environment = environmentText(readMachine(world.env));
  const { seed } = session.togetherWorld;
  return scenarios.map((scenario) => ({
    ...unmeasured({
      ...{ scenario, verdict, warning, mode: 'together', commits: { base, head }, environment },
      ...{ createdAt, seed, tool: TOOL },
    }),
    names: { baseline: 'base', candidate: 'head' },
  }));
}

function sameContentWarning({ ignored }: ContentIdentity): Warning {
  const others = ignored.length === 0 ? '' : `, but for ${ignored.length} that no service runs`;
  return {
    code: 'same-content',
    message: `Nothing was measured: base and head have the same files${others}.`,
  };
}

function environmentText({ cpuModel, cores, platform, architecture }: Environment): string {
  return `${cpuModel}, ${cores} cores, ${platform} ${architecture}`;
}
