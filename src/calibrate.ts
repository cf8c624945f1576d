/** The story of a calibration: rounds of one build in both arms, and what they say about the service. */
import {
  CALIBRATION_SCHEMA_VERSION,
  type Calibration,
  type CalibrationResult,
  calibrate,
} from './compare/calibration.ts';
import { sharedRounds } from './compare/together.ts';
import type { Policy } from './config.ts';
import type { TogetherCase, TogetherWorld } from './gate-together.ts';
import { noValidRound } from './gate-together.ts';

export interface CalibrateOptions {
  /** At least one. */
  readonly rounds: number;
  /** Policies of the shipped profiles. */
  readonly profiles: readonly Policy[];
}

/**
 * @param cases with the same build in both arms, set up already
 * @throws UserError when the service cannot be measured
 */
export async function calibrateAll(
  cases: readonly TogetherCase[],
  world: TogetherWorld,
  options: CalibrateOptions,
): Promise<CalibrationResult> {
  const calibrations: Calibration[] = [];
  for (const each of cases) calibrations.push(await calibrateCase(each, world, options));
  return { schemaVersion: CALIBRATION_SCHEMA_VERSION, calibrations };
}

async function calibrateCase(
  each: TogetherCase,
  world: TogetherWorld,
  { rounds, profiles }: CalibrateOptions,
): Promise<Calibration> {
  await using run = await world.openTogether({ ...each, rounds });
  for (let round = 0; round < rounds; round += 1) await run.measureRound({ stage: 'screen', probe: false });
  const arms = run.measurements('screen');
  if (arms === null || sharedRounds(arms.base, arms.head).size === 0) throw noValidRound(each, run);
  return calibrate({
    arms,
    profiles,
    policy: each.scenario.policy,
    together: each.scenario.rounds.together,
    instances: run.instances,
    exchangeable: run.exchangeable,
    seconds: run.elapsedSeconds(),
    seed: world.seed,
    createdAt: world.now().toISOString(),
    tool: world.tool,
    warnings: [...each.warnings, ...run.warnings],
  });
}
