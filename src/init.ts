/** Placeholder. */
import { EXIT, type ExitCode } from './errors.ts';
import type { World } from './world.ts';

export interface InitOptions {
  readonly force?: boolean;
}

export async function runInit(_world: World, _options: InitOptions): Promise<ExitCode> {
  return EXIT.pass;
}
