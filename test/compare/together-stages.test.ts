import { describe, expect, test } from 'vitest';
import type { Pair } from '../../src/compare/judgement.ts';
import type { Series } from '../../src/compare/series.ts';
import { type Stages, stagesOf } from '../../src/compare/together-stages.ts';
import type { TogetherRounds } from '../../src/config.ts';
import { seededRandom } from '../../src/random.ts';
import { pairOf } from './pairs.ts';
import { STANDARD } from './policies.ts';
import { normal } from './sketch.ts';

const INSTANCES = 4;

/** One to screen, two to confirm, five at most: the third round of screening is the last. */
const PLAN: TogetherRounds = {
  ...{ instances: INSTANCES, screen: 1, confirm: 2, atMost: 5 },
  ...{ durationSeconds: 24, budgetSeconds: 240, probe: null },
};

describe('the last look at screening rounds', () => {
  const leaning = roundsOf(3, { worse: 0.022, spread: 0.05 });

  test('has the alpha of the whole stage, since only a suspect can use the rounds that are left', () => {
    const last = stages(leaning);
    const p = last.first.estimates.get(leaning.id)?.pWorse ?? 1;
    expect(p).toBeGreaterThan(0.06);
    expect(p).toBeLessThan(0.3);
    expect(last.alpha.look).toBe(0.3);
    expect([...last.suspects]).toEqual([leaning.id]);
  });

  test('is no earlier one, which has its share of it', () => {
    const earlier = stages(leaning, { plan: { ...PLAN, atMost: 7 } });
    expect(earlier.alpha.look).toBeCloseTo(0.03, 12);
    expect(earlier.suspects.size).toBe(0);
  });

  test('asks a suspect that it alone has found for a third of the p that confirms another', () => {
    const again = roundsOf(2, { worse: 0.06, spread: 0.02 }, 7);
    expect(stages(leaning, { again }).alpha.confirm).toBeCloseTo(0.0006, 12);
    const clear = roundsOf(3, { worse: 0.08, spread: 0.02 });
    expect(stages(clear, { again }).alpha.confirm).toBeCloseTo(0.0018, 12);
  });

  test('has no more than its share where so few labelings could confirm nothing', () => {
    const few = roundsOf(3, { worse: 0.03, spread: 0.05 }, 3, 2);
    expect(stages(few).alpha.look).toBeCloseTo(0.06, 12);
  });
});

test('a suspect is confirmed by rounds in which an instance has a few spans less than screening asks for', () => {
  const clear = roundsOf(1, { worse: 0.2, spread: 0.01 });
  const short = (count: number): Pair => {
    const again = roundsOf(2, { worse: 0.2, spread: 0.01 }, 5);
    const [first, ...rest] = again.baseline;
    return first ? { ...again, baseline: [{ ...first, count }, ...rest] } : again;
  };
  expect([...stages(clear, { again: short(15) }).confirmed]).toEqual([clear.id]);
  expect(stages(clear, { again: short(14) }).confirmed.size).toBe(0);
});

/** A row whose candidate is slower by `worse`, in instances that differ by `spread`, both on the log scale. */
function roundsOf(
  rounds: number,
  { worse, spread }: { readonly worse: number; readonly spread: number },
  seed = 3,
  instances = INSTANCES,
): Pair {
  const random = seededRandom(seed);
  const arm = (shift: number): Series =>
    Array.from({ length: rounds * instances }, (_, index) => ({
      round: `round ${Math.floor(index / instances)}`,
      value: 0.01 * Math.exp(shift + spread * normal(random)),
      count: 20,
      events: 0,
    }));
  return pairOf('p50', { baseline: arm(0), candidate: arm(worse) });
}

function stages(
  pair: Pair,
  { again, plan = PLAN }: { readonly again?: Pair; readonly plan?: TogetherRounds } = {},
): Stages {
  const policy = { ...STANDARD, alpha: { screen: 0.3, confirm: 0.003 } };
  return stagesOf([pair], new Map(again ? [[pair.id, again]] : []), {
    policy,
    seed: 1,
    swap: 'instances',
    plan,
  });
}
