/** What `spangate gate --against` does: base and head side by side on one machine. */
import {
  COMPARISON_SCHEMA_VERSION,
  type Comparison,
  type GateResult,
  type Side,
} from '../compare/comparison.ts';
import type { Config, Scenario } from '../config.ts';
import { gateResult } from '../gate.ts';
import { gateTogether } from '../gate-together.ts';
import type { Commit, Environment, Warning } from '../measurement.ts';
import { readCommit } from '../runner/commit.ts';
import { type ContentIdentity, sameContent } from '../runner/head-identity.ts';
import { readMachine } from '../runner/machine.ts';
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
  readonly seed?: number;
}

/** @throws UserError as `withBaseAndHead` and `gateTogether` */
export async function gateAgainst(world: World, options: AgainstOptions): Promise<GateResult> {
  const { config, against: ref } = options;
  const { scenarios } = onlyScenarios(config, options.scenario);
  const folder = projectFolder(world, config);
  return await measuring(world, { ...options, loaded: config }, async (session) => {
    const identity = await sameContent({
      repository: folder,
      base: ref,
      inherited: world.env,
      signal: session.registry.signal,
    });
    if (identity.same) {
      const head = await readCommit(folder, world.env);
      return nothingToMeasure(scenarios, { world, session, identity, ref, head });
    }
    const settings = { config, scenario: options.scenario, ref };
    return await withBaseAndHead({ world, session, options: settings }, (cases) =>
      gateTogether(cases, session.togetherWorld),
    );
  });
}

/** A pass of its own kind: no file that a service could run differs, so nothing can have become worse. */
function nothingToMeasure(
  scenarios: readonly Scenario[],
  context: {
    readonly world: World;
    readonly session: Session;
    readonly identity: ContentIdentity;
    readonly ref: string;
    readonly head: Commit | null;
  },
): GateResult {
  const { world, session, identity, ref, head } = context;
  const createdAt = session.togetherWorld.now().toISOString();
  const base: Commit = { sha: identity.base, branch: branchOf(ref), dirty: false };
  const side = (commit: Commit | null): Side => ({
    id: '',
    createdAt,
    commit,
    rounds: 0,
    instances: 0,
    environment: environmentText(readMachine(world.env)),
  });
  const comparisons = scenarios.map(
    ({ name, policy }): Comparison => ({
      schemaVersion: COMPARISON_SCHEMA_VERSION,
      tool: TOOL,
      scenario: name,
      createdAt,
      mode: 'together',
      baseline: side(base),
      candidate: side(head),
      confirmation: null,
      verdict: 'pass',
      rows: [],
      seed: session.togetherWorld.seed,
      names: { baseline: 'base', candidate: 'head' },
      warnings: [sameContentWarning(identity)],
      policy: {
        profile: policy.profile,
        alpha: policy.alpha,
        strict: policy.strict,
        requireBaseline: policy.requireBaseline,
      },
    }),
  );
  return gateResult(comparisons);
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
