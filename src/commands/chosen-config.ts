/** The configuration that a command works with: read from its file, narrowed to the scenarios that were asked for. */

import { loadConfig } from '../config/config-file.ts';
import type { Config, Policy } from '../config.ts';
import { EXIT, UserError } from '../errors.ts';
import { paintOf, wantsColour } from '../report/colour.ts';
import type { World } from '../world.ts';

export interface ConfigOptions {
  readonly config?: string;
  readonly scenario: readonly string[];
}

/**
 * What the file allows and the user may not have meant is said on stderr.
 *
 * @throws UserError where the file has mistakes, or `--scenario` names one that is not there
 */
export async function chosenConfig(world: World, options: ConfigOptions): Promise<Config> {
  const config = await loadConfig({
    cwd: world.cwd,
    env: world.env,
    ...(options.config === undefined ? {} : { path: options.config }),
  });
  const paint = paintOf(wantsColour(world.env, world.stderr.isTTY === true));
  for (const { message } of config.warnings ?? []) {
    world.stderr.write(`${paint.yellow('warning:')} ${message}\n`);
  }
  return onlyScenarios(config, options.scenario);
}

/** @param names empty for all of them. @throws UserError `unknown-scenario` */
export function onlyScenarios(config: Config, names: readonly string[]): Config {
  if (names.length === 0) return config;
  const unknown = names.find((name) => !config.scenarios.some((scenario) => scenario.name === name));
  if (unknown !== undefined) throw unknownScenario(unknown, config);
  return { ...config, scenarios: config.scenarios.filter((scenario) => names.includes(scenario.name)) };
}

export function withPolicy(config: Config, change: (policy: Policy) => Policy): Config {
  return {
    ...config,
    scenarios: config.scenarios.map((scenario) => ({ ...scenario, policy: change(scenario.policy) })),
  };
}

function unknownScenario(name: string, config: Config): UserError {
  return new UserError({
    code: 'unknown-scenario',
    what: `There is no scenario ${JSON.stringify(name)}.`,
    where: '--scenario',
    hint: `The configuration has: ${config.scenarios.map((scenario) => scenario.name).join(', ')}.`,
    exitCode: EXIT.usage,
  });
}
