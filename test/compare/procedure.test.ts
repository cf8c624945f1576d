import { describe, expect, test } from 'vitest';
import { compare } from '../../src/compare/compare.ts';
import type { Comparison, Row } from '../../src/compare/comparison.ts';
import { planOf, withDecidingRounds } from '../../src/compare/gate-plan.ts';
import { nextStep, openRows, type Progress } from '../../src/compare/procedure.ts';
import type { TogetherRounds } from '../../src/config.ts';
import { STANDARD } from './policies.ts';
import { measurementOf } from './sketch.ts';

const PLAN: TogetherRounds = {
  instances: 4,
  screen: 2,
  confirm: 3,
  atMost: 7,
  durationSeconds: 8,
  budgetSeconds: 240,
  probe: { connections: 8, slotSeconds: 1 },
};

const OPERATIONS = {
  'list orders': { latency: 0.005, spans: { 'server:api:GET /orders': { duration: 0.004 } } },
};
const SIDE = { rounds: 2, instances: 4, roundPrefix: 'r', operations: OPERATIONS };
const QUIET = compare({
  baseline: measurementOf({ ...SIDE, id: 'base', seed: 1, spread: 0.002 }),
  candidate: measurementOf({ ...SIDE, id: 'head', seed: 2, spread: 0.002 }),
  policy: STANDARD,
  seed: 1,
  createdAt: '2026-01-02T00:00:00.000Z',
  tool: 'spangate 0.0.0',
  comparability: 'like',
});
const ROW = QUIET.rows.find((row) => row.id === 'list orders | - | p50') as Row;

/** The comparison with one gated time row that reads as given, and no other that matters. */
function reads(row: Partial<Row>, comparison: Partial<Comparison> = {}): Comparison {
  const verdict = row.outcome === 'fail' ? 'fail' : row.verdict === 'inconclusive' ? 'inconclusive' : 'pass';
  return { ...QUIET, verdict, rows: [{ ...ROW, ...row }], ...comparison };
}

const NOISY = reads({
  verdict: 'inconclusive',
  reason: 'noisy',
  effect: 1,
  interval: { lower: 0.95, upper: 1.052, level: 0.9 },
});
const SCREENED = reads({ verdict: 'inconclusive', reason: 'screened' });
const NOT_CONFIRMED = reads({ verdict: 'inconclusive', reason: 'not-confirmed' });

/** @param seconds a round */
function at(screen: number, confirm: number, comparison: Comparison | null, seconds = 15): Progress {
  return {
    together: PLAN,
    rounds: { screen: { measured: screen, valid: screen }, confirm: { measured: confirm, valid: confirm } },
    comparison,
    elapsedSeconds: seconds * (screen + confirm),
  };
}

