import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Explanation, TimeSplit } from '../../src/compare/explanation.ts';
import { type BothSides, splitMean } from '../../src/compare/time-split.ts';
import { type Distribution, type OperationRecord, spanKeyId } from '../../src/measurement.ts';
import { validate } from '../../src/schema.ts';
import { explained } from '../report/explained-fixture.ts';
import { instance } from '../report/measurement-fixture.ts';

const LINES = 'client:shop:pg.query SELECT order_lines';
const QUERY = 'client:inventory:pg.query SELECT stock';

function whyOf({ why = [] }: Comparison): Explanation {
  const [explanation] = why;
  if (!explanation) throw new Error('an explanation');
  return explanation;
}

function splitOf(comparison: Comparison): TimeSplit {
  const { time } = whyOf(comparison);
  if (!time) throw new Error('a split');
  return time;
}

const BOTH = explained();

describe('the change of a mean', () => {
  const split = splitOf(BOTH);

  test('is the sum of the changes of its parts and of what no span accounts for', () => {
    const total = split.parts.reduce((sum, { shift }) => sum + shift, split.rest.shift);
    expect(total).toBeCloseTo(split.shift, 12);
    expect(split.candidate - split.baseline).toBeCloseTo(split.shift, 12);
  });

  test('of each part is what more calls make of it and what slower ones do, and nothing else', () => {
    for (const { byCalls, byTimeOfCall, shift } of split.parts) {
      expect(byCalls + byTimeOfCall).toBeCloseTo(shift, 12);
    }
  });

  test('is shared out to two regressions at once, in two services', () => {
    expect(split.by).toBe('critical-path');
    const shares = split.parts.map(({ span, shift }) => [spanKeyId(span), shift / split.shift] as const);
    expect(shares.slice(0, 2).map(([id]) => id)).toEqual([LINES, QUERY]);
    // Five calls of 0.8 ms, and one that takes 2 ms longer: two thirds and one third.
    expect(shares[0]?.[1]).toBeCloseTo(2 / 3, 1);
    expect(shares[1]?.[1]).toBeCloseTo(1 / 3, 1);
  });

  test('is put down to calls where there are more of them, and to their time where they are slower', () => {
    const [lines, query] = split.parts;
    expect((lines?.byCalls ?? 0) / (lines?.shift ?? 1)).toBeCloseTo(1, 1);
    expect((query?.byTimeOfCall ?? 0) / (query?.shift ?? 1)).toBeCloseTo(1, 9);
  });

  test('conforms to the schema, with all that goes with it', () => {
    expect(validate('comparison', BOTH)).toEqual([]);
  });
});

describe('where requests failed', () => {
  const OPERATION = 'GET /cart';
  const ROOT = 'server:shop:GET /cart';
  const side = (more: Partial<OperationRecord>): BothSides['baseline'] => {
    const record: OperationRecord = {
      ...{ requests: 100, traces: 100, errors: {}, latency: latencyOf(100, 0.02) },
      spans: {
        [ROOT]: { calls: 100, errors: {}, critical: 0.5 },
        [LINES]: { calls: 100, errors: {}, critical: 1.5 },
      },
      ...more,
    };
    return [1, 2].map((round) => ({
      round: `round ${round}`,
      instance: instance({ operations: { [OPERATION]: record } }),
    }));
  };

  test('the parts are of those that did not, as the latency is', () => {
    // Five of a hundred waited a second for the query, and answered 500; the others are 2 ms slower by themselves.
    const head = side({
      ...{ errors: { 'status 500': 5 }, answeredTraces: 95, latency: latencyOf(95, 0.022) },
      spans: {
        [ROOT]: { calls: 100, errors: {}, critical: 95 * 0.007 },
        [LINES]: { calls: 100, errors: {}, critical: 95 * 0.015 },
      },
    });
    const split = splitMean(OPERATION, { baseline: side({}), candidate: head });
    const [largest, other] = split?.parts ?? [];
    expect(largest?.span.name).toBe('GET /cart');
    expect(largest?.shift).toBeCloseTo(0.002, 9);
    expect(other?.shift).toBeCloseTo(0, 9);
    expect(other?.calls).toEqual({ baseline: 1, candidate: 1 });
    expect(split?.rest.shift).toBeCloseTo(0, 9);
  });
});

/** Of so many requests that took as long. */
function latencyOf(count: number, seconds: number): Distribution {
  return {
    ...{ count, sum: count * seconds, min: seconds, max: seconds },
    ...{ p50: seconds, p90: seconds, p95: seconds, p99: seconds },
  } as Distribution;
}

describe('rows that follow from others', () => {
  const rowOf = (comparison: Comparison, id: string) => comparison.rows.find((row) => row.id === id);

  test('are explained by the larger of two causes that make up the change together', () => {
    const { explainedBy } = rowOf(BOTH, 'GET /cart | - | p50') ?? {};
    expect(explainedBy).toBe(`GET /cart | ${LINES} | calls`);
  });

  test('are explained by what lies below them alone', () => {
    // The query of the lines grew more, but is not called by the other service.
    const { explainedBy } = rowOf(BOTH, 'GET /cart | server:inventory:GET /stock | p50') ?? {};
    expect(explainedBy).toBe(`GET /cart | ${QUERY} | p50`);
  });
});

test('nothing is explained where nothing changed', () => {
  expect(explained({}).why).toBeUndefined();
});

test('an explanation has the distributions and traces of what changed', () => {
  const { distributions, exemplars, calls } = whyOf(BOTH);
  expect(distributions.map(({ span }) => span?.name ?? 'the clients')).toContain('the clients');
  for (const { at, baseline, candidate, interval } of distributions) {
    expect(baseline).toHaveLength(at.length);
    expect(baseline).toEqual(baseline.toSorted((left, right) => left - right));
    expect(interval?.lower).toHaveLength(candidate.length);
  }
  expect(exemplars.baseline.map(({ why }) => why)).toEqual(['typical', 'slow']);
  expect(calls).toEqual([expect.objectContaining({ kinds: ['more'], calls: { baseline: 1, candidate: 6 } })]);
});
