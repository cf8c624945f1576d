import { describe, expect, test } from 'vitest';
import { compare } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Measurement } from '../../src/measurement.ts';
import { STANDARD } from './policies.ts';
import { measurementOf, type Sketch } from './sketch.ts';

const SPANS = ['GET /orders', 'load', 'render', 'price', 'tax', 'sort', 'encode'];

/** Three screening and four confirming rounds of 4 against 4, all spans of head slower by the factor of the round. */
function gate(
  factors: { readonly screen: readonly number[]; readonly confirm: readonly number[] },
  outlier = 1,
): Comparison {
  const [screen, confirm] = [stage('s', factors.screen, outlier), stage('c', factors.confirm, outlier)];
  return compare({
    baseline: screen.base,
    candidate: screen.head,
    baselineConfirmation: confirm.base,
    confirmation: confirm.head,
    policy: STANDARD,
    seed: 1,
    createdAt: '2026-01-02T00:00:00.000Z',
    tool: 'spangate 0.0.0',
    comparability: 'like',
  });
}

function stage(
  name: string,
  factors: readonly number[],
  outlier: number,
): { base: Measurement; head: Measurement } {
  const arm = (id: string, seed: number, list: readonly number[], last: number): Measurement => {
    const parts = list.map((factor, index) =>
      measurementOf(sketch(`${name}${index}`, seed + index, factor, last)),
    );
    const [first] = parts as [Measurement];
    return { ...first, id, rounds: parts.flatMap(({ rounds }) => rounds) };
  };
  return {
    base: arm(
      'base',
      name === 's' ? 10 : 30,
      factors.map(() => 1),
      1,
    ),
    head: arm('head', name === 's' ? 50 : 70, factors, outlier),
  };
}

function sketch(round: string, seed: number, factor: number, last: number): Sketch {
  const spans = Object.fromEntries(
    SPANS.map((span, index) => [
      `${index === 0 ? 'server' : 'internal'}:api:${span}`,
      { duration: (index === 0 ? 0.004 : 0.001) * (index === SPANS.length - 1 ? last : 1) },
    ]),
  );
  return {
    id: round,
    seed,
    factor,
    rounds: 1,
    instances: 4,
    roundPrefix: round,
    operations: { list: { latency: 0.005, spans } },
  };
}

function codes({ warnings }: Comparison): string[] {
  return warnings.map(({ code }) => code);
}

describe('when nearly all rows move together', () => {
  test('and do so in every round, one row stands for all of them', () => {
    const comparison = gate({ screen: [1.1, 1.09], confirm: [1.1, 1.11, 1.09, 1.1] });
    expect(comparison.verdict).toBe('fail');
    const failing = comparison.rows.filter((row) => row.outcome !== 'none' && row.quantity !== 'throughput');
    expect(failing.map((row) => row.id)).toEqual(['list | - | p50']);
    expect(codes(comparison)).toContain('everything-moved');
    const others = comparison.rows.filter((row) => row.reason === 'moved-together');
    expect(others.length).toBeGreaterThan(6);
    expect(new Set(others.map((row) => row.explainedBy))).toEqual(new Set(['list | - | p50']));
    expect(comparison.rows.filter((row) => row.verdict === 'regression').length).toBeLessThanOrEqual(1);
  });

  test('and not alike from round to round, the run is in doubt and nothing is called a regression', () => {
    const comparison = gate({ screen: [1.15, 1.02], confirm: [1.25, 1.24, 1.02, 1.23] });
    expect(comparison.verdict).toBe('inconclusive');
    expect(codes(comparison)).toContain('machine-moved');
    expect(comparison.rows.filter((row) => row.verdict === 'regression')).toEqual([]);
  });

  test('in too few rounds, more are asked for', () => {
    const comparison = gate({ screen: [1.1], confirm: [1.1, 1.1, 1.1] });
    expect(comparison.verdict).toBe('inconclusive');
    expect(codes(comparison)).toContain('machine-moved');
  });

  test('a span that moved much further is a finding of its own', () => {
    const comparison = gate({ screen: [1.1, 1.09], confirm: [1.1, 1.11, 1.09, 1.1] }, 1.6);
    const failing = comparison.rows.filter((row) => row.outcome === 'fail' && row.quantity === 'p50');
    expect(failing.map((row) => row.span?.name).sort()).toEqual(['encode', undefined].sort());
  });

  test('and one alone is slower, that one is reported as ever', () => {
    const comparison = gate({ screen: [1, 1], confirm: [1, 1, 1, 1] }, 1.3);
    expect(codes(comparison)).not.toContain('everything-moved');
    const failing = comparison.rows.filter((row) => row.outcome === 'fail');
    expect(new Set(failing.map((row) => row.span?.name))).toEqual(new Set(['encode']));
  });
});

describe('a dependency at its limit that both builds share', () => {
  const warning = { code: 'dependency-saturated', message: 'The database was at its limit.' };
  const same = (seed: number) => measurementOf({ ...sketch('r', seed, 1, 1), rounds: 3, spread: 0.002 });
  const run = (warnings: readonly (typeof warning)[], head = same(2)) =>
    compare({
      baseline: same(1),
      candidate: head,
      policy: STANDARD,
      seed: 1,
      createdAt: '2026-01-02T00:00:00.000Z',
      tool: 'spangate 0.0.0',
      comparability: 'like',
      warnings,
    });

  test('keeps a gate from passing, and no time row is called unchanged', () => {
    expect(run([]).verdict).toBe('pass');
    const comparison = run([warning]);
    expect(comparison.verdict).toBe('inconclusive');
    const times = comparison.rows.filter((row) => row.unit === 'seconds' || row.quantity === 'throughput');
    expect(times.filter((row) => row.verdict === 'unchanged')).toEqual([]);
    expect(times.some((row) => row.reason === 'dependency-saturated')).toBe(true);
    expect(comparison.rows.some((row) => row.quantity === 'calls' && row.verdict === 'unchanged')).toBe(true);
  });

  test('counts in whichever measurement the warning comes with', () => {
    expect(run([], { ...same(2), warnings: [warning] }).verdict).toBe('inconclusive');
  });
});

test('facts of the rounds ride along', () => {
  const comparison = gate({ screen: [1, 1], confirm: [1, 1, 1] });
  expect(comparison.together).toMatchObject({
    instances: 4,
    screenRounds: 2,
    confirmRounds: 3,
    exchangeable: 'instances',
    seconds: 0,
  });
});
