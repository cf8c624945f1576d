/** How wide stdout is, and whether it shows colours. */
import { wantsColour } from '../report/colour.ts';
import type { FormatOptions } from '../report/format.ts';
import type { World } from '../world.ts';

export function page({ stdout, env }: World): FormatOptions {
  return {
    width: stdout.columns ?? 80,
    colour: wantsColour(env, stdout.isTTY === true),
  };
}
