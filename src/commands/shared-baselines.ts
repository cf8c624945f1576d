/** Baselines on a git ref while a command works with them: fetched into a folder, and published from it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { historyFolder, storedRuns } from '../baseline/run-history.ts';
import type { Config, Scenario } from '../config.ts';
import { openSharedRuns, type SharedRuns } from '../ref-store/shared-runs.ts';
import { ancestryOf } from '../runner/ancestry.ts';
import { deepenedUntil } from '../runner/checkout/deepened.ts';
import type { Git } from '../runner/checkout/git.ts';
import { openRepository, workTreeOf } from '../runner/checkout/repository.ts';
import type { World } from '../world.ts';
import { projectFolder } from './base-and-head.ts';

export interface SharedBaselines extends AsyncDisposable {
  /** The same, where paths of baselines lead to the fetched runs. */
  readonly config: Config;
  /** Pushes what was recorded or removed; returns a sentence for each scenario. */
  publish(message: string): Promise<readonly string[]>;
}

/**
 * Does nothing for a configuration whose baselines are files.
 *
 * @throws UserError as `openSharedRuns` and `openRepository`
 */
export async function openSharedBaselines(world: World, config: Config): Promise<SharedBaselines> {
  const onRef = config.scenarios.filter(({ baseline }) => baseline.gitRef !== undefined);
  if (onRef.length === 0) return { config, publish: async () => [], [Symbol.asyncDispose]: async () => {} };
  const git: Git = {
    directory: projectFolder(world, config),
    inherited: { ...world.env, ...world.gitEnv },
    signal: world.signal,
  };
  const temporary = await mkdtemp(join(tmpdir(), 'spangate-baselines-'));
  const remove = () => rm(temporary, { recursive: true, force: true });
  try {
    const shared = await fetched(onRef, { git, temporary });
    await historyDeepened(git, [...shared.values()]);
    const scenarios = config.scenarios.map((each) => shared.get(each.name)?.scenario ?? each);
    return {
      config: { ...config, scenarios },
      async publish(message) {
        const sentences: string[] = [];
        for (const { scenario, runs } of shared.values()) {
          const { added, removed } = await runs.publish(message);
          sentences.push(sentence(scenario, added, removed));
        }
        return sentences;
      },
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Shared {
  readonly scenario: Scenario;
  readonly runs: SharedRuns;
}

async function fetched(
  scenarios: readonly Scenario[],
  { git, temporary }: { readonly git: Git; readonly temporary: string },
): Promise<ReadonlyMap<string, Shared>> {
  const repository = await openRepository(git);
  const project = relative(workTreeOf(repository), git.directory).split(sep).join('/');
  const shared = new Map<string, Shared>();
  for (const scenario of scenarios) {
    const { name, baseline } = scenario;
    const path = join(temporary, `${name}.json`);
    const { ref = '', remote = '' } = baseline.gitRef ?? {};
    const runs = await openSharedRuns({
      place: { git, remote, ref },
      project,
      scenario: name,
      folder: historyFolder({ path }),
    });
    shared.set(name, { scenario: { ...scenario, baseline: { ...baseline, path } }, runs });
  }
  return shared;
}

/** In a shallow clone, the nearest recorded ancestor may be older than what is here. */
async function historyDeepened(git: Git, shared: readonly Shared[]): Promise<void> {
  const recorded = new Set(
    shared.flatMap(({ scenario }) => storedRuns(scenario.baseline).flatMap(({ sha }) => sha ?? [])),
  );
  if (recorded.size === 0) return;
  const remote = shared[0]?.scenario.baseline.gitRef?.remote ?? '';
  await deepenedUntil(git, remote, async () => {
    const ancestry = await ancestryOf(git, 'HEAD');
    return ancestry === null || [...recorded].some((sha) => ancestry.distances.has(sha));
  });
}

function sentence({ name, baseline }: Scenario, added: number, removed: number): string {
  const ref = baseline.gitRef?.ref ?? '';
  const parts = [
    ...(added > 0 ? [`${added === 1 ? '1 run' : `${added} runs`} stored in ${ref}`] : []),
    ...(removed > 0 ? [`${removed === 1 ? '1 run' : `${removed} runs`} removed from it`] : []),
  ];
  return `${name}: ${parts.length === 0 ? `nothing to change in ${ref}` : parts.join(', ')}`;
}
