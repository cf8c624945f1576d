/** Calibrations for tests: two arms drawn from one sketch. */
import { type Calibration, type CalibrationInput, calibrate } from '../../src/compare/calibration.ts';
import { defaultPolicy } from '../../src/config/defaults.ts';
import { measurementOf, type Sketch } from './sketch.ts';

export const PROFILES = (['standard', 'strict', 'relaxed'] as const).map(defaultPolicy);

const TOGETHER: CalibrationInput['together'] = {
  instances: 'auto',
  screen: 2,
  confirm: 3,
  atMost: 7,
  durationSeconds: 8,
  budgetSeconds: 240,
  probe: null,
};

export interface SameBuild {
  readonly sketch: Omit<Sketch, 'roundPrefix' | 'id'>;
  /** Of head's arm alone. */
  readonly head?: Partial<Sketch>;
  readonly input?: Partial<CalibrationInput>;
}

/** Rounds of 15 seconds. */
export function inputOf({ sketch, head = {}, input = {} }: SameBuild): CalibrationInput {
  const seed = sketch.seed ?? 1;
  return {
    arms: {
      base: measurementOf({ ...sketch, id: 'base', roundPrefix: 'round' }),
      head: measurementOf({ ...sketch, seed: seed + 1000, ...head, id: 'head', roundPrefix: 'round' }),
    },
    policy: defaultPolicy('standard'),
    profiles: PROFILES,
    together: TOGETHER,
    instances: sketch.instances ?? 2,
    exchangeable: 'instances',
    seconds: 15 * (sketch.rounds ?? 4),
    seed,
    createdAt: '2026-03-05T09:30:00.000Z',
    tool: 'spangate 0.1.0',
    warnings: [],
    ...input,
  };
}

export function calibrationOf(parts: SameBuild): Calibration {
  return calibrate(inputOf(parts));
}
