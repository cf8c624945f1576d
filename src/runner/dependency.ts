/**
 * What services need and what is not measured: a database, a broker. Started before the services, filled once,
 * put back into its starting state before every round. `docs/dependencies-and-state.md` is the user's view of it.
 */
import type { Dependency } from '../config.ts';
import type { UserError } from '../errors.ts';
import type { Arm, ArmPair, DependencyUse, Warning } from '../measurement.ts';
import { watchCpu } from './cpu-use.ts';
import { type DependencyContext, logPathOf, prepare, runStep } from './dependency-commands.ts';
import { armSides, type DependencySide, onlySide } from './dependency-side.ts';
import { armsDiffer, armWarnings } from './dependency-warnings.ts';
import type { PortPool } from './free-port.ts';
import {
  instanceTargets,
  placeholdersOf,
  seededTarget,
  serviceTarget,
  type Target,
  templateTarget,
  variablesOf,
} from './instance-target.ts';
import { ofArm } from './of-arm.ts';
import type { Placeholders } from './placeholders.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { type ServingProcess, startServing } from './serving-process.ts';
import { StartingStates } from './starting-states.ts';

export interface DependencyWorld {
  readonly registry: ProcessRegistry;
  readonly ports: PortPool;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Folder for logs. */
  readonly logDirectory: string;
}

export interface StartDependenciesOptions extends DependencyWorld {
  readonly dependencies: readonly Dependency[];
  /** Instances a round. */
  readonly instances: number;
}

export interface StartArmDependenciesOptions extends DependencyWorld {
  /** Head's definitions, each with the folder and the variables of its arm: names, scopes and commands are the same. */
  readonly arms: ArmPair<readonly Dependency[]>;
  /** Instances a round of both arms together. */
  readonly instances: number;
  /** Whether a request of the load writes. */
  readonly hasWrites: boolean;
  readonly seed: number;
}

/** Instances are 0-based; which arm has which of them is settled anew by every `prepareRound`. */
export interface RunningDependencies extends AsyncDisposable {
  /** Resolves when one of them ends although nobody stopped it; never otherwise. Made for `Promise.race`. */
  readonly died: Promise<UserError>;
  /** What the scopes cost, and what was seen so far. */
  readonly warnings: readonly Warning[];
  /** Variables for the services of an instance: `SPANGATE_DATABASE` and the like. */
  variables(instance: number): Readonly<Record<string, string>>;
  /** The same for start commands and `env:`: `${instance}`, `${database}`, `${dependencies.db.port}`. */
  placeholders(instance: number): Placeholders;
  /**
   * Resets the data of every instance and looks at the state it starts from. To be called while no service runs.
   *
   * @param arms of the instances, where two builds are measured together; fewer where not all of them are to run
   * @throws UserError such as `dependency-reset-failed`
   */
  prepareRound(arms?: readonly Arm[]): Promise<{ readonly invalid?: Warning }>;
  /** Begins to watch what they use; the function it returns says how much that was since then. */
  startWatch(): () => readonly DependencyUse[];
  /** Ends all of them, the last one first. */
  stop(): Promise<readonly Warning[]>;
}

/** Databases write out what they hold in memory when they end. */
const STOP_TIMEOUT_SECONDS = 10;

/**
 * Starts the dependencies in the order of the file, each when the one before is ready, then migrates and seeds.
 *
 * @throws UserError, codes as for services but begun by `dependency-`; nothing runs then
 */
export async function startDependencies(options: StartDependenciesOptions): Promise<RunningDependencies> {
  const side = await onlySide(options.dependencies, options.ports);
  return await started(new Dependencies(options, [side], []));
}

/**
 * The same for two builds: one server for both, but for the scope `per-arm`; with `per-instance`, a template an arm,
 * filled by the commands of that arm.
 *
 * @throws UserError as `startDependencies`; it says which arm
 */
export async function startArmDependencies(
  options: StartArmDependenciesOptions,
): Promise<RunningDependencies> {
  const sides = await armSides(options.arms, options.ports, options.seed);
  return await started(new Dependencies(options, sides, armWarnings(options.arms.head, options.hasWrites)));
}

