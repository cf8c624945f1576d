/** The servers of dependencies that spangate started: watched, and stopped whatever happens. */
import type { UserError } from '../errors.ts';
import type { Arm, DependencyUse, Warning } from '../measurement.ts';
import { watchCpu } from './cpu-use.ts';
import { type DependencyContext, logPathOf, prepare } from './dependency-commands.ts';
import type { Target } from './instance-target.ts';
import { ofArm } from './of-arm.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

/** Databases write out what they hold in memory when they end. */
const STOP_TIMEOUT_SECONDS = 10;

interface Server {
  readonly process: ServingProcess;
  readonly name: string;
  /** Null where it serves all instances. */
  readonly arm: Arm | null;
}

export class DependencyServers {
  /** Resolves when one of them ends although nobody stopped it; never otherwise. */
  readonly died: Promise<UserError>;
  #resolveDied: (error: UserError) => void = () => {};
  #servers: readonly Server[] = [];

  constructor() {
    this.died = new Promise((resolve) => {
      this.#resolveDied = resolve;
    });
  }

  /**
   * Nothing is started for a dependency that runs already.
   *
   * @throws UserError of a dependency that does not start; it says the arm
   */
  async start(context: DependencyContext, target: Target): Promise<void> {
    const { name, scope, start, directory, ready, startTimeoutSeconds } = context.dependency;
    const port = context.ports.find((each) => each.name === name)?.port ?? null;
    if (start === null || port === null) return;
    // Where it serves both, a message that names one would be wrong.
    const arm = scope === 'per-arm' ? context.arm : null;
    const process = await namingArm(
      arm,
      startServing({
        role: 'dependency',
        name,
        ...prepare(context, start, 'start', target),
        directory,
        port,
        ready,
        startTimeoutSeconds,
        stopTimeoutSeconds: STOP_TIMEOUT_SECONDS,
        logPath: logPathOf({ ...context, arm }, null),
        registry: context.registry,
      }),
    );
    this.#servers = [...this.#servers, { process, name, arm }];
    process.died.then((error) => this.#resolveDied(ofArm(error, arm)));
  }

  /** Begins to watch what they use; the function it returns says how much that was since then. */
  startWatch(): () => readonly DependencyUse[] {
    const servers = this.#servers;
    const uses = watchCpu(servers.map(({ process }) => process.pid));
    return () =>
      uses().map((use, index) => {
        const { name = '', arm = null } = servers[index] ?? {};
        return { name, ...(arm !== null && { arm }), ...use };
      });
  }

  /** Ends all of them, or those of one dependency, the last one first. */
  async stop(name?: string): Promise<readonly Warning[]> {
    const warnings: Warning[] = [];
    const ending = this.#servers.filter((server) => name === undefined || server.name === name);
    for (const server of ending.toReversed()) warnings.push(...(await server.process.stop()));
    this.#servers = this.#servers.filter((server) => !ending.includes(server));
    return warnings;
  }
}

async function namingArm<T>(arm: Arm | null, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw ofArm(error, arm);
  }
}
