import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeConstantCalls } from '../../src/compare/constant-calls.ts';
import type { Limit } from '../../src/config.ts';
import type { CallsPerContent } from '../../src/measurement.ts';
import { pairOf, tallies } from './pairs.ts';

function constant(calls: readonly (number | null)[], traces = 1000): CallsPerContent {
  return { state: 'constant', traces, runs: calls.map((each): [number | null, number] => [each, 1]) };
}

function judge(baseline: CallsPerContent, candidate: CallsPerContent, limit: Partial<Limit> = {}) {
  return judgeConstantCalls(
    pairOf('calls', { baseline: tallies([1000, 1000]), candidate: tallies([1000, 1000]) }, limit),
    baseline,
    candidate,
  );
}

describe('calls that are constant per content', () => {
  test('are the same where every content makes as many as before', () => {
    expect(judge(constant([1, 2, 3]), constant([1, 2, 3]))).toMatchObject({
      verdict: 'unchanged',
      reason: 'calls-constant-same',
    });
  });

  test('fail where one content makes more, though the mean hardly grows', () => {
    const before = new Array<number>(20).fill(4);
    const found = judge(constant(before), constant([...before.slice(1), 5]), { fail: 0.1 });
    expect(found).toMatchObject({ verdict: 'regression', outcome: 'fail' });
    expect(found?.effect).toBeCloseTo(1.0125, 10);
  });

  test('are left to a test where they vary on a side', () => {
    expect(judge({ state: 'varies', traces: 1000 }, constant([1]))).toBeNull();
    expect(judge(constant([1]), { state: 'varies', traces: 1000 })).toBeNull();
  });

  test('are left to a test where fewer than 30 traces were seen', () => {
    expect(judge(constant([1], 29), constant([2], 1000))).toBeNull();
    expect(judge(constant([1], 30), constant([2], 30))).not.toBeNull();
  });

  test('are left to a test where a single retry in a content of its own looks constant', () => {
    const before = new Array<number>(500).fill(1);
    expect(judge(constant(before, 1000), constant([...before.slice(1), 2], 1000))).toBeNull();
  });

  test('leave out contents that a side never saw', () => {
    expect(judge(constant([1, null, 3]), constant([1, 9, null]))).toMatchObject({ verdict: 'unchanged' });
    expect(judge(constant([null, 1]), constant([1, null]))).toBeNull();
  });

  test('warn between the two limits, and do nothing at level off', () => {
    const limit = { warn: 0, fail: 0.5 };
    expect(judge(constant([10]), constant([11]), limit)).toMatchObject({
      verdict: 'regression',
      outcome: 'warn',
    });
    expect(judge(constant([10]), constant([20]), { ...limit, level: 'off' })?.outcome).toBe('none');
    expect(judge(constant([10]), constant([20]), { ...limit, level: 'warn' })?.outcome).toBe('warn');
  });

  test('need the absolute growth of the limit too', () => {
    expect(judge(constant([10]), constant([11]), { fail: 0, warn: 0, atLeast: 2 })?.verdict).toBe(
      'unchanged',
    );
  });

  test('never fail where no content makes more calls', () => {
    const contents = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(contents, (pairs) => {
        const fewer = pairs.map(([a, b]) => [Math.max(a, b), Math.min(a, b)] as const);
        const found = judge(
          constant(fewer.map(([before]) => before)),
          constant(fewer.map(([, after]) => after)),
        );
        expect(found?.outcome ?? 'none').toBe('none');
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
