/**
 * What services need and what is not measured: a database, a broker. Started before the services, filled once,
 * put back into its starting state before every round. `docs/dependencies-and-state.md` is the user's view of it.
 */
import type { Dependency } from '../config.ts';
import type { UserError } from '../errors.ts';
import type { Arm, ArmPair, DependencyUse, Warning } from '../measurement.ts';
import { type DependencyContext, runStep } from './dependency-commands.ts';
import { DependencyServers } from './dependency-servers.ts';
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
import type { Placeholders } from './placeholders.ts';
import type { ProcessRegistry } from './process-registry.ts';
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

/** Data of one build, and what its commands do it for. */
interface Work {
  readonly side: DependencySide;
  readonly target: Target;
}

class Dependencies implements RunningDependencies {
  readonly #world: DependencyWorld;
  readonly #sides: readonly DependencySide[];
  /** Whose definition counts where there is one server or one database for all. */
  readonly #main: DependencySide;
  readonly #instances: readonly Target[];
  readonly #servers = new DependencyServers();
  readonly #warnings: Warning[];
  readonly #states = new StartingStates();
  #arms: readonly Arm[] | null = null;
  /** Whether a round has begun since the servers were started. */
  #isUsed = false;

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
  }

  get died(): Promise<UserError> {
    return this.#servers.died;
  }

  get warnings(): readonly Warning[] {
    return this.#warnings;
  }

  async start(): Promise<void> {
    for (const [index, { scope }] of this.#main.dependencies.entries()) {
      if (scope !== 'per-arm') await this.#serve(this.#main, index);
      for (const side of this.#sidesWith(scope !== 'shared')) {
        if (scope === 'per-arm') await this.#serve(side, index);
        await this.#fill(side, index);
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
    if (this.#isUsed) await this.#renew();
    this.#isUsed = true;
    for (const [index, { scope }] of this.#main.dependencies.entries()) {
      invalid = (await this.#prepare(index, this.#roundWork(scope))) ?? invalid;
    }
    return invalid === null ? {} : { invalid };
  }

  startWatch(): () => readonly DependencyUse[] {
    return this.#servers.startWatch();
  }

  stop(): Promise<readonly Warning[]> {
    return this.#servers.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #serve(side: DependencySide, index: number): Promise<void> {
    const context = this.#context(side, index);
    await this.#servers.start(context, seededTarget(context.dependency.scope, side.letter));
  }

  async #fill(side: DependencySide, index: number): Promise<void> {
    const context = this.#context(side, index);
    const target = seededTarget(context.dependency.scope, side.letter);
    await runStep(context, 'migrate', target);
    await runStep(context, 'seed', target);
  }

  /**
   * Fresh servers for the arms, as services are fresh: what one server has of its own must not stay with an arm, or it
   * looks like a difference of the arms.
   */
  async #renew(): Promise<void> {
    for (const [index, { name, scope, start }] of this.#main.dependencies.entries()) {
      if (this.#sides.length === 1 || scope !== 'per-arm' || start === null) continue;
      for (const warning of await this.#servers.stop(name)) this.#warn(warning);
      await this.#sideBySide(async (side) => {
        await this.#serve(side, index);
        await this.#fill(side, index);
      });
    }
  }

  /** Each build copies a template of its own; servers lock a template while they copy it. */
  async #prepare(index: number, work: readonly Work[]): Promise<Warning | null> {
    const found = await this.#sideBySide(async (side) => {
      let invalid: Warning | null = null;
      const own = work.filter((each) => each.side === side);
      const context = this.#context(side, index);
      for (const { target } of own) await runStep(context, 'reset', target);
      for (const { target } of own) invalid = (await this.#states.check(context, target)) ?? invalid;
      return invalid;
    });
    const name = this.#main.dependencies[index]?.name ?? '';
    if (this.#states.differBetweenArms(name)) this.#warn(armsDiffer(name));
    return found.find((invalid) => invalid !== null) ?? null;
  }

  /** Settles when both have come to an end, however that was. */
  async #sideBySide<T>(work: (side: DependencySide) => Promise<T>): Promise<readonly T[]> {
    const begun = this.#sides.map(work);
    await Promise.allSettled(begun);
    return await Promise.all(begun);
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
