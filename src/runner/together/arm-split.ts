/** Parts a round by arm: two rounds with the same id, conditions and fate. */
import type { Arm } from '../../measurement.ts';
import type { RoundResult } from '../round.ts';

/**
 * What one arm did in the round. Whatever makes it invalid holds for both. Pure.
 *
 * @param arms by position
 */
export function ofOneArm(finished: RoundResult, arms: readonly Arm[], arm: Arm): RoundResult {
  const own = <T>(items: readonly T[]): readonly T[] => items.filter((_, position) => arms[position] === arm);
  const { round, load, instanceWarnings } = finished;
  return {
    ...finished,
    round: { ...round, instances: own(round.instances) },
    results: own(finished.results),
    recordings: own(finished.recordings),
    load: { ...load, instances: own(load.instances) },
    instanceWarnings: new Map([...instanceWarnings].filter(([position]) => arms[position] === arm)),
  };
}
