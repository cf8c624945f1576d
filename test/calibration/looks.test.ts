/** Looking after every round costs no error rate: the union bound of `spending.ts`, on simulated noise. */
import { describe, expect, test } from 'vitest';
import { alphaOfLook } from '../../src/compare/spending.ts';
import { labelingsOf } from '../../src/compare/statistics/labelings.ts';
import { maxT } from '../../src/compare/statistics/max-t.ts';
import { seededRandom } from '../../src/random.ts';
import { normal } from '../compare/sketch.ts';

const ROUND = { baseline: 3, candidate: 3 };
/** 6 over 3. */
const LABELINGS = 20;
const PLANNED = 3;
const MOST = 7;
/** Larger than any gate's, so that a few hundred gates can tell it from too much. */
const ALPHA = 0.2;
const GATES = 200;
const ROWS = 5;

/** Gates of unchanged code that raise an alarm at one of the looks. */
function alarms(alphaAt: (rounds: number) => number): number {
  const random = seededRandom(21);
  let count = 0;
  for (let gate = 0; gate < GATES; gate += 1) {
    const rows = Array.from({ length: ROWS }, () => Array.from({ length: 6 * MOST }, () => normal(random)));
    for (let rounds = 1; rounds <= MOST; rounds += 1) {
      const labelings = labelingsOf(
        Array.from({ length: rounds }, () => ROUND),
        random,
        { limit: 400 },
      );
      const { estimates } = maxT(
        rows.map((values) => ({ values: values.slice(0, 6 * rounds), class: 'p50', inFamily: true })),
        labelings,
      );
      const smallest = Math.min(...estimates.map(({ pWorse }) => pWorse ?? 1));
      if (smallest <= alphaAt(rounds)) {
        count += 1;
        break;
      }
    }
  }
  return count;
}

describe('a look after every one of seven rounds', () => {
  test('raises an alarm no more often than alpha says', () => {
    const found = alarms((rounds) =>
      alphaOfLook({
        ...{ rounds, planned: PLANNED, later: MOST - PLANNED },
        ...{ alpha: ALPHA, labelingsOfRound: LABELINGS },
      }),
    );
    // Binomial(200, 0.2): three standard deviations are 17. Looks hang together, so it stays below alpha.
    expect(found).toBeLessThanOrEqual(ALPHA * GATES + 17);
    expect(found).toBeGreaterThan(0);
  });

  test('would raise far more if each look spent all of it', () => {
    expect(alarms(() => ALPHA)).toBeGreaterThan(1.5 * ALPHA * GATES);
  });
});
