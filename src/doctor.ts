/** Placeholder. */
import type { MeasuringOptions } from './commands.ts';
import { EXIT, type ExitCode } from './errors.ts';
import type { World } from './world.ts';

export async function runDoctor(_world: World, _options: MeasuringOptions): Promise<ExitCode> {
  return EXIT.pass;
}
