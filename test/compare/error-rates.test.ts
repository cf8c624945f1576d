import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeErrorRates, STORED_RULES, TOGETHER_RULES } from '../../src/compare/error-rates.ts';
import type { Pair } from '../../src/compare/judgement.ts';
import { type PlacedInstance, seriesOf } from '../../src/compare/series.ts';
import { seededRandom } from '../../src/random.ts';
import { pairOf, tallies } from './pairs.ts';

function rate(baseline: readonly number[], candidate: readonly number[], count = 1000): Pair {
  return pairOf('error-rate', { baseline: tallies(baseline, count), candidate: tallies(candidate, count) });
}

function judge(pair: Pair, again?: Pair) {
  return judgeErrorRates([pair], new Map(again ? [[pair.id, again]] : []), STORED_RULES).get(pair.id);
}

const SPAN = 'client:api:pg.query';

const FEW = [1, 0, 1, 0];
const MANY = [9, 8, 7, 9];

describe('error rates', () => {
  test('fail at once where there were none and two instances of two rounds have ten', () => {
    expect(judge(rate([0, 0, 0, 0], [5, 0, 5, 0]))).toMatchObject({
      reason: 'errors-increased',
      outcome: 'fail',
    });
  });

  test('wait for a second measurement where all errors came in one round', () => {
    expect(judge(rate([0, 0, 0, 0], [6, 6, 0, 0]))).toMatchObject({ reason: 'screened', outcome: 'none' });
  });

  test('do not fail for one instance, however many errors it had', () => {
    expect(judge(rate([0, 0, 0, 0], [500, 0, 0, 0]))).toMatchObject({
      verdict: 'inconclusive',
      outcome: 'none',
    });
  });

  test('do not fail for four errors', () => {
    expect(judge(rate([0, 0, 0, 0], [1, 1, 1, 1], 100))?.outcome).toBe('none');
  });

  test('of sampled spans are judged by the errors that arrived, not by what they stand for', () => {
    const kept = (events: readonly number[]) =>
      tallies(events).map((each) => ({ ...each, clusters: each.events / 100 }));
    // Four errors of which each stands for a hundred: the same as four.
    const few = pairOf('error-rate', {
      baseline: tallies([0, 0, 0, 0]),
      candidate: kept([100, 100, 100, 100]),
    });
    expect(judge(few)).toMatchObject({ verdict: 'unchanged', outcome: 'none' });
    const many = pairOf('error-rate', { baseline: tallies([0, 0, 0, 0]), candidate: kept([500, 0, 500, 0]) });
    expect(judge(many)).toMatchObject({ reason: 'errors-increased', outcome: 'fail' });
  });

  test('take what arrived of a sampled span from the measurement', () => {
    const span = { calls: 400, errors: { timeout: 40 }, kept: { calls: 4, errors: 1 } };
    const operations = { list: { requests: 400, errors: {}, spans: { [SPAN]: span } } };
    const instance = { operations } as unknown as PlacedInstance['instance'];
    const source = { operation: 'list', spanId: SPAN, quantity: 'error-rate' } as const;
    expect(seriesOf([{ round: 'r', instance }], source)).toEqual([
      { round: 'r', value: 0.1, count: 400, events: 40, clusters: 1 },
    ]);
  });

  test('do not fail for a gain below a tenth of a point', () => {
    const found = judge(rate([1, 0, 1, 0], [9, 8, 7, 9], 100_000));
    expect(found).toMatchObject({ verdict: 'unchanged', reason: 'within-limit' });
  });

  test('that had some before wait for a second measurement, and do what it says', () => {
    expect(judge(rate(FEW, MANY))).toMatchObject({ reason: 'screened' });
    expect(judge(rate(FEW, MANY), rate(FEW, MANY))).toMatchObject({
      reason: 'errors-increased',
      outcome: 'fail',
    });
    expect(judge(rate(FEW, MANY), rate(FEW, FEW))).toMatchObject({
      reason: 'not-confirmed',
      outcome: 'none',
    });
  });

  test('that fall are an improvement', () => {
    expect(judge(rate(MANY, FEW))).toMatchObject({ verdict: 'improvement', reason: 'errors-decreased' });
  });

  test('are corrected for the number of rows', () => {
    // scipy 1.17.1: binomtest(15, 18, 0.5, alternative="greater").pvalue is 0.0038: below 0.01 alone, not times ten.
    const suspect = rate([1, 1, 1, 0], [4, 4, 4, 3]);
    expect(judge(suspect)?.reason).toBe('screened');
    const others = Array.from({ length: 9 }, (_, index) => ({
      ...rate([5, 5], [5, 5]),
      id: `other ${index}`,
    }));
    expect(judgeErrorRates([suspect, ...others], new Map(), STORED_RULES).get(suspect.id)?.outcome).toBe(
      'none',
    );
    expect(judgeErrorRates([suspect, ...others], new Map(), STORED_RULES).get(suspect.id)?.reason).toBe(
      'noisy',
    );
    const off = others.map((pair) => ({ ...pair, limit: { ...pair.limit, level: 'off' as const } }));
    expect(judgeErrorRates([suspect, ...off], new Map(), STORED_RULES).get(suspect.id)?.reason).toBe(
      'screened',
    );
  });

  test('never fail where the candidate has no more errors than the baseline', () => {
    const events = fc.array(fc.nat(50), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(events, fc.nat(10), (baseline, fewer) => {
        const candidate = baseline.map((each) => Math.max(0, each - fewer));
        const pair = rate(baseline, candidate);
        expect(judge(pair, pair)?.outcome).toBe('none');
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

describe('error rates of two builds side by side', () => {
  function together(pair: Pair, again?: Pair) {
    return judgeErrorRates([pair], new Map(again ? [[pair.id, again]] : []), TOGETHER_RULES).get(pair.id);
  }
  const NONE = [0, 0, 0, 0];

  test('are suspect with two errors where there were none, long before they could fail', () => {
    expect(together(rate(NONE, [1, 0, 1, 0], 140))).toMatchObject({ reason: 'screened', outcome: 'none' });
    expect(together(rate(NONE, [1, 0, 0, 0], 140))?.reason).toBe('within-limit');
    // Below the limit of a tenth of a point, whatever else.
    expect(together(rate(NONE, [1, 0, 1, 0], 1000))?.reason).toBe('within-limit');
  });

  test('are cleared by fresh rounds that have none', () => {
    const found = together(rate(NONE, [1, 0, 1, 0], 140), rate(NONE, NONE, 140));
    expect(found).toMatchObject({ reason: 'not-confirmed', shift: 0, outcome: 'none' });
  });

  test('fail where the rounds of both stages have ten, from none', () => {
    const found = together(rate(NONE, [1, 2, 1, 1], 140), rate(NONE, [2, 1, 2, 0], 140));
    expect(found).toMatchObject({ reason: 'errors-increased', decidedBy: 'both', outcome: 'fail' });
  });

  test('fail by the rounds of both stages though screening had seen next to none', () => {
    const found = together(rate(NONE, [0, 1, 0, 0], 140), rate(NONE, [3, 2, 3, 2], 140));
    expect(found).toMatchObject({ reason: 'errors-increased', outcome: 'fail' });
  });

  test('do not fail for ten errors of many more requests than the baseline had', () => {
    const pair = pairOf('error-rate', {
      baseline: tallies([0], 100),
      candidate: tallies([5, 0, 5, 0], 1000),
    });
    expect(together(pair)?.outcome).toBe('none');
  });

  test('do not warn of a row that cannot fail before it is sure', () => {
    const warned = pairOf(
      'error-rate',
      { baseline: tallies(NONE, 140), candidate: tallies([1, 0, 1, 0], 140) },
      { level: 'warn' },
    );
    expect(together(warned)).toMatchObject({ reason: 'within-limit', outcome: 'none' });
  });
});

describe('log records', () => {
  /** Requests with a record in each of eight instances, and so many records in each of those. */
  function logs(baseline: readonly number[], candidate: readonly number[], bunch: number): Pair {
    const series = (requests: readonly number[]) =>
      tallies(requests.map((each) => each * bunch)).map((observation, index) => ({
        ...observation,
        clusters: requests[index] ?? 0,
      }));
    return pairOf('error-logs', { baseline: series(baseline), candidate: series(candidate) });
  }

  test('are evidence by the requests that wrote them', () => {
    expect(judge(logs([0, 0, 0, 0], [5, 0, 5, 0], 3))).toMatchObject({
      ...{ reason: 'errors-increased', outcome: 'fail' },
      shift: 30 / 4000,
    });
    expect(judge(logs([0, 0, 0, 0], [1, 0, 1, 0], 9))?.reason).toBe('within-limit');
  });

  test('that every request writes one more of are an increase too', () => {
    const side = (records: number) =>
      [1000, 1000, 1000, 1000].map((count, index) => ({
        ...{ round: `round ${Math.floor(index / 2)}`, value: records, count, events: records * count },
        clusters: count,
      }));
    const pair = pairOf('warn-logs', { baseline: side(1), candidate: side(2) });
    expect(judge(pair, pair)).toMatchObject({ reason: 'errors-increased', outcome: 'warn', effect: 2 });
  });

  test('in bunches raise no more alarms between equal sides than single ones do', () => {
    const random = seededRandom(20_261_128);
    const drawn = () => {
      let requests = 0;
      for (let request = 0; request < 1000; request += 1) if (random() < 0.02) requests += 1;
      return requests;
    };
    const instances = () => [drawn(), drawn(), drawn(), drawn()];
    const alarms = { bunched: 0, naive: 0 };
    for (let trial = 0; trial < 400; trial += 1) {
      const pair = logs(instances(), instances(), 5);
      const naive = { ...pair, ...withoutClusters(pair) };
      if (judge(pair)?.reason === 'screened') alarms.bunched += 1;
      if (judge(naive)?.reason === 'screened') alarms.naive += 1;
    }
    expect(alarms.bunched).toBeLessThan(0.02 * 400);
    expect(alarms.naive).toBeGreaterThan(0.1 * 400);
  });

  function withoutClusters({ baseline, candidate }: Pair): Pick<Pair, 'baseline' | 'candidate'> {
    const bare = (series: Pair['baseline']) => series.map(({ clusters: _, ...rest }) => rest);
    return { baseline: bare(baseline), candidate: bare(candidate) };
  }
});
