import { describe, expect, test } from 'vitest';
import { type Judgement, judgement } from '../../src/compare/judgement.ts';
import { type GateProgress, setAsideTooNoisy, TOO_NOISY_RUN } from '../../src/compare/too-noisy.ts';
import type { Quantity } from '../../src/config.ts';
import { pairOf, values } from './pairs.ts';

/** Standard limits are 4 % at p50 and 8 % at p90; further rounds could settle both. */
const OPEN = judgement('inconclusive', 'noisy', {
  effect: 1.01,
  interval: { lower: 0.95, upper: 1.08, level: 0.9 },
});

describe('a row that is open after the planned rounds', () => {
  test('is set aside where it is of a tail, and waits for further rounds where it is a median', () => {
    const { judgements, warnings } = setAside({ p50: OPEN, p90: OPEN }, progressAt(1, 0));
    expect(reasons(judgements)).toEqual({ p90: 'too-noisy' });
    expect(warnings).toEqual([{ code: 'rows-too-noisy', message: expect.stringContaining('One time row') }]);
  });

  test('is not set aside before they are there', () => {
    expect(setAside({ p90: OPEN }, progressAt(0, 0)).judgements.size).toBe(0);
  });

  const beyond = { ...OPEN, effect: 1.1, interval: { lower: 0.98, upper: 1.24, level: 0.9 } };

  test('is not set aside where the test over all rows gives a hint of it', () => {
    for (const progress of [progressAt(1, 0), progressAt(3, 0), progressAt(1, 4)]) {
      expect(setAside({ p90: { ...beyond, p: 0.29 } }, progress).judgements.size).toBe(0);
    }
  });

  test('is set aside without one, beyond its limit too, which one of many rows is by chance', () => {
    const found = setAside({ p50: { ...beyond, p: 0.31 }, p90: { ...beyond, p: 0.31 } }, progressAt(3, 0));
    expect(reasons(found.judgements)).toEqual({ p50: 'too-noisy', p90: 'too-noisy' });
  });

  test('is not set aside where rounds that confirm others make it look worse, which no test of its own tells', () => {
    const worse = { ...OPEN, p: 1, effect: 1.05, interval: { lower: 1.01, upper: 1.09, level: 0.9 } };
    expect(setAside({ p50: worse, p90: worse }, progressAt(1, 4)).judgements.size).toBe(0);
    const better = { ...OPEN, p: 1, effect: 0.95, interval: { lower: 0.91, upper: 0.99, level: 0.9 } };
    expect(reasons(setAside({ p50: better }, progressAt(1, 4)).judgements)).toEqual({ p50: 'too-noisy' });
  });

  test('is set aside where fresh rounds did not show what made a suspect of a tail', () => {
    const cleared = { ...OPEN, reason: 'not-confirmed' as const };
    expect(reasons(setAside({ p50: cleared, p90: cleared }, progressAt(1, 2)).judgements)).toEqual({
      p90: 'too-noisy',
    });
    const leaning = { ...cleared, interval: { lower: 1.001, upper: 1.08, level: 0.9 } };
    expect(setAside({ p90: leaning }, progressAt(1, 2)).judgements.size).toBe(0);
  });

  test('makes the whole run too noisy where medians are, however many tails are', () => {
    const rows = { p50: judgement('unchanged', 'within-limit'), p90: OPEN, p95: OPEN };
    expect(codes(setAside(rows, progressAt(1, 0)))).toEqual(['rows-too-noisy']);
    const wide = { ...OPEN, effect: 1, interval: { lower: 0.5, upper: 2, level: 0.9 } };
    expect(codes(setAside({ p50: wide, p90: OPEN }, progressAt(1, 0)))).toEqual([TOO_NOISY_RUN]);
  });
});

function progressAt(screen: number, confirm: number): GateProgress {
  return {
    together: { screen: 1, confirm: 2, atMost: 5, budgetSeconds: 240 },
    rounds: { screen: { measured: screen, valid: screen }, confirm: { measured: confirm, valid: confirm } },
    elapsedSeconds: 20 * (screen + confirm),
  };
}

function setAside(found: Partial<Record<Quantity, Judgement>>, progress: GateProgress) {
  const series = values([1, 1, 1, 1]);
  const rows = Object.entries(found).map(([quantity, judged]) => ({
    pair: pairOf(quantity as Quantity, { baseline: series, candidate: series }, { level: 'fail' }),
    judged,
  }));
  return setAsideTooNoisy(
    new Map(rows.map(({ pair, judged }) => [pair.id, judged])),
    rows.map(({ pair }) => pair),
    { progress, alpha: 0.3 },
  );
}

function reasons(judgements: ReadonlyMap<string, Judgement>): Record<string, string> {
  return Object.fromEntries([...judgements].map(([id, { reason }]) => [id.split(' | ')[2], reason]));
}

function codes({ warnings }: ReturnType<typeof setAside>): readonly string[] {
  return warnings.map(({ code }) => code);
}
