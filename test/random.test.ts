import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveSeed, seededRandom, shuffled } from '../src/random.ts';

describe('seeded randomness', () => {
  test('repeats itself from the same seed, and only then', () => {
    const draw = (seed: number) => Array.from({ length: 8 }, seededRandom(seed));
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test('is uniform: 100,000 draws fill ten bins alike (chi-squared below the 0.999 quantile of 27.9)', () => {
    const random = seededRandom(42);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i += 1) {
      const bin = Math.floor(random() * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const chiSquared = bins.reduce((sum, observed) => sum + (observed - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(27.9);
  });

  test('shuffles without losing or doubling anything', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
        expect(shuffled(items, seededRandom(seed)).sort()).toEqual([...items].sort());
      }),
      { seed: 1 },
    );
  });

  test('gives every order of three items about as often as any other', () => {
    const random = seededRandom(1);
    const seen = new Map<string, number>();
    for (let i = 0; i < 6_000; i += 1) {
      const order = shuffled(['a', 'b', 'c'], random).join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const times of seen.values()) expect(Math.abs(times - 1000)).toBeLessThan(130);
  });

  test('derives different seeds for different parts', () => {
    const seeds = new Set<number>();
    for (let round = 0; round < 50; round += 1) {
      for (let instance = 0; instance < 20; instance += 1) seeds.add(deriveSeed(1, round, instance));
    }
    expect(seeds.size).toBe(1000);
  });
});
