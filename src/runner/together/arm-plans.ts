/** What the instances of a round are to be. */
import { join } from 'node:path';
import type { Arm } from '../../measurement.ts';
import type { InstancePlan } from '../instances.ts';
import type { TogetherOptions } from './open-together.ts';

/**
 * In order of their positions.
 *
 * @param arms by position
 * @param directory of the round
 */
export function plansOf(
  options: Pick<TogetherOptions, 'base' | 'head' | 'env'>,
  arms: readonly Arm[],
  directory: string,
): readonly InstancePlan[] {
  return arms.map((arm, position) => {
    const variables = options.env?.[arm];
    return {
      index: position,
      scenario: options[arm].scenario,
      // Both names have four letters.
      logDirectory: join(directory, arm),
      arm,
      ...(variables && { variables }),
    };
  });
}
