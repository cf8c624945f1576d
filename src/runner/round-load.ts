/** The load of a round: all instances at once, while the machine and the services are watched. */
import type { DependencyUse, RoundConditions } from '../measurement.ts';
import { deriveSeed } from '../random.ts';
import type { RunningDependencies } from './dependency.ts';
import { type InstanceSet, type RunningInstance, urlOf } from './instances.ts';
import type { LoadProgress, LoadResult } from './load/load-result.ts';
import { runLoad } from './load/model-load.ts';
import { runCommandLoad } from './load-command/command-load.ts';
import { startConditions } from './machine.ts';
import { ofArm } from './of-arm.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { type RoundOptions, runTagOf } from './round-options.ts';

/** Of the order of the requests; any number that no other part of a run has. */
const LOAD_SEED = 0x10ad;

/** @throws UserError when a service or dependency ends meanwhile, or the load cannot be driven */
export async function loadInstances(
  options: RoundOptions,
  instances: InstanceSet,
): Promise<{ load: LoadResult; conditions: RoundConditions }> {
  const { scenario, registry, progress, dependencies, seed, index } = options;
  const watch = new StretchWatch(options);
  progress.phase('warm-up');
  const onProgress = (at: LoadProgress) => watch.see(at);
  const { model } = options;
  const load = await whileAllServe({ instances, dependencies, registry }, (signal): Promise<LoadResult> => {
    if (model === 'command')
      return runCommandLoad({ ...options, instances: instances.all, signal, onProgress });
    return runLoad(model, {
      load: scenario.load,
      workload: options.workload,
      targets: instances.all.map((instance) => ({ instance: instance.index, url: urlOf(instance) })),
      runTag: runTagOf(options),
      warmUp: scenario.rounds.warmUp,
      durationSeconds: options.durationSeconds,
      seed: deriveSeed(seed, LOAD_SEED, index),
      signal,
      onProgress,
    });
  });
  return { load, conditions: { ...watch.end(), ...generatorOf(load) } };
}

/** @throws the reason of whatever ended first: a service, a dependency, the work, the run */
export async function whileAllServe<T>(
  world: {
    readonly instances: InstanceSet;
    readonly dependencies: RunningDependencies;
    readonly registry: ProcessRegistry;
  },
  begin: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const failure = new AbortController();
  const work = begin(AbortSignal.any([world.registry.signal, failure.signal]));
  try {
    return await Promise.race([work, world.instances.failure(), dependencyFailure(world.dependencies)]);
  } catch (error) {
    // The work itself only notices that nobody answers.
    failure.abort(error);
    await work.catch(() => {});
    throw blamed(error, world.instances.all);
  }
}

/** Watches the machine from the beginning of the measured stretch. */
class StretchWatch {
  readonly #options: RoundOptions;
  #conditions = startConditions();
  #dependencies: () => readonly DependencyUse[];
  #isMeasuring = false;

  constructor(options: RoundOptions) {
    this.#options = options;
    this.#dependencies = options.dependencies.startWatch();
  }

  see({ phase, seconds, requests, p50 }: LoadProgress): void {
    const { progress, dependencies, remainingSeconds } = this.#options;
    if (phase === 'measured' && !this.#isMeasuring) {
      this.#isMeasuring = true;
      this.#conditions = startConditions();
      this.#dependencies = dependencies.startWatch();
    }
    progress.phase(phase === 'measured' ? 'measuring' : 'warm-up');
    progress.live({
      requests,
      ...(p50 === null ? {} : { p50Seconds: p50 }),
      remainingSeconds: remainingSeconds(phase === 'measured' ? seconds : 0),
    });
  }

  end(): Pick<RoundConditions, 'steal' | 'pressure' | 'dependencies'> {
    const dependencies = this.#dependencies();
    return { ...this.#conditions(), ...(dependencies.length > 0 && { dependencies }) };
  }
}

function generatorOf(
  load: LoadResult,
): Pick<RoundConditions, 'generatorCpu' | 'generatorSaturated' | 'starts'> {
  const { generatorCpu, generatorSaturated, punctuality } = load;
  if (!punctuality) return { generatorCpu, generatorSaturated };
  const { rate, achievedRate, due, dropped, lateShare } = punctuality;
  return { generatorCpu, generatorSaturated, starts: { rate, achievedRate, due, dropped, lateShare } };
}

async function dependencyFailure(dependencies: RunningDependencies): Promise<never> {
  throw await dependencies.died;
}

/** An error of the load names the address of the instance that it met. */
function blamed(error: unknown, instances: readonly RunningInstance[]): unknown {
  const message = error instanceof Error ? error.message : '';
  const met = instances.find((instance) => new RegExp(`${urlOf(instance)}(?!\\d)`).test(message));
  return ofArm(error, met?.plan.arm ?? null);
}
