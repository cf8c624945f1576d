/** The arms of `gate --against`: base and head, each set up in a checkout of its own, and the stricter limits of both. */
import { dirname } from 'node:path';
import { type ScenarioLoosening, stricterConfig } from '../compare/stricter-config.ts';
import { type BaseConfig, loadBaseConfig } from '../config/base-config.ts';
import type { Config, Scenario } from '../config.ts';
import { retold, UserError } from '../errors.ts';
import type { TogetherCase } from '../gate-together.ts';
import type { Arm, Commit, Warning } from '../measurement.ts';
import {
  type BaseCheckout,
  checkOutBase,
  checkOutHead,
  checkoutCacheDirectory,
  type HeadCheckout,
} from '../runner/base-checkout.ts';
import { type Checkout, repositoryOf } from '../runner/checkout/checkout.ts';
import { checkoutSetUp, checkoutWarnings, scenarioAt } from '../runner/checkout/checkout-set-up.ts';
import { nodeOnPath } from '../runner/checkout/node-on-path.ts';
import { type PreparedBase, preparedSetUp } from '../runner/checkout/prepared-set-up.ts';
import { workTreeOf } from '../runner/checkout/repository.ts';
import { readCommit } from '../runner/commit.ts';
import type { World } from '../world.ts';
import { onlyScenarios } from './chosen-config.ts';
import { readCommitWaivers, withWaivers } from './commit-waivers.ts';
import type { Session } from './session.ts';

export interface BaseAndHeadOptions {
  /** That of head, with all its scenarios: what is gone is seen only so. */
  readonly config: Config;
  /** Names of the scenarios to measure; empty for all. */
  readonly scenario: readonly string[];
  /** Names base for git. */
  readonly ref: string;
  /** Base, set up by somebody else. */
  readonly prepared?: PreparedBase;
}

interface Checkouts {
  readonly base: BaseCheckout;
  readonly head: HeadCheckout;
}

/**
 * Calls `work` with one case a scenario. When it settles, the checkouts are given back: kept for the next run, or
 * removed.
 *
 * @throws UserError as `checkOutBase`, `checkOutHead` and `checkoutSetUp`, and what `work` throws
 */
export async function withBaseAndHead<T>(
  context: { readonly world: World; readonly session: Session; readonly options: BaseAndHeadOptions },
  work: (cases: readonly TogetherCase[]) => Promise<T>,
): Promise<T> {
  const { world, session, options } = context;
  const folder = projectFolder(world, options.config);
  const checkout = {
    repository: folder,
    cacheDirectory: checkoutCacheDirectory(world.env),
    registry: session.registry,
    // A partial clone fetches what it lacks while it checks out. What `setUp` starts is code of the change: not for it.
    inherited: { ...world.env, ...world.gitEnv },
  };
  const setUp = {
    scenarios: onlyScenarios(options.config, options.scenario).scenarios,
    workTree: workTreeOf(await repositoryOf({ ...checkout, logDirectory: session.directory })),
    registry: session.registry,
    inherited: world.env,
    node: await nodeOnPath(folder, world.env),
    progress: session.progress,
  };
  const optionsOf = async (arm: Arm) => {
    const logDirectory = await session.folder(`checkout-${arm}`);
    const { prepared } = options;
    if (arm === 'base' && prepared !== undefined) {
      return { ...checkout, logDirectory, setUp: preparedSetUp(prepared, world.now().toISOString()) };
    }
    return { ...checkout, logDirectory, setUp: checkoutSetUp({ ...setUp, arm, logDirectory }) };
  };
  session.progress.phase('setting up');
  // One after the other: two set-ups at once may want the same port, cache or container.
  await using base = await checkOutBase({ ...(await optionsOf('base')), ref: options.ref });
  session.progress.step(`base: ${options.ref}, ${stateOf(base)}`);
  await using head = await checkOutHead(await optionsOf('head'));
  session.progress.step(
    `head: the work tree${head.isDirty ? ' with changes not committed' : ''}, ${stateOf(head)}`,
  );
  return await work(await casesOf({ world, options, folder, checkouts: { base, head } }));
}

/** Folder of the configuration: what is measured belongs to its repository, wherever the command was called. */
export function projectFolder({ cwd }: World, { file }: Config): string {
  return file === null ? cwd : dirname(file);
}

function stateOf({ commit, isReused }: Checkout): string {
  return `${commit.slice(0, 10)}, ${isReused ? 'set up by an earlier run' : 'set up'}`;
}

