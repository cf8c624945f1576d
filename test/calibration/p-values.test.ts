/** What the engine promises when nothing differs, on simulated noise that is no normal distribution. */
import { describe, expect, test } from 'vitest';
import { labelingsOf } from '../../src/compare/statistics/labelings.ts';
import { maxT } from '../../src/compare/statistics/max-t.ts';
import { studentTQuantile } from '../../src/compare/statistics/student-t.ts';
import { type Random, seededRandom } from '../../src/random.ts';
import { normal } from '../compare/sketch.ts';

const ROUNDS = [
  { baseline: 4, candidate: 4 },
  { baseline: 4, candidate: 4 },
];
/** All labelings of 3 + 3 in two rounds: 400, so that p is exact and quick. */
const SMALL = [
  { baseline: 3, candidate: 3 },
  { baseline: 3, candidate: 3 },
];

/** Correlated rows with heavy tails: what the rows of an instance share, and outliers of their own. */
function noise(rows: number, columns: number, random: Random): number[][] {
  const shared = Array.from({ length: columns }, () => normal(random));
  return Array.from({ length: rows }, () =>
    shared.map((value) => 0.01 * (value + normal(random) / Math.max(0.2, Math.abs(normal(random))))),
  );
}

function columnsOf(rounds: typeof ROUNDS): number {
  return rounds.reduce((sum, round) => sum + round.baseline + round.candidate, 0);
}

describe('when nothing differs', () => {
  test('the smallest adjusted p of a family is uniform', () => {
    const random = seededRandom(11);
    const labelings = labelingsOf(SMALL, random);
    const smallest = Array.from({ length: 1500 }, () => {
      const rows = noise(8, columnsOf(SMALL), random).map((values) => ({
        values,
        class: 'p50',
        inFamily: true,
      }));
      return Math.min(...maxT(rows, labelings).estimates.map((estimate) => estimate.pWorse ?? 1));
    }).sort((left, right) => left - right);
    // Kolmogorov and Smirnov: 1.63 / sqrt(n) is the critical distance at 1 %.
    const distance = Math.max(
      ...smallest.map((p, index) =>
        Math.max(Math.abs((index + 1) / smallest.length - p), Math.abs(index / smallest.length - p)),
      ),
    );
    expect(distance).toBeLessThan(1.63 / Math.sqrt(smallest.length) + 1 / labelings.count);
  });

  test('a family of sixty rows raises an alarm as often as alpha says', () => {
    const random = seededRandom(12);
    const gates = 250;
    let alarms = 0;
    for (let gate = 0; gate < gates; gate += 1) {
      const labelings = labelingsOf(ROUNDS, random, { limit: 400 });
      const rows = noise(60, columnsOf(ROUNDS), random).map((values) => ({
        values,
        class: 'p50',
        inFamily: true,
      }));
      const { estimates } = maxT(rows, labelings);
      if (estimates.some((estimate) => (estimate.pWorse ?? 1) <= 0.1)) alarms += 1;
    }
    // Binomial(250, 0.1): mean 25, standard deviation 4.7; three of them either way.
    expect(alarms).toBeGreaterThanOrEqual(11);
    expect(alarms).toBeLessThanOrEqual(39);
  });

  test('an interval of 90 % holds the true shift in about 90 of 100 cases', () => {
    const random = seededRandom(13);
    const labelings = labelingsOf(ROUNDS, random, { limit: 1 });
    const truth = 0.05;
    let covered = 0;
    let intervals = 0;
    for (let gate = 0; gate < 400; gate += 1) {
      const rows = Array.from({ length: 8 }, () => ({
        values: Array.from(
          { length: columnsOf(ROUNDS) },
          (_, column) => 0.02 * normal(random) + (column % 8 >= 4 ? truth : 0),
        ),
        class: 'p50',
        inFamily: true,
      }));
      for (const { difference, error, df } of maxT(rows, labelings).estimates) {
        intervals += 1;
        if (Math.abs(difference - truth) <= studentTQuantile(0.95, df) * error) covered += 1;
      }
    }
    expect(covered / intervals).toBeGreaterThan(0.88);
    expect(covered / intervals).toBeLessThan(0.97);
  });
});
