/** `spangate gate --against`: base and head side by side on one machine. */
import {
  COMPARISON_SCHEMA_VERSION,
  type Comparison,
  type GateResult,
  type Side,
} from '../compare/comparison.ts';
import type { Scenario } from '../config.ts';
import type { ExitCode } from '../errors.ts';
import { exitCodeOf, gateResult } from '../gate.ts';
import { gateTogether } from '../gate-together.ts';
import type { Commit, Environment, Warning } from '../measurement.ts';
import { readCommit } from '../runner/commit.ts';
import { type ContentIdentity, sameContent } from '../runner/head-identity.ts';
import { readMachine } from '../runner/machine.ts';
import { TOOL } from '../tool.ts';
import type { World } from '../world.ts';
import { assertWritable } from './assert-writable.ts';
import { branchOf, projectFolder, withBaseAndHead } from './base-and-head.ts';
import { chosenConfig, onlyScenarios, withPolicy } from './chosen-config.ts';
import { measuring } from './measuring.ts';
import { filesOf, printResult } from './print-result.ts';
import type { GateOptions } from './run-gate.ts';
import type { Session } from './session.ts';

/** @throws UserError as `withBaseAndHead` and `gateTogether` */
export async function runGateAgainst(world: World, options: GateOptions, ref: string): Promise<ExitCode> {
  const config = withPolicy(await chosenConfig(world, { ...options, scenario: [] }), (policy) => ({
    ...policy,
    strict: policy.strict || options.strict === true,
    requireBaseline: policy.requireBaseline || options.requireBaseline === true,
  }));
  // Before a minute of set-up: a name that is wrong.
  const { scenarios } = onlyScenarios(config, options.scenario);
  for (const { file } of filesOf(world, options)) assertWritable(file);
  const folder = projectFolder(world, config);
  const result = await measuring(world, { ...options, loaded: config }, async (session) => {
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
  printResult(world, result, options);
  return exitCodeOf(result);
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
