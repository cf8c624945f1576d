import { describe, expect, test } from 'vitest';
import { startOrder } from '../../../src/runner/instances.ts';
import { armsByPosition } from '../../../src/runner/together/round-layout.ts';

const SEEDS = Array.from({ length: 4000 }, (_, seed) => seed);
const INSTANCES = 3;
const POSITIONS = Array.from({ length: 2 * INSTANCES }, (_, position) => position);

/** Five standard deviations of a fair coin: with 50 looks, one in 100,000 runs of a fair one is further off. */
const TOLERANCE = 5 * Math.sqrt(0.25 / SEEDS.length);

function shareOf(isHead: (seed: number) => boolean): number {
  return SEEDS.filter(isHead).length / SEEDS.length;
}

describe('which position of a round is which arm', () => {
  test('is the same for the same seed and round, and another one for others', () => {
    expect(armsByPosition(7, 2, 8)).toEqual(armsByPosition(7, 2, 8));
    expect(armsByPosition(7, 2, 8)).not.toEqual(armsByPosition(7, 3, 8));
    expect(armsByPosition(7, 2, 8)).not.toEqual(armsByPosition(8, 2, 8));
  });

  test('gives each arm as many instances', () => {
    for (const seed of SEEDS.slice(0, 100)) {
      const arms = armsByPosition(seed, 0, INSTANCES);
      expect(arms.filter((arm) => arm === 'base')).toHaveLength(INSTANCES);
      expect(arms.filter((arm) => arm === 'head')).toHaveLength(INSTANCES);
    }
  });

  test.each([0, 1, 5])('is balanced at every position over the seeds, in round %i', (round) => {
    for (const position of POSITIONS) {
      const share = shareOf((seed) => armsByPosition(seed, round, INSTANCES)[position] === 'head');
      expect(Math.abs(share - 0.5), `position ${position}`).toBeLessThan(TOLERANCE);
    }
  });

  test('is balanced over the rounds of one seed', () => {
    for (const position of POSITIONS) {
      const share = shareOf((round) => armsByPosition(7, round, INSTANCES)[position] === 'head');
      expect(Math.abs(share - 0.5), `position ${position}`).toBeLessThan(TOLERANCE);
    }
  });

  test('says nothing about the arm of the next position beyond that arms are equally many', () => {
    const same = shareOf((seed) => {
      const [first, second] = armsByPosition(seed, 0, INSTANCES);
      return first === second;
    });
    // Of 3 + 3, the second is of the arm of the first in 2 of 5.
    expect(Math.abs(same - 2 / 5)).toBeLessThan(TOLERANCE);
  });
});

describe('who is started first', () => {
  test('is an order of all positions, the same for the same seed', () => {
    expect([...startOrder(3, 1, 6)].sort()).toEqual(POSITIONS);
    expect(startOrder(3, 1, 6)).toEqual(startOrder(3, 1, 6));
  });

  test('is balanced over the arms, at every place of the order', () => {
    for (const place of POSITIONS) {
      const share = shareOf((seed) => {
        const position = startOrder(seed, 0, POSITIONS.length)[place] ?? 0;
        return armsByPosition(seed, 0, INSTANCES)[position] === 'head';
      });
      expect(Math.abs(share - 0.5), `place ${place}`).toBeLessThan(TOLERANCE);
    }
  });

  test('does not follow the positions', () => {
    const share = shareOf((seed) => startOrder(seed, 0, POSITIONS.length)[0] === 0);
    expect(Math.abs(share - 1 / 6)).toBeLessThan(TOLERANCE);
  });
});
