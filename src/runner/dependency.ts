/**
 * What services need and what is not measured: a database, a broker. Started before the services, filled once,
 * put back into its starting state before every round. `docs/dependencies-and-state.md` is the user's view of it.
 */
import { join } from 'node:path';
import type { Dependency } from '../config.ts';
import type { UserError } from '../errors.ts';
import type { Warning } from '../measurement.ts';
import { type DependencyContext, prepare, runStep } from './dependency-commands.ts';
import type { PortPool } from './free-port.ts';
import {
  type DependencyPort,
  instanceTargets,
  placeholdersOf,
  roundTargets,
  seededTarget,
  serviceTarget,
  type Target,
  variablesOf,
} from './instance-target.ts';
import type { Placeholders } from './placeholders.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

export interface StartDependenciesOptions {
  readonly dependencies: readonly Dependency[];
  /** Instances a round. */
  readonly instances: number;
  readonly registry: ProcessRegistry;
  readonly ports: PortPool;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Folder for logs. */
  readonly logDirectory: string;
}

export interface RunningDependencies extends AsyncDisposable {
  /** Resolves when one of them ends although nobody stopped it; never otherwise. Made for `Promise.race`. */
  readonly died: Promise<UserError>;
  /** Variables for the services of an instance (0-based): `SPANGATE_DATABASE` and the like. */
  variables(instance: number): Readonly<Record<string, string>>;
  /** The same for start commands and `env:`: `${instance}`, `${database}`, `${dependencies.db.port}`. */
  placeholders(instance: number): Placeholders;
  /**
   * Resets the data of every instance and looks at the state it starts from. To be called while no service runs.
   *
   * @throws UserError such as `dependency-reset-failed`
   */
  prepareRound(): Promise<{ readonly invalid?: Warning }>;
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
  const ports: DependencyPort[] = [];
  for (const dependency of options.dependencies) ports.push(await portOf(dependency, options.ports));
  const running = new Dependencies(options, ports);
  try {
    await running.start();
    return running;
  } catch (error) {
    await running.stop();
    throw error;
  }
}

async function portOf({ name, scope, start, env }: Dependency, pool: PortPool): Promise<DependencyPort> {
  if (start !== null) return { name, scope, port: await pool.take() };
  const port = Number(env.PORT);
  return { name, scope, port: Number.isInteger(port) && port > 0 ? port : null };
}

class Dependencies implements RunningDependencies {
  readonly died: Promise<UserError>;
  #resolveDied: (error: UserError) => void = () => {};
  readonly #options: StartDependenciesOptions;
  readonly #ports: readonly DependencyPort[];
  readonly #contexts: readonly DependencyContext[];
  readonly #instances: readonly Target[];
  readonly #servers: ServingProcess[] = [];
  /** First fingerprint of the run, by dependency. */
  readonly #states = new Map<string, string>();

  constructor(options: StartDependenciesOptions, ports: readonly DependencyPort[]) {
    this.#options = options;
    this.#ports = ports;
    this.#contexts = options.dependencies.map((dependency) => ({ ...options, dependency, ports }));
    this.#instances = instanceTargets(options.instances);
    this.died = new Promise((resolve) => {
      this.#resolveDied = resolve;
    });
  }

  async start(): Promise<void> {
    for (const context of this.#contexts) {
      await this.#serve(context);
      const target = seededTarget(context.dependency.scope);
      await runStep(context, 'migrate', target);
      await runStep(context, 'seed', target);
    }
  }

  variables(instance: number): Readonly<Record<string, string>> {
    return variablesOf(serviceTarget(this.#target(instance), this.#ports), this.#ports);
  }

  placeholders(instance: number): Placeholders {
    return placeholdersOf(serviceTarget(this.#target(instance), this.#ports), this.#ports);
  }

  async prepareRound(): Promise<{ readonly invalid?: Warning }> {
    let invalid: Warning | null = null;
    for (const context of this.#contexts) {
      // One after the other: a database server locks the template while it copies it.
      for (const target of roundTargets(context.dependency.scope, this.#instances)) {
        await runStep(context, 'reset', target);
      }
      invalid ??= await this.#checkState(context);
    }
    return invalid === null ? {} : { invalid };
  }

  async stop(): Promise<readonly Warning[]> {
    const warnings: Warning[] = [];
    for (const server of this.#servers.toReversed()) warnings.push(...(await server.stop()));
    return warnings;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #serve(context: DependencyContext): Promise<void> {
    const { dependency, registry, logDirectory } = context;
    const port = this.#ports.find(({ name }) => name === dependency.name)?.port ?? null;
    if (dependency.start === null || port === null) return;
    const { name, directory, ready, startTimeoutSeconds } = dependency;
    const server = await startServing({
      role: 'dependency',
      name,
      ...prepare(context, dependency.start, 'start', seededTarget(dependency.scope)),
      directory,
      port,
      ready,
      startTimeoutSeconds,
      stopTimeoutSeconds: STOP_TIMEOUT_SECONDS,
      logPath: join(logDirectory, `${name}.log`),
      registry,
    });
    this.#servers.push(server);
    server.died.then(this.#resolveDied);
  }

  /** All instances of all rounds of a run must start from the same state; the first one seen is taken for it. */
  async #checkState(context: DependencyContext): Promise<Warning | null> {
    const { name, scope, state } = context.dependency;
    if (state === null) return null;
    for (const target of roundTargets(scope, this.#instances)) {
      const found = await runStep(context, 'state', target);
      const expected = this.#states.get(name) ?? found;
      this.#states.set(name, expected);
      if (found !== expected) return stateDiffers(name, target, { expected, found });
    }
    return null;
  }

  #target(instance: number): Target {
    const target = this.#instances[instance];
    if (!target)
      throw new RangeError(`there are ${this.#options.instances} instances, none is number ${instance}`);
    return target;
  }
}

/** Longer fingerprints are cut: the beginning is enough to see what is meant. */
const SHOWN_STATE = 80;

function stateDiffers(
  name: string,
  { database }: Target,
  { expected, found }: { readonly expected: string; readonly found: string },
): Warning {
  return {
    code: 'state-differs',
    message: `The round began with other data than the first one: the state command of dependency ${name} printed ${shown(found)} for ${database}, and ${shown(expected)} before. Let "reset" put back all that the requests change.`,
  };
}

function shown(state: string): string {
  return JSON.stringify(state.length > SHOWN_STATE ? `${state.slice(0, SHOWN_STATE)}…` : state);
}
