/** How a command ends that was stopped or went wrong: what stderr says, and the exit code. */
import { EXIT, type ExitCode, UserError } from '../errors.ts';
import { wantsColour } from '../report/colour.ts';
import { errorText } from '../report/error-text.ts';
import type { World } from '../world.ts';
import { Interruption } from './interruption.ts';

/** Prints what was thrown, and says which exit code it means. */
export function failed(error: unknown, world: Pick<World, 'stderr' | 'env' | 'signal'>): ExitCode {
  if (world.signal.aborted) {
    const kept = error instanceof Interruption ? error.kept : [];
    const lines = [`stopped by ${world.signal.reason}, and all that was started has ended`, ...kept];
    world.stderr.write(`spangate: ${lines.join('; ')}\n`);
    return world.signal.reason === 'SIGTERM' ? EXIT.sigterm : EXIT.sigint;
  }
  world.stderr.write(errorText(error, { colour: wantsColour(world.env, world.stderr.isTTY === true) }));
  return error instanceof UserError ? error.exitCode : EXIT.couldNotMeasure;
}
