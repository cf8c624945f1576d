/** The instances of a round: fresh copies of the services, started together, stopped whatever happens. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scenario } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import type { Warning } from '../measurement.ts';
import { deriveSeed, seededRandom, shuffled } from '../random.ts';
import { preloadEnvironment } from '../telemetry/preload-environment.ts';
import type { RunningDependencies } from './dependency.ts';
import type { PortPool } from './free-port.ts';
import { servicePlaceholders } from './placeholders.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { startService } from './service-process.ts';
import type { ServingProcess } from './serving-process.ts';

export interface StartInstancesOptions {
  readonly scenario: Scenario;
  /** How many. */
  readonly count: number;
  /** 0-based index of the round. */
  readonly index: number;
  readonly seed: number;
  /** Folder of this round, for logs and recordings. */
  readonly directory: string;
  readonly registry: ProcessRegistry;
  readonly ports: PortPool;
  readonly dependencies: RunningDependencies;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

export interface RunningInstance {
  readonly index: number;
  readonly id: string;
  readonly recordings: string;
  readonly services: readonly ServingProcess[];
}

/** The instances of a round; what was started is stopped whatever happens. */
export class InstanceSet implements AsyncDisposable {
  readonly #instances: RunningInstance[] = [];
  readonly #started: ServingProcess[] = [];

  /** In order of their index, not of their start. */
  get all(): readonly RunningInstance[] {
    return [...this.#instances].sort((left, right) => left.index - right.index);
  }

  own(service: ServingProcess): void {
    this.#started.push(service);
  }

  add(instance: RunningInstance): void {
    this.#instances.push(instance);
  }

  /** Rejects as soon as one of the services ends by itself; never resolves. */
  async failure(): Promise<never> {
    throw await Promise.race(this.#started.map((service) => service.died));
  }

  async stop(): Promise<readonly Warning[]> {
    return (await Promise.all(this.#started.map((service) => service.stop()))).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** All at once, begun in an order that the seed decides: whoever is first finds a colder machine. */
export async function startInstances(options: StartInstancesOptions, instances: InstanceSet): Promise<void> {
  const order = shuffled(
    Array.from({ length: options.count }, (_, index) => index),
    seededRandom(deriveSeed(options.seed, options.index)),
  );
  // One that fails ends the run, and the registry ends what the others have begun.
  await Promise.all(order.map((index) => startInstance(options, index, instances)));
}

async function startInstance(
  options: StartInstancesOptions,
  index: number,
  instances: InstanceSet,
): Promise<void> {
  const id = `r${options.index}i${index}`;
  const recordings = join(options.directory, `recordings-${index}`);
  await mkdir(recordings, { recursive: true });
  const ports = new Map<string, number>();
  for (const { name } of options.scenario.services) ports.set(name, await options.ports.take());
  const placeholders = { ...options.dependencies.placeholders(index), ...servicePlaceholders(ports) };
  const services: ServingProcess[] = [];
  for (const service of options.scenario.services) {
    const { NODE_OPTIONS, ...variables } = preloadEnvironment({
      directory: recordings,
      serviceName: service.name,
      nodeOptions: undefined,
    });
    const serving = await startService({
      service,
      port: ports.get(service.name) ?? (await options.ports.take()),
      registry: options.registry,
      inherited: options.inherited,
      logPath: join(options.directory, `${service.name}-${index}.log`),
      variables: { ...variables, ...options.dependencies.variables(index) },
      ...(NODE_OPTIONS === undefined ? {} : { nodeOptions: NODE_OPTIONS }),
      placeholders,
    });
    instances.own(serving);
    services.push(serving);
  }
  instances.add({ index, id, recordings, services });
}

/** Origin that the load is sent to. */
export function urlOf(scenario: Scenario, instance: RunningInstance): string {
  const service = instance.services.find((each) => each.name === scenario.load.service);
  if (!service) {
    throw new UserError({
      code: 'unknown-service',
      what: `The load names the service ${scenario.load.service}, and there is none.`,
      where: 'load.service',
      exitCode: EXIT.usage,
    });
  }
  return `http://${service.host}:${service.port}`;
}
