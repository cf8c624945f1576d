import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { alphaOfLook, spentAt } from '../../src/compare/spending.ts';
import { labelingsInRounds } from '../../src/compare/statistics/labelings.ts';

/** Of 4 against 4 instances. */
const SEVENTY = 70;

describe('alpha over the looks at a growing number of rounds', () => {
  test('is never more than that of the stage, whatever the plan and the labelings', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 30 }),
        fc.constantFrom(2, 6, 20, SEVENTY),
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        (planned, later, looks, labelingsOfRound, alpha) => {
          let spent = 0;
          for (let rounds = 1; rounds <= looks; rounds += 1) {
            const look = alphaOfLook({ rounds, planned, later, alpha, labelingsOfRound });
            expect(look).toBeGreaterThanOrEqual(0);
            // A look that cannot decide spends nothing.
            if (labelingsInRounds(labelingsOfRound, rounds) * look >= 1) spent += look;
          }
          expect(spent).toBeLessThanOrEqual(alpha * (1 + 1e-12));
        },
      ),
      { seed: 7 },
    );
  });

  test('is a half at the planned round, where earlier ones could decide, and the rest in equal parts after it', () => {
    const look = (rounds: number, later = 4) =>
      alphaOfLook({ rounds, planned: 3, later, alpha: 0.01, labelingsOfRound: SEVENTY });
    // One round has 70 labelings: no p is below 0.0143, and its share is left to the second.
    expect(look(2)).toBeCloseTo(0.001, 12);
    expect(look(3)).toBeCloseTo(0.005, 12);
    expect(look(4)).toBeCloseTo(0.001, 12);
    expect(look(7)).toBeCloseTo(0.001, 12);
    expect(look(8)).toBe(0);
    expect(look(4, 2)).toBeCloseTo(0.002, 12);
    expect(look(5, 2)).toBeCloseTo(0.002, 12);
    expect(look(6, 2)).toBe(0);
    // As many parts as there could be would ask for more labelings than are drawn.
    expect(look(4, 9)).toBe(look(4, 4));
  });

  test('is all that is left at the planned round where there is no room for a further one', () => {
    const look = (planned: number, rounds: number) =>
      alphaOfLook({ rounds, planned, later: 0, alpha: 0.3, labelingsOfRound: SEVENTY });
    expect(look(1, 1)).toBeCloseTo(0.3, 12);
    expect(look(2, 2)).toBeCloseTo(0.27, 12);
    expect(look(2, 3)).toBe(0);
  });

  test('has that of the earlier looks where one round is planned', () => {
    const first = { rounds: 1, planned: 1, later: 2, alpha: 0.3, labelingsOfRound: SEVENTY };
    expect(alphaOfLook(first)).toBeCloseTo(0.18, 12);
  });

  test('is kept for later where whole arms alone may trade places', () => {
    const look = (rounds: number) =>
      alphaOfLook({ rounds, planned: 3, later: 4, alpha: 0.01, labelingsOfRound: 2 });
    // 2 ** 7 = 128 labelings reach 0.0094 of the 0.0098 that is there by then.
    expect(look(6)).toBeGreaterThan(look(3));
    const canDecide = Array.from({ length: 12 }, (_, index) => index + 1).filter(
      (rounds) => 2 ** rounds * look(rounds) >= 1,
    );
    expect(canDecide[0]).toBe(7);
  });

  test('is that of each stage by the rounds that counted', () => {
    const alpha = { screen: 0.3, confirm: 0.01 };
    const plan = { screen: 2, confirm: 3, atMost: 7 };
    expect(spentAt(plan, { screen: 1, confirm: 0 }, { alpha, labelingsOfRound: SEVENTY })).toEqual({
      screen: 0.03,
      confirm: 0,
    });
    expect(spentAt(plan, { screen: 2, confirm: 3 }, { alpha, labelingsOfRound: SEVENTY })).toEqual({
      screen: 0.15,
      confirm: 0.005,
    });
  });
});