async function started(running: Dependencies): Promise<RunningDependencies> {
  try {
    await running.start();
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

interface Server {
  readonly process: ServingProcess;
  readonly name: string;
  /** Null where it serves all instances. */
  readonly arm: Arm | null;
}

/** Data of one build, and what its commands do it for. */
interface Work {
  readonly side: DependencySide;
  readonly target: Target;
}

class Dependencies implements RunningDependencies {
  readonly died: Promise<UserError>;
  #resolveDied: (error: UserError) => void = () => {};
  readonly #world: DependencyWorld;
  readonly #sides: readonly DependencySide[];
  /** Whose definition counts where there is one server or one database for all. */
  readonly #main: DependencySide;
  readonly #instances: readonly Target[];
  readonly #servers: Server[] = [];
  readonly #warnings: Warning[];
  readonly #states = new StartingStates();
  #arms: readonly Arm[] | null = null;

  constructor(
    options: DependencyWorld & { readonly instances: number },
    sides: readonly DependencySide[],
    warnings: readonly Warning[],
  ) {
    const main = sides.find(({ arm }) => arm !== 'base');
    if (!main) throw new RangeError('there is no side of head');
    this.#world = options;
    this.#sides = sides;
    this.#main = main;
    this.#instances = instanceTargets(options.instances);
    this.#warnings = [...warnings];
    this.died = new Promise((resolve) => {
      this.#resolveDied = resolve;
    });
  }

  get warnings(): readonly Warning[] {
    return this.#warnings;
  }

  async start(): Promise<void> {
    for (const [index, { scope }] of this.#main.dependencies.entries()) {
      for (const side of this.#sidesWith(scope === 'per-arm')) await this.#serve(side, index);
      for (const side of this.#sidesWith(scope !== 'shared')) {
        const target = seededTarget(scope, side.letter);
        await runStep(this.#context(side, index), 'migrate', target);
        await runStep(this.#context(side, index), 'seed', target);
      }
    }
  }

  variables(instance: number): Readonly<Record<string, string>> {
    const { ports } = this.#sideOf(instance);
    return variablesOf(serviceTarget(this.#target(instance), ports), ports);
  }

  placeholders(instance: number): Placeholders {
    const { ports } = this.#sideOf(instance);
    return placeholdersOf(serviceTarget(this.#target(instance), ports), ports);
  }

  async prepareRound(arms?: readonly Arm[]): Promise<{ readonly invalid?: Warning }> {
    this.#arms = this.#sides.length > 1 ? this.#checked(arms) : null;
    let invalid: Warning | null = null;
    for (const [index, { scope }] of this.#main.dependencies.entries()) {
      invalid = (await this.#prepare(index, this.#roundWork(scope))) ?? invalid;
    }
    return invalid === null ? {} : { invalid };
  }

  startWatch(): () => readonly DependencyUse[] {
    const uses = watchCpu(this.#servers.map(({ process }) => process.pid));
    return () =>
      uses().map((use, index) => {
        const { name = '', arm = null } = this.#servers[index] ?? {};
        return { name, ...(arm !== null && { arm }), ...use };
      });
  }

  async stop(): Promise<readonly Warning[]> {
    const warnings: Warning[] = [];
    for (const server of this.#servers.toReversed()) warnings.push(...(await server.process.stop()));
    return warnings;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #serve(side: DependencySide, index: number): Promise<void> {
    const context = this.#context(side, index);
    const { name, scope, start, directory, ready, startTimeoutSeconds } = context.dependency;
    const port = side.ports[index]?.port ?? null;
    if (start === null || port === null) return;
    // Where it serves both, a message that names one would be wrong.
    const arm = scope === 'per-arm' ? side.arm : null;
    const process = await namingArm(
      arm,
      startServing({
        role: 'dependency',
        name,
        ...prepare(context, start, 'start', seededTarget(scope, side.letter)),
        directory,
        port,
        ready,
        startTimeoutSeconds,
        stopTimeoutSeconds: STOP_TIMEOUT_SECONDS,
        logPath: logPathOf({ ...context, arm }, null),
        registry: this.#world.registry,
      }),
    );
    this.#servers.push({ process, name, arm });
    process.died.then((error) => this.#resolveDied(ofArm(error, arm)));
  }

  /** The builds side by side: each copies a template of its own, and servers lock a template while they copy it. */
  async #prepare(index: number, work: readonly Work[]): Promise<Warning | null> {
    const lanes = this.#sides.map(async (side) => {
      let invalid: Warning | null = null;
      const own = work.filter((each) => each.side === side);
      const context = this.#context(side, index);
      for (const { target } of own) await runStep(context, 'reset', target);
      for (const { target } of own) invalid = (await this.#states.check(context, target)) ?? invalid;
      return invalid;
    });
    const outcomes = await Promise.allSettled(lanes);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    const name = this.#main.dependencies[index]?.name ?? '';
    if (this.#states.differBetweenArms(name)) this.#warn(armsDiffer(name));
    return (
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : null)).find(Boolean) ?? null
    );
  }

  /** Once: the same sentence after every round would bury the others. */
  #warn(warning: Warning): void {
    const isKnown = this.#warnings.some(({ message }) => message === warning.message);
    if (!isKnown) this.#warnings.push(warning);
  }

  #roundWork(scope: Dependency['scope']): readonly Work[] {
    if (scope !== 'per-instance') {
      return this.#sidesWith(scope === 'per-arm').map((side) => ({
        side,
        target: seededTarget(scope, side.letter),
      }));
    }
    return this.#instances.slice(0, this.#arms?.length).map((target, instance) => {
      const side = this.#sideOf(instance);
      return { side, target: { ...target, template: templateTarget(side.letter).database } };
    });
  }

  #checked(arms: readonly Arm[] = []): readonly Arm[] {
    if (arms.length > 0 && arms.length <= this.#instances.length) return arms;
    throw new RangeError(`${arms.length} arms for at most ${this.#instances.length} instances`);
  }

  #sidesWith(all: boolean): readonly DependencySide[] {
    return all ? this.#sides : [this.#main];
  }

  #context(side: DependencySide, index: number): DependencyContext {
    const dependency = side.dependencies[index];
    if (!dependency) throw new RangeError(`${side.arm} has no dependency number ${index}`);
    return { ...this.#world, dependency, arm: side.arm, ports: side.ports };
  }

  #sideOf(instance: number): DependencySide {
    const arm = this.#arms?.[instance] ?? null;
    return this.#sides.find((side) => side.arm === arm) ?? this.#main;
  }

  #target(instance: number): Target {
    const target = this.#instances[instance];
    if (!target)
      throw new RangeError(`there are ${this.#instances.length} instances, none is number ${instance}`);
    return target;
  }
}

async function namingArm<T>(arm: Arm | null, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw ofArm(error, arm);
  }
}
