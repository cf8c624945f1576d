/** Runs the `setup` commands of services, such as `npm ci && npm run build`, once before anything is measured. */
import { join } from 'node:path';
import type { Scenario } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import { childEnvironment } from './child-environment.ts';
import { openLogFile } from './log-file.ts';
import type { ProcessRegistry } from './process-registry.ts';
import type { RunProgress } from './run-progress.ts';
import { binFolders } from './service-process.ts';

export interface SetUpOptions {
  readonly scenario: Scenario;
  readonly registry: ProcessRegistry;
  readonly inherited: Readonly<Record<string, string | undefined>>;
  readonly logDirectory: string;
  readonly progress: RunProgress;
}

/** @throws UserError `setup-failed` with the end of what the command printed */
export async function setUpServices(options: SetUpOptions): Promise<void> {
  for (const service of options.scenario.services) {
    if (service.setup === null) continue;
    options.progress.step(`${service.name}: ${service.setup}`);
    using log = openLogFile(join(options.logDirectory, `${service.name}-setup.log`));
    const { env } = childEnvironment({
      inherited: options.inherited,
      configured: service.env,
      path: binFolders(service.directory),
      packageRegistries: true,
    });
    const group = options.registry.spawn({
      command: service.setup,
      directory: service.directory,
      env,
      stdout: log.descriptor,
      stderr: log.descriptor,
    });
    const { code, signal } = await group.exited;
    await group.stop(0);
    options.registry.signal.throwIfAborted();
    if (code === 0) continue;
    throw new UserError({
      code: 'setup-failed',
      what: `The set-up of ${service.name} failed: ${service.setup} ${code === null ? `was ended by ${signal}` : `exited with ${code}`}.`,
      where: `services.${service.name}.setup`,
      detail: log.lastLines(),
      hint: 'Run that command in the folder of the service; it has to work there first.',
      exitCode: EXIT.couldNotMeasure,
    });
  }
}
