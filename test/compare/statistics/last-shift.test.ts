import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sinceLastShift } from '../../../src/compare/statistics/last-shift.ts';
import { seededRandom } from '../../../src/random.ts';
import { normal } from '../sketch.ts';

const random = seededRandom(1);
const noisy = (count: number, level: number, spread: number): number[] =>
  Array.from({ length: count }, () => level + spread * normal(random));

describe('a history', () => {
  test('is cut where its level changed for good', () => {
    for (let draw = 0; draw < 200; draw += 1) {
      const after = noisy(12, Math.log(0.7), 0.02);
      const kept = sinceLastShift([...noisy(15, 0, 0.02), ...after]);
      expect(kept).toEqual(after);
    }
  });

  test('is cut at the last of several changes', () => {
    const last = noisy(10, 0.8, 0.02);
    expect(sinceLastShift([...noisy(10, 0, 0.02), ...noisy(10, 0.4, 0.02), ...last])).toEqual(last);
  });

  test('is hardly ever cut where nothing changed', () => {
    let cuts = 0;
    for (let draw = 0; draw < 1000; draw += 1) {
      if (sinceLastShift(noisy(20, 0, 0.05)).length < 20) cuts += 1;
    }
    expect(cuts).toBeLessThan(10);
  });

  test('is not cut by a change that matters to nobody, however clear it is', () => {
    const values = [...noisy(10, 0, 0.001), ...noisy(10, Math.log(1.05), 0.001)];
    expect(sinceLastShift(values)).toEqual(values);
  });

  test('is not cut for a few stray runs at its end', () => {
    const values = [...noisy(20, 0, 0.02), ...noisy(4, 0.5, 0.02)];
    expect(sinceLastShift(values)).toEqual(values);
  });

  test('keeps its newest values, in order, and five at least', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { maxLength: 40 }), (values) => {
        const kept = sinceLastShift(values);
        expect(kept).toEqual(values.slice(values.length - kept.length));
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(5, values.length));
      }),
      { seed: 3 },
    );
  });
});
