import { describe, expect, test } from 'vitest';
import { permutationStage } from '../../src/compare/permutation-stage.ts';
import type { Series } from '../../src/compare/series.ts';
import { seededRandom } from '../../src/random.ts';
import { pairOf, values } from './pairs.ts';

const BASELINE = values([1, 1.3, 0.9, 1.2]);
const CANDIDATE = values([1.1, 0.8, 1.25, 1]);

describe('a median of instances that were matched request by request', () => {
  test('is judged by how the instances compare, not by what each was sent', () => {
    const { difference, error } = estimateOf(
      matched(BASELINE, [-0.03, -0.032, -0.029, -0.03]),
      matched(CANDIDATE, [0.03, 0.031, 0.029, 0.031]),
    );
    expect(difference).toBeCloseTo(0.0605, 10);
    expect(error).toBeLessThan(0.002);
  });

  test('is judged by its own value in a round in which one instance could not be matched', () => {
    const [first, ...rest] = matched(BASELINE, [-0.03, -0.032, -0.029, -0.03]);
    const { matched: _, ...alone } = first ?? BASELINE[0] ?? { round: '', value: 1, count: 1, events: 0 };
    const mixed = estimateOf([alone, ...rest], matched(CANDIDATE, [0.03, 0.031, 0.029, 0.031]));
    const plain = estimateOf(BASELINE.slice(0, 2), CANDIDATE.slice(0, 2));
    const both = (plain.difference + (0.03 - -0.0295)) / 2;
    expect(mixed.difference).toBeCloseTo(both, 10);
  });
});

function matched(series: Series, logs: readonly number[]): Series {
  return series.map((observation, index) => ({ ...observation, matched: logs[index] ?? 0 }));
}

function estimateOf(baseline: Series, candidate: Series) {
  const pair = pairOf('p50', { baseline, candidate });
  const stage = permutationStage([pair], { inFamily: () => true, random: seededRandom(1) });
  const estimate = stage.estimates.get(pair.id);
  if (!estimate) throw new Error('no estimate');
  return estimate;
}
