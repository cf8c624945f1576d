/** Fingerprints of the data that rounds start from, as the `state` commands print them. */
import type { Arm, Warning } from '../measurement.ts';
import { type DependencyContext, runStep } from './dependency-commands.ts';
import { stateDiffers } from './dependency-warnings.ts';
import type { Target } from './instance-target.ts';

/** All instances of all rounds of a build must start from the same state; the first one seen is taken for it. */
export class StartingStates {
  /** The first fingerprint of each build, by dependency. */
  readonly #first = new Map<string, Map<Arm | null, string>>();

  /** @throws UserError `dependency-state-failed` */
  async check(context: DependencyContext, target: Target): Promise<Warning | null> {
    const { dependency, arm } = context;
    if (dependency.state === null) return null;
    const found = await runStep(context, 'state', target);
    const states = this.#first.get(dependency.name) ?? new Map<Arm | null, string>();
    this.#first.set(dependency.name, states);
    const expected = states.get(arm) ?? found;
    states.set(arm, expected);
    return found === expected ? null : stateDiffers(dependency.name, target, { expected, found });
  }

  /** Which is no fault: a migration may be meant to change data. */
  differBetweenArms(dependency: string): boolean {
    return new Set(this.#first.get(dependency)?.values()).size > 1;
  }
}
