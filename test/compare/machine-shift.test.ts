import { describe, expect, test } from 'vitest';
import { logShifts } from '../../src/compare/log-shift.ts';
import { machineShift, pressureRise } from '../../src/compare/machine-shift.ts';
import { pairOf, values } from './pairs.ts';
import { measurementOf } from './sketch.ts';

/** Rows whose medians moved by these factors. */
function shiftOf(factors: readonly number[], rise: number | null = null) {
  const pairs = factors.map((factor, index) => ({
    ...pairOf('p50', {
      baseline: values([1, 1.01, 0.99, 1]),
      candidate: values([1, 1.01, 0.99, 1].map((value) => value * factor)),
    }),
    id: `row ${index}`,
  }));
  return machineShift(
    pairs,
    logShifts(pairs, () => 0.05),
    rise,
  ).median;
}

describe('a machine that moved', () => {
  test('is seen where four in five spans got slower, though not alike', () => {
    expect(shiftOf([1.2, 1.3, 1.5, 1.9, 2.6, 1.1, 1.4, 1.25]).moved).toBe(true);
    expect(shiftOf([0.8, 0.7, 0.85, 0.6, 0.7, 0.75]).moved).toBe(true);
  });

  test('is not seen where a third of the spans got slower', () => {
    expect(shiftOf([1.5, 1.6, 1.5, 1, 1.01, 0.99, 1.02, 1, 1]).moved).toBe(false);
  });

  test('is not seen in the usual difference between two runs', () => {
    expect(shiftOf([1.04, 1.05, 1.06, 1.03, 1.08, 1.05]).moved).toBe(false);
  });

  test('is not seen in fewer spans than could tell it from one slow place', () => {
    expect(shiftOf([1.5, 1.5, 1.5]).moved).toBe(false);
  });

  test('is seen with fewer moves where the kernel says that CPUs were in demand', () => {
    const factors = [1.5, 1.4, 1.1, 1, 1.3, 1.01];
    expect(shiftOf(factors, 0.02).moved).toBe(false);
    expect(shiftOf(factors, 0.2).moved).toBe(true);
    // Less demand does not explain slower spans.
    expect(shiftOf(factors, -0.2).moved).toBe(false);
  });

  test('leaves room for a span that stands out far', () => {
    const shift = shiftOf([1.2, 1.22, 1.19, 1.21, 1.2, 1.18, 1.23, 3]);
    expect(Math.exp(shift.centre)).toBeCloseTo(1.2, 1);
    expect(Math.log(3) - shift.centre).toBeGreaterThan(shift.outlying);
  });
});

test('the demand for CPUs is compared where both kernels tell of it', () => {
  const quiet = measurementOf({ operations: {} });
  const busy = {
    ...quiet,
    rounds: quiet.rounds.map((round) => ({ ...round, conditions: { ...round.conditions, pressure: 0.4 } })),
  };
  const silent = {
    ...quiet,
    rounds: quiet.rounds.map((round) => ({ ...round, conditions: { ...round.conditions, pressure: null } })),
  };
  expect(pressureRise([quiet], busy)).toBeCloseTo(0.4, 10);
  expect(pressureRise([quiet], silent)).toBeNull();
});
