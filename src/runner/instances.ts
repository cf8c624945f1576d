/** The instances of a round: fresh copies of the services, started together, stopped whatever happens. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Scenario } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import type { Arm, Warning } from '../measurement.ts';
import { deriveSeed, seededRandom, shuffled } from '../random.ts';
import { READY_LOOK_SECONDS } from '../telemetry/preload-environment.ts';
import type { RunningDependencies } from './dependency.ts';
import { type Environment, environmentSize } from './environment-size.ts';
import type { PortPool } from './free-port.ts';
import { InstanceTelemetry, signalsOf } from './instance-telemetry.ts';
import { ofArm } from './of-arm.ts';
import { servicePlaceholders } from './placeholders.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { assertReachable, runningPlaceholders, startedServices } from './running-services.ts';
import { type StartServiceOptions, serviceEnvironment, startService } from './service-process.ts';
import type { ServingProcess } from './serving-process.ts';

/** What an instance is to be. */
export interface InstancePlan {
  /** 0-based position in the round: it decides database and port, and is in every trace id. */
  readonly index: number;
  /** Its services. */
  readonly scenario: Scenario;
  /** Folder for the logs of its services. */
  readonly logDirectory: string;
  /** Which of two builds it is; absent where one is measured alone. */
  readonly arm?: Arm;
  /** Variables of its services, over those of the configuration. */
  readonly variables?: Readonly<Record<string, string>>;
}

export interface StartInstancesOptions {
  /** In order of their index. */
  readonly plans: readonly InstancePlan[];
  /** 0-based index of the round. */
  readonly index: number;
  readonly seed: number;
  /** Folder of this round, for recordings. */
  readonly directory: string;
  readonly registry: ProcessRegistry;
  readonly ports: PortPool;
  readonly dependencies: RunningDependencies;
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

export interface RunningInstance {
  readonly plan: InstancePlan;
  readonly index: number;
  readonly id: string;
  readonly telemetry: InstanceTelemetry;
  /** Those that were started for it. */
  readonly services: readonly ServingProcess[];
}

/** The instances of a round; what was started is stopped whatever happens. */
export class InstanceSet implements AsyncDisposable {
  readonly #instances: RunningInstance[] = [];
  readonly #started: { readonly service: ServingProcess; readonly plan: InstancePlan }[] = [];
  readonly #telemetry: InstanceTelemetry[] = [];

