import { describe, expect, test } from 'vitest';
import { type CompareInput, compare, needsConfirmation } from '../../src/compare/compare.ts';
import type { Comparison, Row } from '../../src/compare/comparison.ts';
import { STANDARD } from './policies.ts';
import { measurementOf, type Sketch } from './sketch.ts';

const SERVICE: Sketch['operations'] = {
  'GET /orders': {
    latency: 0.004,
    spans: {
      'server:api:GET /orders': { duration: 0.0035, self: 0.0005 },
      'client:api:pg.query:SELECT orders': { duration: 0.002 },
      'internal:api:render': { duration: 0.0005 },
      'client:api:cache.get': { duration: 0.0002, calls: { about: 0.5, spread: 0.05 } },
    },
  },
};

const BASELINE = measurementOf({ id: 'main', seed: 1, operations: SERVICE });

function run(candidate: Sketch, more: Partial<CompareInput> = {}): Comparison {
  return compare({
    baseline: BASELINE,
    candidate: measurementOf({ id: 'head', seed: 2, ...candidate }),
    policy: STANDARD,
    seed: 1,
    createdAt: '2026-01-02T00:00:00.000Z',
    tool: 'spangate 0.0.0',
    comparability: 'like',
    ...more,
  });
}

function changed(span: string, change: object): Sketch['operations'] {
  const operation = SERVICE['GET /orders'];
  if (!operation?.spans?.[span]) throw new Error(`no such span: ${span}`);
  return {
    'GET /orders': {
      ...operation,
      spans: { ...operation.spans, [span]: { ...operation.spans[span], ...change } },
    },
  };
}

function row(comparison: Comparison, id: string): Row {
  const found = comparison.rows.find((each) => each.id === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
}

describe('against a stored baseline', () => {
  test('the same service passes, and every time row at p50 reads unchanged', () => {
    const comparison = run({ operations: SERVICE });
    expect(comparison.verdict).toBe('pass');
    expect(comparison.mode).toBe('stored');
    const medians = comparison.rows.filter((each) => each.quantity === 'p50');
    expect(medians).toHaveLength(5);
    expect(medians.map((each) => each.verdict)).toEqual(medians.map(() => 'unchanged'));
  });

  test('a query more per request fails at once, without a second measurement', () => {
    const comparison = run({ operations: changed('client:api:pg.query:SELECT orders', { calls: 11 }) });
    expect(comparison.verdict).toBe('fail');
    expect(row(comparison, 'GET /orders | client:api:pg.query:SELECT orders | calls')).toMatchObject({
      verdict: 'regression',
      reason: 'calls-constant-changed',
      outcome: 'fail',
      baseline: 1,
      candidate: 11,
      effect: 11,
      shift: 10,
    });
    expect(needsConfirmation(comparison)).toBe(false);
  });

  test('a span 60 % slower waits for a second measurement, and fails when that shows it too', () => {
    const operations = changed('internal:api:render', { duration: 0.0008 });
    const first = run({ operations });
    expect(first.verdict).toBe('inconclusive');
    expect(row(first, 'GET /orders | internal:api:render | p50').reason).toBe('screened');
    expect(needsConfirmation(first)).toBe(true);

    const confirmation = measurementOf({ id: 'again', seed: 3, operations });
    const second = run({ operations }, { confirmation });
    expect(second.verdict).toBe('fail');
    expect(row(second, 'GET /orders | internal:api:render | p50')).toMatchObject({
      verdict: 'regression',
      reason: 'slower',
      outcome: 'fail',
    });

    const cleared = run({ operations }, { confirmation: measurementOf({ seed: 4, operations: SERVICE }) });
    expect(cleared.verdict).toBe('pass');
    expect(row(cleared, 'GET /orders | internal:api:render | p50').reason).toBe('not-confirmed');
  });

  test('errors that the baseline never had fail at once', () => {
    const operation = SERVICE['GET /orders'];
    if (!operation) throw new Error('no operation');
    const comparison = run({ operations: { 'GET /orders': { ...operation, errors: [4, 3, 5, 6] } } });
    expect(comparison.verdict).toBe('fail');
    expect(row(comparison, 'GET /orders | - | error-rate')).toMatchObject({ reason: 'errors-increased' });
  });
});

test('without a baseline nothing is compared, and the noise is shown', () => {
  const comparison = run({ operations: SERVICE }, { baseline: null });
  expect(comparison.verdict).toBe('nothing-compared');
  expect(comparison.rows.map((each) => each.reason)).toEqual(comparison.rows.map(() => 'no-baseline'));
  const latency = row(comparison, 'GET /orders | - | p50');
  expect(latency.minimumDetectable).toBeGreaterThan(0.005);
  expect(latency.minimumDetectable).toBeLessThan(0.05);
});