async function casesOf(parts: {
  readonly world: World;
  readonly options: BaseAndHeadOptions;
  readonly folder: string;
  readonly checkouts: Checkouts;
}): Promise<readonly TogetherCase[]> {
  const { world, options, folder, checkouts } = parts;
  const { base, head } = checkouts;
  const baseConfig = await configOfBase(world, options.config, checkouts);
  const accepted = await readCommitWaivers(
    { directory: head.source, inherited: world.env, signal: world.signal },
    { base: base.commit, head: head.commit },
  );
  const { config: stricter, loosened, isComplete } = stricterConfig(baseConfig.config, options.config);
  const config = withWaivers(stricter, accepted.waivers);
  const headCommit = await readCommit(folder, world.env);
  const commits = {
    base: commitOf(base, branchOf(base.ref)),
    head: { ...commitOf(head, headCommit?.branch ?? null), dirty: head.isDirty },
  };
  const { scenarios } = onlyScenarios(config, options.scenario);
  return scenarios.map((scenario, index) => {
    const at = (arm: Arm): Scenario =>
      scenarioAt(scenario, { from: head.source, to: checkouts[arm].directory });
    const arms = {
      base: { arm: 'base' as const, scenario: at('base'), commit: commits.base },
      head: { arm: 'head' as const, scenario: at('head'), commit: commits.head },
    };
    return {
      scenario,
      arms,
      names: { baseline: 'base', candidate: 'head' },
      named: (error) => ofWorkTree(error, head),
      loosened: looseningsOf(loosened, { scenario, isFirst: index === 0, all: config.scenarios }),
      warnings: distinct([
        ...base.warnings,
        ...head.warnings,
        ...(['base', 'head'] as const).flatMap((arm) =>
          checkoutWarnings([arms[arm].scenario], {
            workTree: head.source,
            directory: checkouts[arm].directory,
            inherited: world.env,
          }),
        ),
        ...limitWarnings(baseConfig, base),
        ...splitWarnings(options.config, scenario),
        ...accepted.warnings,
        ...(isComplete ? [] : [looseningUnknown()]),
      ]),
    };
  });
}

/** The copy of a work tree with changes is gone by the time that somebody reads what to do in it. */
function ofWorkTree(error: unknown, { isDirty, directory, source }: HeadCheckout): unknown {
  if (!isDirty || !(error instanceof UserError)) return error;
  const { hint = '' } = error;
  // Other hints tell of the copy itself, and of what it lacks.
  if (!hint.startsWith('Run it by hand') || !hint.includes(directory)) return error;
  return retold(error, {
    hint: `${hint.replaceAll(directory, source)}\nIt ran in a copy without the files that git ignores; the set-up has to make what it needs of them.`,
  });
}

async function configOfBase(world: World, { file }: Config, { base, head }: Checkouts): Promise<BaseConfig> {
  if (file === null) return { config: null, warnings: [] };
  return await loadBaseConfig({ file, workTree: head.source, checkout: base.directory, env: world.env });
}

function commitOf({ commit }: Checkout, branch: string | null): Commit {
  return { sha: commit, branch, dirty: false };
}

/** The ref as the name of a branch; null where it is a hash, or counts from HEAD. */
export function branchOf(ref: string): string | null {
  return /^[0-9a-f]{7,64}$|[\^~@:]|^HEAD$/.test(ref) ? null : ref;
}

/** What belongs to no scenario that is measured, such as one that is gone, is told with the first. */
function looseningsOf(
  loosened: readonly ScenarioLoosening[],
  at: { readonly scenario: Scenario; readonly isFirst: boolean; readonly all: readonly Scenario[] },
): TogetherCase['loosened'] {
  const isKnown = (name: string) => at.all.some((each) => each.name === name);
  return loosened
    .filter((each) => each.scenario === at.scenario.name || (at.isFirst && !isKnown(each.scenario)))
    .map(({ scenario, ...loosening }) => loosening);
}

function limitWarnings({ config, warnings }: BaseConfig, base: BaseCheckout): readonly Warning[] {
  if (config !== null || warnings.length > 0) return warnings;
  return [
    {
      code: 'base-without-config',
      message: `Base (${base.commit.slice(0, 10)}) has no configuration yet: that of head drives both builds, and its limits alone apply.`,
    },
  ];
}

/** What services are split by is base's until a change of it is merged. */
function splitWarnings({ scenarios }: Config, { name, splitBy }: Scenario): readonly Warning[] {
  const own = scenarios.find((scenario) => scenario.name === name);
  const text = (attributes: readonly string[] = []) => attributes.join(', ') || 'nothing';
  if (text(own?.splitBy) === text(splitBy)) return [];
  return [
    {
      code: 'split-of-base',
      message: `Services of ${name} were split by ${text(splitBy)}, as in base, and not by ${text(own?.splitBy)} ("telemetry: { split-by: … }"): a change cannot choose the rows that it is judged by, so this one counts when it is merged.`,
    },
  ];
}

function looseningUnknown(): Warning {
  return {
    code: 'loosening-unknown',
    message:
      'There are too many rules to look at all their combinations: whether head loosens a limit is known for part of them. The stricter limit was used for every row all the same.',
  };
}

function distinct(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((warning) => [warning.message, warning])).values()];
}
