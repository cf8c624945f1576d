/** Commands that send HTTP requests themselves have none where the load is something else. */
import type { Scenario } from '../../config.ts';
import { EXIT, UserError } from '../../errors.ts';

/**
 * @param what wants to send them, such as `doctor`
 * @throws UserError `load-is-a-command`, `load-is-grpc`
 */
export function assertRequests({ name, load }: Pick<Scenario, 'name' | 'load'>, what: string): void {
  if (load.command === undefined && load.grpc === undefined) return;
  const isCommand = load.command !== undefined;
  throw new UserError({
    code: isCommand ? 'load-is-a-command' : 'load-is-grpc',
    what: `The load of ${name} is ${isCommand ? 'a command' : 'gRPC'}, and \`spangate ${what}\` sends HTTP requests of its own.`,
    where: isCommand ? 'load.command' : 'load.grpc',
    hint: 'Choose another scenario with --scenario. `spangate run` measures this one, and says what was seen of it.',
    exitCode: EXIT.usage,
  });
}