  /** In order of their index, not of their start. */
  get all(): readonly RunningInstance[] {
    return [...this.#instances].sort((left, right) => left.index - right.index);
  }

  own(service: ServingProcess, plan: InstancePlan): void {
    this.#started.push({ service, plan });
  }

  /** Receives until the set is disposed of: services send their last spans while they end. */
  receive(telemetry: InstanceTelemetry): void {
    this.#telemetry.push(telemetry);
  }

  add(instance: RunningInstance): void {
    this.#instances.push(instance);
  }

  /** Rejects as soon as one of the services ends by itself; never resolves. */
  async failure(): Promise<never> {
    throw await Promise.race(
      this.#started.map(async ({ service, plan }) => ofArm(await service.died, plan.arm ?? null)),
    );
  }

  /** @returns warnings by the index of the instance */
  async stop(): Promise<ReadonlyMap<number, readonly Warning[]>> {
    const warnings = new Map<number, readonly Warning[]>();
    await Promise.all(
      this.#started.map(async ({ service, plan }) => {
        const found = await service.stop();
        warnings.set(plan.index, [...(warnings.get(plan.index) ?? []), ...found]);
      }),
    );
    return warnings;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Promise.all(this.#telemetry.map((telemetry) => telemetry[Symbol.asyncDispose]()));
  }
}

/** All at once, begun in an order that the seed decides: whoever is first finds a colder machine. */
export async function startInstances(options: StartInstancesOptions, instances: InstanceSet): Promise<void> {
  const prepared: PreparedInstance[] = [];
  await assertReachable(
    options.plans.flatMap(({ scenario }) => scenario.services),
    options.registry.signal,
  );
  // One after the other, so that the seed alone decides who gets which port.
  for (const plan of options.plans) prepared.push(await prepareInstance(options, plan, instances));
  const sizes = environmentSizes(prepared);
  const failure = new AbortController();
  const starts = startOrder(options.seed, options.index, prepared.length).map(async (position) => {
    try {
      const instance = prepared[position] as PreparedInstance;
      await startInstance(instance, { sizes, instances, signal: failure.signal });
    } catch (error) {
      // One that fails ends the run: nobody waits for the others.
      failure.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(starts);
  failure.signal.throwIfAborted();
}

/** Positions in the order in which they are begun. Pure. */
export function startOrder(seed: number, round: number, count: number): readonly number[] {
  const positions = Array.from({ length: count }, (_, index) => index);
  return shuffled(positions, seededRandom(deriveSeed(seed, round)));
}

interface PreparedInstance {
  readonly plan: InstancePlan;
  readonly id: string;
  readonly telemetry: InstanceTelemetry;
  readonly services: readonly StartServiceOptions[];
}

async function prepareInstance(
  options: StartInstancesOptions,
  plan: InstancePlan,
  instances: InstanceSet,
): Promise<PreparedInstance> {
  const { index, scenario, logDirectory } = plan;
  const started = startedServices(scenario);
  // Paths of equal length: they are in the environment, whose size moves the stack.
  const number = String(index).padStart(String(options.plans.length - 1).length, '0');
  const telemetry = await InstanceTelemetry.open(
    join(options.directory, `recordings-${number}`),
    started,
    options.inherited,
    signalsOf(scenario),
  );
  instances.receive(telemetry);
  await mkdir(logDirectory, { recursive: true });
  const ports = new Map<string, number>();
  for (const { name } of started) ports.set(name, await options.ports.take());
  const placeholders = {
    ...options.dependencies.placeholders(index),
    ...servicePlaceholders(ports),
    ...runningPlaceholders(scenario.services),
  };
  const services = started.map((service): StartServiceOptions => {
    const { variables, nodeOptions } = telemetry.variablesOf(service, options.inherited);
    return {
      service: { ...service, env: { ...service.env, ...plan.variables } },
      port: ports.get(service.name) ?? 0,
      registry: options.registry,
      inherited: options.inherited,
      logPath: join(logDirectory, `${service.name}-${number}.log`),
      variables: { ...variables, ...options.dependencies.variables(index) },
      ...(nodeOptions !== null && { nodeOptions }),
      placeholders,
    };
  });
  return { plan, id: `r${options.index}i${number}`, telemetry, services };
}

/** The largest environment of each service: all of its instances get one of that size. */
function environmentSizes(prepared: readonly PreparedInstance[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { plan, services } of prepared) {
    for (const options of services) {
      const size = environmentSize(environmentOf(options, plan));
      sizes.set(options.service.name, Math.max(size, sizes.get(options.service.name) ?? 0));
    }
  }
  return sizes;
}

function environmentOf(options: StartServiceOptions, { arm }: InstancePlan): Environment {
  try {
    return serviceEnvironment(options).env;
  } catch (error) {
    throw ofArm(error, arm ?? null);
  }
}

async function startInstance(
  { plan, id, telemetry, services: prepared }: PreparedInstance,
  context: {
    readonly sizes: ReadonlyMap<string, number>;
    readonly instances: InstanceSet;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { sizes, instances, signal } = context;
  const services: ServingProcess[] = [];
  try {
    for (const options of prepared) {
      const size = plan.arm === undefined ? undefined : sizes.get(options.service.name);
      const serving = await startService({
        ...options,
        ...(size !== undefined && { environmentSize: size }),
        signal,
      });
      instances.own(serving, plan);
      services.push(serving);
    }
  } catch (error) {
    throw signal.aborted ? error : ofArm(error, plan.arm ?? null, 'start-failed');
  }
  await telemetry.sayReady();
  // Who does not listen looks for it now and then: what it did before would be seen by nobody.
  const isOnlySeenByLog = prepared.some(({ service }) => service.ready.kind === 'log');
  if (isOnlySeenByLog) await delay(2 * READY_LOOK_SECONDS * 1000);
  instances.add({ plan, index: plan.index, id, telemetry, services });
}

/** Origin that the load is sent to. */
export function urlOf({ plan: { scenario }, services }: RunningInstance): string {
  const running = scenario.services.find((each) => each.name === scenario.load.service)?.url;
  if (running !== undefined) return running;
  const service = services.find((each) => each.name === scenario.load.service);
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
