/**
 * Which position of a round is which build. Ports, databases, the order in which the load meets the instances and the
 * order of their starts all follow from positions, so this one shuffle makes the builds exchangeable in all of them.
 */
import type { Arm } from '../../measurement.ts';
import { deriveSeed, seededRandom, shuffled } from '../../random.ts';

/** Any number that no other part of a run has. */
const LAYOUT_SEED = 0xa4a5;

/**
 * Arms by position. Pure.
 *
 * @param round 0-based, over all stages of the run
 * @param instances of each arm
 */
export function armsByPosition(seed: number, round: number, instances: number): readonly Arm[] {
  const arms = Array.from({ length: instances }, () => ['base', 'head'] as const).flat();
  return shuffled<Arm>(arms, seededRandom(deriveSeed(seed, LAYOUT_SEED, round)));
}
