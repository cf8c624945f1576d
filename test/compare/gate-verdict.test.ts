import { describe, expect, test } from 'vitest';
import { compare } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Measurement } from '../../src/measurement.ts';
import { STANDARD } from './policies.ts';
import { measurementOf } from './sketch.ts';

const OPERATIONS = {
  'list orders': { latency: 0.005, spans: { 'server:api:GET /orders': { duration: 0.004 } } },
};
const BASELINE = measurementOf({ id: 'main', seed: 1, operations: OPERATIONS });
const SAME = measurementOf({ id: 'head', seed: 2, operations: OPERATIONS });

function run(candidate: Measurement, baseline: Measurement | null = BASELINE): Comparison {
  return compare({
    baseline,
    candidate,
    policy: STANDARD,
    seed: 1,
    createdAt: '2026-01-02T00:00:00.000Z',
    tool: 'spangate 0.0.0',
    comparability: 'like',
  });
}

describe('missing data is never a pass', () => {
  test('a measurement without a valid round compares nothing', () => {
    const invalid = { code: 'state-differs', message: 'It started from another state.' };
    const candidate = { ...SAME, rounds: SAME.rounds.map((round) => ({ ...round, invalid })) };
    expect(run(candidate).verdict).not.toBe('pass');
    expect(run(candidate).rows.every((row) => row.verdict !== 'unchanged')).toBe(true);
  });

  test('a measurement without operations compares nothing', () => {
    const empty = measurementOf({ id: 'head', operations: {} });
    expect(run(empty).verdict).toBe('inconclusive');
    expect(run(empty, empty).verdict).toBe('nothing-compared');
  });

  test('a lost operation keeps a gate open though all else is unchanged', () => {
    const two = measurementOf({ id: 'main', operations: { ...OPERATIONS, 'get order': { latency: 0.001 } } });
    const comparison = run(SAME, two);
    expect(comparison.verdict).toBe('inconclusive');
    expect(comparison.warnings.map((warning) => warning.code)).toContain('operation-missing');
  });

  test.each(['spans-missing', 'spans-dropped'])('a measurement with %s cannot pass', (code) => {
    expect(run(SAME).verdict).toBe('pass');
    const candidate = { ...SAME, warnings: [{ code, message: 'Some spans never arrived.' }] };
    expect(run(candidate).verdict).toBe('inconclusive');
  });
});

test('rounds that are invalid on a side are left out on both', () => {
  const sketch = { roundPrefix: 'shared', rounds: 3, instances: 4, operations: OPERATIONS };
  const baseline = measurementOf({ ...sketch, id: 'base', seed: 1 });
  const head = measurementOf({ ...sketch, id: 'head', seed: 2 });
  const candidate = {
    ...head,
    rounds: head.rounds.map((round, index) =>
      index === 1 ? { ...round, invalid: { code: 'steal', message: 'CPU time was stolen.' } } : round,
    ),
  };
  const row = run(candidate, baseline).rows.find((each) => each.id === 'list orders | - | p50');
  expect(row?.samples).toMatchObject({ baseline: { instances: 8 }, candidate: { instances: 8 } });
});

test('the same input gives the same comparison', () => {
  expect(run(SAME)).toEqual(run(SAME));
});

test('warnings of the caller and of the measurements ride along, each once', () => {
  const warning = { code: 'generator-saturated', message: 'The load generator was the bottleneck.' };
  const comparison = compare({
    baseline: BASELINE,
    candidate: { ...SAME, warnings: [warning] },
    policy: STANDARD,
    seed: 1,
    createdAt: '',
    tool: 'spangate 0.0.0',
    comparability: 'unlike',
    warnings: [warning, { code: 'unlike-machine', message: 'The CPU differs.' }],
  });
  const codes = comparison.warnings.map((each) => each.code);
  expect(codes.filter((code) => code === 'generator-saturated')).toHaveLength(1);
  expect(comparison.warnings.filter((each) => each.code === 'unlike-machine')).toEqual([
    { code: 'unlike-machine', message: 'The CPU differs.' },
  ]);
});
