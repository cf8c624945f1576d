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
import type { ArmSource } from './runner/together/together-run.ts';

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
  await using run = await world.openTogether(withRounds(each, rounds));
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

/** Who waits is told of so many rounds; the budget grows with them, so that k is that of a gate. */
function withRounds(each: TogetherCase, rounds: number): TogetherCase {
  const planned = (source: ArmSource): ArmSource => {
    const { scenario } = source;
    const { screen, confirm, budgetSeconds } = scenario.rounds.together;
    const together = {
      ...scenario.rounds.together,
      screen: rounds,
      atMost: rounds,
      budgetSeconds: (budgetSeconds * (rounds + confirm)) / (screen + confirm),
    };
    return { ...source, scenario: { ...scenario, rounds: { ...scenario.rounds, together } } };
  };
  return { ...each, rounds, arms: { base: planned(each.arms.base), head: planned(each.arms.head) } };
}
