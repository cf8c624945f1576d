/** Commands that send requests themselves have none where the load is a command. */
import type { Scenario } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';

/**
 * @param what wants to send them, such as `doctor`
 * @throws UserError `load-is-a-command`
 */
export function assertRequests({ name, load }: Pick<Scenario, 'name' | 'load'>, what: string): void {
  if (load.command === undefined) return;
  throw new UserError({
    code: 'load-is-a-command',
    what: `The load of ${name} is a command, and \`spangate ${what}\` sends requests of its own.`,
    where: 'load.command',
    hint: 'Choose another scenario with --scenario. `spangate run` measures this one, and says what was seen of it.',
    exitCode: EXIT.usage,
  });
}
