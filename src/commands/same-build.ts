/** The configured folders as both arms: what `calibrate` and `selftest` measure. */
import { dirname } from 'node:path';
import type { Config } from '../config.ts';
import type { TogetherCase } from '../gate-together.ts';
import type { World } from '../world.ts';
import { casesOfSides, setUpSides } from './ab-sides.ts';
import type { Session } from './session.ts';

/** Sets the services up, once for both arms. @throws UserError as `setUpSides` */
export async function openSameBuild(
  world: World,
  session: Session,
  config: Config,
): Promise<readonly TogetherCase[]> {
  const folder = config.file === null ? world.cwd : dirname(config.file);
  const sides = { folders: { base: folder, head: folder }, env: { base: {}, head: {} } };
  const cases = await casesOfSides(world, config, sides);
  await setUpSides(cases, { world, session, sides });
  return cases;
}
