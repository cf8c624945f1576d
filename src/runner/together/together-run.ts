/**
 * Two builds on one machine at the same time: rounds of k fresh instances of each, measured one after another for as
 * long as the caller wants more. Each stage becomes two measurements whose rounds share their ids.
 */

import type { Scenario } from '../../config.ts';
import type { Arm, ArmPair, Commit, Measurement, Warning } from '../../measurement.ts';

/** The confirming stage has rounds of its own: what raised the alarm must not confirm it. */
export type Stage = 'screen' | 'confirm';

/** One of the two builds; set up already. */
export interface ArmSource {
  readonly arm: Arm;
  /** Head's scenario, with the folders, and where builds differ by them the variables, of this arm. */
  readonly scenario: Scenario;
  readonly commit: Commit | null;
}

export interface RoundPlan {
  readonly stage: Stage;
  /** Ends the round with the concurrency probe. */
  readonly probe: boolean;
}

/** Dependencies run from its begin to its end; services only while a round does. */
export interface TogetherRun extends AsyncDisposable {
  /** k, instances of each arm in a round. */
  readonly instances: number;
  /** What may trade places under the hypothesis of no difference: whole arms where a dependency is tied to one. */
  readonly exchangeable: 'instances' | 'arms';
  /** Of the run itself, such as what its dependencies share. */
  readonly warnings: readonly Warning[];
  /** Since the first round began. */
  elapsedSeconds(): number;
  /**
   * @throws UserError when a service of an arm, its telemetry, a dependency or the load fails; the message says which
   *   arm. The reason of the registry's signal when it is aborted
   */
  measureRound(plan: RoundPlan): Promise<void>;
  /** Rounds of the stage so far; null where there is none. */
  measurements(stage: Stage): ArmPair<Measurement> | null;
}
