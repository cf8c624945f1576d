/** The dependencies as one build sees them: its commands, its names, its ports. */
import type { Dependency } from '../config.ts';
import type { Arm, ArmPair } from '../measurement.ts';
import { seededRandom, shuffled } from '../random.ts';
import type { PortPool } from './free-port.ts';
import { type ArmLetter, commonTarget, type DependencyPort } from './instance-target.ts';

export interface DependencySide {
  /** Null where one build is measured alone. */
  readonly arm: Arm | null;
  readonly letter: ArmLetter;
  readonly dependencies: readonly Dependency[];
  /** In the order of `dependencies`. */
  readonly ports: readonly DependencyPort[];
}

export async function onlySide(dependencies: readonly Dependency[], pool: PortPool): Promise<DependencySide> {
  return { arm: null, letter: null, dependencies, ports: await portsOf(dependencies, pool, null) };
}

/**
 * Both builds, in the order of their letters; the seed draws which of them is `a`. What both use has one port, that
 * which head's definition names.
 */
export async function armSides(
  arms: ArmPair<readonly Dependency[]>,
  pool: PortPool,
  seed: number,
): Promise<readonly DependencySide[]> {
  const order = shuffled<Arm>(['base', 'head'], seededRandom(seed));
  const shared = await portsOf(arms.head, pool, null);
  const sides: DependencySide[] = [];
  for (const [index, arm] of order.entries()) {
    const letter = index === 0 ? 'a' : 'b';
    const dependencies = arms[arm];
    const own = await portsOf(
      dependencies.filter(({ scope }) => scope === 'per-arm'),
      pool,
      letter,
    );
    const ports = shared.map((port) => own.find(({ name }) => name === port.name) ?? port);
    sides.push({ arm, letter, dependencies, ports });
  }
  return sides;
}

async function portsOf(
  dependencies: readonly Dependency[],
  pool: PortPool,
  letter: ArmLetter,
): Promise<readonly DependencyPort[]> {
  const ports: DependencyPort[] = [];
  for (const { name, scope, start, env } of dependencies) {
    const port = start === null ? runningPort(env.PORT) : await pool.take();
    ports.push({ name, port, common: commonTarget(scope, letter) });
  }
  return ports;
}

/** Of a dependency that runs already. */
function runningPort(text: string | undefined): number | null {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 ? port : null;
}