describe('the next step', () => {
  test('is a screening round with the probe to begin with', () => {
    expect(nextStep(at(0, 0, null))).toEqual({
      kind: 'measure',
      stage: 'screen',
      probe: true,
      why: 'planned',
    });
  });

  test('is nothing as soon as all rows pass', () => {
    expect(nextStep(at(1, 0, QUIET))).toEqual({ kind: 'stop', why: 'passed' });
  });

  test('is nothing once a row fails, such as one more call in every request', () => {
    const failing = reads({ verdict: 'regression', reason: 'calls-constant-changed', outcome: 'fail' });
    expect(nextStep(at(1, 0, failing))).toEqual({ kind: 'stop', why: 'failed' });
  });

  test('is a planned confirming round where only the concurrency probe fails, and suspects may say why', () => {
    const slower = {
      ...ROW,
      id: 'coarse',
      under: 'concurrency',
      outcome: 'fail',
      verdict: 'regression',
    } as const;
    const suspect = {
      ...ROW,
      ...({ verdict: 'inconclusive', reason: 'too-few-instances' } as const),
    };
    const both: Comparison = { ...QUIET, verdict: 'fail', rows: [slower, suspect] };
    expect(nextStep(at(1, 1, both))).toMatchObject({ kind: 'measure', stage: 'confirm', why: 'planned' });
    expect(nextStep(at(1, 3, both))).toEqual({ kind: 'stop', why: 'failed' });
    expect(nextStep(at(1, 1, { ...both, rows: [slower, ROW] }))).toEqual({ kind: 'stop', why: 'failed' });
  });

  test('is the second planned round while a row is open', () => {
    expect(nextStep(at(1, 0, NOISY))).toEqual({
      kind: 'measure',
      stage: 'screen',
      probe: false,
      why: 'planned',
    });
  });

  test('is the confirming stage as soon as a row is suspect, with a probe of its own where one was of the probe', () => {
    const probed = reads({ verdict: 'inconclusive', reason: 'screened', under: 'concurrency' });
    for (const [suspect, probe] of [
      [SCREENED, false],
      [probed, true],
    ] as const) {
      expect(nextStep(at(1, 0, suspect))).toEqual({
        ...{ kind: 'measure', stage: 'confirm' },
        ...{ probe, why: 'suspects' },
      });
    }
    expect(nextStep(at(2, 1, NOT_CONFIRMED))).toMatchObject({
      stage: 'confirm',
      probe: false,
      why: 'planned',
    });
  });

  test('goes on beyond the plan while a row is open, in the stage that it is in', () => {
    expect(nextStep(at(2, 0, NOISY))).toMatchObject({ stage: 'screen', why: 'open' });
    expect(nextStep(at(2, 3, NOT_CONFIRMED))).toMatchObject({ stage: 'confirm', why: 'open' });
  });

  test('leaves room for the confirming stage, and ends with the most rounds there may be', () => {
    expect(nextStep(at(4, 0, NOISY))).toEqual({ kind: 'stop', why: 'rounds' });
    expect(nextStep(at(2, 5, NOT_CONFIRMED))).toEqual({ kind: 'stop', why: 'rounds' });
  });

  test('begins no round that the budget is not enough for', () => {
    expect(nextStep(at(2, 0, NOISY, 100))).toEqual({ kind: 'stop', why: 'budget' });
    expect(nextStep(at(2, 0, SCREENED, 81))).toEqual({ kind: 'stop', why: 'budget' });
    expect(nextStep(at(2, 0, SCREENED, 80))).toMatchObject({ stage: 'confirm' });
  });

  test('gives up on a row that no number of allowed rounds could settle', () => {
    const hopeless = reads({
      verdict: 'inconclusive',
      reason: 'noisy',
      effect: 1,
      interval: { lower: 0.6, upper: 1.6, level: 0.9 },
    });
    expect(nextStep(at(2, 0, hopeless))).toEqual({ kind: 'stop', why: 'hopeless' });
    // The planned rounds are measured all the same: a row can become a suspect in them.
    expect(nextStep(at(1, 0, hopeless))).toMatchObject({ kind: 'measure', why: 'planned' });
  });

  test('goes on where a confirmed row is neither beyond its limit nor clearly below it', () => {
    const borderline = reads({
      verdict: 'regression',
      reason: 'slower',
      outcome: 'warn',
      effect: 1.045,
      interval: { lower: 1.03, upper: 1.06, level: 0.9 },
    });
    expect(nextStep(at(2, 3, borderline))).toMatchObject({ stage: 'confirm', why: 'open' });
    const below = reads({ ...borderline.rows[0], interval: { lower: 1.03, upper: 1.049, level: 0.9 } });
    expect(nextStep(at(2, 3, below))).toEqual({ kind: 'stop', why: 'passed' });
  });

  test('measures a round again that did not count, and not for ever', () => {
    const rounds = { screen: { measured: 2, valid: 1 }, confirm: { measured: 0, valid: 0 } };
    expect(nextStep({ ...at(2, 0, NOISY), rounds })).toMatchObject({ stage: 'screen', why: 'planned' });
    const none = { screen: { measured: 4, valid: 0 }, confirm: { measured: 0, valid: 0 } };
    expect(nextStep({ ...at(4, 0, null), rounds: none })).toEqual({ kind: 'stop', why: 'rounds' });
    const probed = { screen: { measured: 1, valid: 0 }, confirm: { measured: 0, valid: 0 } };
    expect(nextStep({ ...at(1, 0, null), rounds: probed })).toMatchObject({ probe: true });
  });

  test('takes no row into account that further rounds cannot settle', () => {
    const hidden = reads({ verdict: 'inconclusive', reason: 'dependency-saturated' });
    expect(openRows(hidden)).toEqual([]);
    expect(nextStep(at(2, 0, hidden))).toEqual({ kind: 'stop', why: 'settled' });
    const probed = reads({ verdict: 'inconclusive', reason: 'not-confirmed', under: 'concurrency' });
    expect(openRows(probed)).toEqual([]);
    expect(openRows(reads({ verdict: 'inconclusive', reason: 'noisy', waivedBy: 0 }))).toEqual([]);
  });
});

describe('what the gate says before it begins', () => {
  const alpha = { screen: 0.3, confirm: 0.01 };

  test('is nothing where the plan can decide', () => {
    expect(planOf(PLAN, { instances: 4, alpha, exchangeable: 'instances' }).warnings).toEqual([]);
  });

  test('is that two rounds of two against two confirm nothing, and how many would', () => {
    const plan = { ...PLAN, confirm: 2, atMost: 4 };
    const { warnings } = planOf(plan, { instances: 2, alpha, exchangeable: 'instances' });
    expect(warnings.map(({ code }) => code)).toEqual(['too-few-labelings']);
    // 6 ** 3 = 216 labelings; what two looks could not spend is there in the third.
    expect(warnings[0]?.message).toContain('3 confirming rounds');
  });

  test('is that whole arms need far more rounds', () => {
    const { warnings } = planOf(PLAN, { instances: 4, alpha, exchangeable: 'arms' });
    expect(warnings[0]?.message).toContain('tied to an arm');
    expect(warnings[0]?.message).toContain('7 confirming rounds');
  });

  test('is that one instance an arm shows no time at all', () => {
    const { warnings } = planOf(PLAN, { instances: 1, alpha, exchangeable: 'instances' });
    expect(warnings.map(({ code }) => code)).toEqual(['single-instance']);
  });

  test('is a smallest change that gets smaller with more rounds', () => {
    const few = planOf(PLAN, { instances: 2, alpha, exchangeable: 'instances' });
    const many = planOf(PLAN, { instances: 4, alpha, exchangeable: 'instances' });
    expect(many.detectable.p50).toBeLessThan(few.detectable.p50);
    expect(many.detectable.p50).toBeGreaterThan(0);
  });
});

describe('the confirming rounds of a plan', () => {
  const alpha = { screen: 0.3, confirm: 0.003 };
  const confirmOf = (instances: number, confirm: number, exchangeable: 'instances' | 'arms' = 'instances') =>
    withDecidingRounds({ ...PLAN, confirm }, { instances, alpha, exchangeable }).confirm;

  test('are as many as it takes for their labelings to reach the alpha of the planned look', () => {
    expect(confirmOf(4, 3)).toBe(3);
    // 20 labelings a round: 400 are fewer than 1 / 0.0018.
    expect(confirmOf(3, 2)).toBe(3);
    expect(confirmOf(2, 3)).toBe(4);
  });

  test('stay as they are where no allowed number would do', () => {
    expect(confirmOf(4, 3, 'arms')).toBe(3);
    expect(confirmOf(1, 3)).toBe(3);
  });
});
