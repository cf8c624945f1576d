import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ArmShift, armShifts, type ExchangeabilityLine } from '../../../bench/arm-shifts.mjs';

/** Written by bench/exchangeability.mjs on a quiet machine. */
const RESULTS = resolve(import.meta.dirname, '../../../bench/results/exchangeability.jsonl');

/** Fewer say little about a shift of the size of the noise. */
const ENOUGH_ROUNDS = 20;

/**
 * Two-sided, Student's t with 19 degrees of freedom is beyond 4.5 in 1 of 4000: with some 60 rows of a service and
 * three models, that happens by chance in less than 1 of 20 recordings.
 */
const LARGEST_T = 4.5;

function recordedSeries(): readonly (readonly [string, readonly ArmShift[]])[] {
  if (!existsSync(RESULTS)) return [];
  const lines = readFileSync(RESULTS, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ExchangeabilityLine);
  const keys = new Set(lines.map(({ service, model }) => `${service}, ${model}`));
  return [...keys].flatMap((key) => {
    const own = lines.filter(({ service, model }) => `${service}, ${model}` === key);
    const shifts = armShifts(own).filter(({ rounds }) => rounds >= ENOUGH_ROUNDS);
    return shifts.length === 0 ? [] : [[key, shifts] as const];
  });
}

const SERIES = recordedSeries();

describe.runIf(SERIES.length > 0)('the arms of recorded rounds of one build', () => {
  test.each(SERIES)('are exchangeable: %s', (_series, shifts) => {
    for (const { row, quantile, t } of shifts) {
      expect(Math.abs(t), `${quantile} of ${row}`).toBeLessThan(LARGEST_T);
    }
    const sizes = shifts.map(({ t }) => Math.abs(t)).sort((left, right) => left - right);
    // Half of the shifts of exchangeable arms are below 0.69 standard errors; rows of one service are correlated.
    expect(sizes[sizes.length >> 1]).toBeLessThan(2);
  });
});

describe('the shift between arms', () => {
  const line = (base: readonly number[], head: readonly number[], count = 500): ExchangeabilityLine => {
    const quantiles = (values: readonly number[]) =>
      values.map((p50) => ({ count, p50, p90: 2 * p50, p99: 3 * p50 }));
    return {
      service: 's',
      model: 'm',
      invalid: null,
      rows: { client: { base: quantiles(base), head: quantiles(head) } },
    };
  };
  const factor = (share: number) => Math.exp(share);

  test('is the mean of the rounds, with the standard error that their spread makes', () => {
    const lines = [0.01, 0.03].map((shift) => line([1, 1], [factor(shift), factor(shift)]));
    const [p50, p90] = armShifts(lines);
    expect(p50).toMatchObject({ row: 'client', quantile: 'p50', rounds: 2 });
    expect(p50?.shift).toBeCloseTo(0.02, 12);
    // Standard deviation 0.01414 of two rounds, divided by the root of two.
    expect(p50?.standardError).toBeCloseTo(0.01, 12);
    expect(p50?.t).toBeCloseTo(2, 9);
    expect(p90?.shift).toBeCloseTo(0.02, 12);
  });

  test('comes with the spread between instances within an arm and a round, whatever the shift', () => {
    const lines = [0, 5].map((shift) =>
      line([factor(-0.01), factor(0.01)], [factor(shift - 0.01), factor(shift + 0.01)]),
    );
    expect(armShifts(lines)[0]?.spread).toBeCloseTo(0.01 * Math.sqrt(2), 12);
  });

  test('leaves out rounds that cannot be used, and rows with few requests', () => {
    expect(armShifts([line([1, 1], [1, 1]), { ...line([1, 1], [9, 9]), invalid: 'cpu-stolen' }])).toEqual([]);
    expect(armShifts([line([1, 1], [1, 1], 99), line([1, 1], [1, 1], 99)])).toEqual([]);
  });
});
