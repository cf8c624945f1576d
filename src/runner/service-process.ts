/** A service under test: its command, the environment it gets, and the process that comes of it. */
import { dirname, join } from 'node:path';
import type { Service } from '../config.ts';
import { type ChildEnvironment, childEnvironment } from './child-environment.ts';
import { paddedEnvironment } from './environment-size.ts';
import { fillAll, fillPlaceholders, type Placeholders } from './placeholders.ts';
import type { ProcessRegistry } from './process-registry.ts';
import { type ServingProcess, startServing } from './serving-process.ts';

export interface StartServiceOptions {
  readonly service: Service;
  /** From a `PortPool`. */
  readonly port: number;
  readonly registry: ProcessRegistry;
  /** Environment of spangate. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly logPath: string;
  /** Variables of ours, such as those of OpenTelemetry; `PORT` is added here. */
  readonly variables?: Readonly<Record<string, string>>;
  /** `--import …` of the preload. */
  readonly nodeOptions?: string;
  /** Besides `${port}`: ports and addresses of other services and of dependencies. */
  readonly placeholders?: Placeholders;
  /** Size of the largest environment among those that are to be equally large; see `paddedEnvironment`. */
  readonly environmentSize?: number;
  /** Gives up waiting for it, besides the signal of the registry. */
  readonly signal?: AbortSignal;
}

/**
 * Starts a service in a process group of its own and waits until it is ready.
 *
 * @throws UserError such as `service-exited`, `service-not-ready`, `service-port-taken`, `command-not-found`; nothing
 * of it runs then
 */
export function startService(options: StartServiceOptions): Promise<ServingProcess> {
  const { service, port, environmentSize } = options;
  const placeholders = placeholdersOf(options);
  const { env, withheld } = serviceEnvironment(options);
  return startServing({
    role: 'service',
    name: service.name,
    command: fillPlaceholders(service.start, placeholders, `services.${service.name}.start`),
    directory: service.directory,
    env: environmentSize === undefined ? env : paddedEnvironment(env, environmentSize),
    withheld,
    port,
    ready: service.ready,
    startTimeoutSeconds: service.startTimeoutSeconds,
    stopTimeoutSeconds: service.stopTimeoutSeconds,
    logPath: options.logPath,
    registry: options.registry,
    ...(options.signal && { signal: options.signal }),
  });
}

/** What the service gets, before it is padded. @throws UserError `unknown-placeholder` */
export function serviceEnvironment(options: StartServiceOptions): ChildEnvironment {
  const { service, port } = options;
  return childEnvironment({
    inherited: options.inherited,
    ours: { ...options.variables, PORT: String(port) },
    ...(options.nodeOptions === undefined ? {} : { nodeOptions: options.nodeOptions }),
    configured: fillAll(service.env, placeholdersOf(options), `services.${service.name}.env`),
    path: binFolders(service.directory),
  });
}

function placeholdersOf({ placeholders, port }: StartServiceOptions): Placeholders {
  return { ...placeholders, port: String(port) };
}

/** The `node_modules/.bin` folders that npm would search, so that `start: tsx server.ts` finds its tsx. */
export function binFolders(directory: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = directory; ; folder = dirname(folder)) {
    folders.push(join(folder, 'node_modules', '.bin'));
    if (dirname(folder) === folder) return folders;
  }
}
