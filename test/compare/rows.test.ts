import { describe, expect, test } from 'vitest';
import { compare } from '../../src/compare/compare.ts';
import { pairsOf } from '../../src/compare/rows.ts';
import type { Policy } from '../../src/config.ts';
import { STANDARD, withLimits } from './policies.ts';
import { measurementOf } from './sketch.ts';

const sketch = (factor: number, seed: number) =>
  measurementOf({
    seed,
    factor,
    spread: 0.002,
    instances: 4,
    rounds: 3,
    roundPrefix: 'r',
    operations: { list: { latency: 0.005, spans: { 'server:api:GET /orders': { duration: 0.004 } } } },
  });

/** Head's limits are loose; those of base are the profile's. */
const WIDE = { warn: 0.5, fail: 0.9 };
const LOOSE = withLimits(STANDARD, { p50: WIDE, p90: WIDE, p95: WIDE });
const BOTH: Policy = { ...LOOSE, base: STANDARD };

describe('limits of base and head', () => {
  test('the stricter one is that of the row', () => {
    const limits = pairsOf(sketch(1, 1), sketch(1, 2), BOTH).filter(({ quantity }) => quantity === 'p50');
    expect(limits.map(({ limit }) => limit.fail)).toEqual([0.05, 0.05]);
  });

  test('base decides where head would let a slower service pass', () => {
    const verdict = (policy: Policy) =>
      compare({
        baseline: sketch(1, 1),
        candidate: sketch(1.2, 2),
        baselineConfirmation: sketch(1, 3),
        confirmation: sketch(1.2, 4),
        policy,
        seed: 1,
        createdAt: '2026-01-02T00:00:00.000Z',
        tool: 'spangate 0.0.0',
        comparability: 'like',
      }).verdict;
    expect(verdict(LOOSE)).not.toBe('fail');
    expect(verdict(BOTH)).toBe('fail');
  });
});
