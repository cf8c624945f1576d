import fc from 'fast-check';
import { expect, test } from 'vitest';
import { holm } from '../../../src/compare/statistics/holm.ts';

// R: p.adjust(c(0.01, 0.04, 0.03), "holm")
test('three p-values are adjusted as in R', () => {
  expect(holm([0.01, 0.04, 0.03]).map(round)).toEqual([0.03, 0.06, 0.06]);
});

// R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm")
test('five p-values in order are adjusted as in R', () => {
  expect(holm([0.01, 0.02, 0.03, 0.04, 0.05]).map(round)).toEqual([0.05, 0.08, 0.09, 0.09, 0.09]);
});

test('none stays none', () => {
  expect(holm([])).toEqual([]);
});

test('is never smaller than p, never larger than Bonferroni, and keeps the order', () => {
  const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(shares, (pValues) => {
      const adjusted = holm(pValues);
      for (const [index, p] of pValues.entries()) {
        const own = adjusted[index] ?? -1;
        expect(own).toBeGreaterThanOrEqual(p);
        expect(own).toBeLessThanOrEqual(Math.min(1, p * pValues.length));
        for (const [other, q] of pValues.entries()) {
          if (q < p) expect(adjusted[other] ?? 2).toBeLessThanOrEqual(own);
        }
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

function round(p: number): number {
  return Math.round(p * 1e9) / 1e9;
}
