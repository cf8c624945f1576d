import { describe, expect, test } from 'vitest';
import { armBalance } from '../../src/compare/arm-balance.ts';
import type { CalibratedRow } from '../../src/compare/calibrated-row.ts';
import { compare } from '../../src/compare/compare.ts';
import { pairsOf } from '../../src/compare/rows.ts';
import { samplingVariance } from '../../src/compare/sampling-variance.ts';
import { defaultPolicy } from '../../src/config/defaults.ts';
import type { Policy } from '../../src/config.ts';
import { histogramOf } from '../../src/histogram.ts';
import type { Instance } from '../../src/measurement.ts';
import { quantileSorted } from '../../src/quantile.ts';
import { seededRandom } from '../../src/random.ts';
import { conforms } from '../../src/schema.ts';
import { pairOf } from './pairs.ts';
import { withLimits } from './policies.ts';
import { calibrationOf, inputOf, type SameBuild } from './same-build.ts';
import { normal, type OperationSketch } from './sketch.ts';

const SPAN = 'client:api:select orders';
const ROOT = 'server:api:GET /orders';

const operations: Readonly<Record<string, OperationSketch>> = {
  'list orders': {
    latency: 0.004,
    spans: { [ROOT]: { duration: 0.0035 }, [SPAN]: { duration: 0.002, calls: 2 } },
  },
  'get order': { latency: 0.002, spans: { 'server:api:GET /orders/:id': { duration: 0.0015 } } },
};

const QUIET: SameBuild = { sketch: { rounds: 6, instances: 4, spread: 0.01, operations } };

function rowOf(rows: readonly CalibratedRow[], id: string): CalibratedRow {
  const found = rows.find((row) => row.id === id);
  if (!found) throw new Error(`no row ${id}`);
  return found;
}

describe('a calibration', () => {
  test('finds how much equal instances differ by', () => {
    const { rows } = calibrationOf({ sketch: { rounds: 40, instances: 4, spread: 0.03, operations } });
    const spreads = rows.flatMap((row) => row.noise?.spread ?? []);
    expect(spreads.length).toBeGreaterThanOrEqual(15);
    // 240 degrees of freedom: 5 % is one standard error.
    for (const spread of spreads) expect(spread).toBeGreaterThan(0.025);
    for (const spread of spreads) expect(spread).toBeLessThan(0.035);
  });

  test('says that four times the rounds find half the change', () => {
    const { rows } = calibrationOf({ ...QUIET, sketch: { ...QUIET.sketch, rounds: 8 } });
    const { noise } = rowOf(rows, `list orders | ${SPAN} | p50`);
    const distances = noise?.detectable.map(({ rounds, change }) => [rounds, Math.log1p(change)]);
    expect(distances?.map(([rounds]) => rounds)).toEqual([2, 4, 8]);
    const [two = 0, , eight = 0] = distances?.map(([, distance]) => distance ?? 0) ?? [];
    expect(two / eight).toBeCloseTo(2, 9);
    // A minute has four rounds of 15 s.
    expect(noise?.perMinute).toBeCloseTo(noise?.detectable[1]?.change ?? 0, 9);
  });

  test('promises what a gate of so many rounds keeps', () => {
    // What the calibration calls detectable is found by the screening test in nine of ten such gates.
    const calibration = calibrationOf(QUIET);
    const change = rowOf(calibration.rows, `list orders | ${SPAN} | p50`).noise?.detectable[0]?.change ?? 0;
    const slower = { ...operations['list orders'], spans: { [ROOT]: { duration: 0.0035 } } };
    const found = Array.from({ length: 40 }, (_, seed) => {
      const sketch = { rounds: 2, instances: 4, spread: 0.01, seed: 5000 + seed, operations };
      const spans = { ...slower.spans, [SPAN]: { duration: 0.002 * (1 + change), calls: 2 } };
      const head = { operations: { ...operations, 'list orders': { latency: 0.004, spans } } };
      const { arms } = inputOf({ sketch, head });
      const comparison = compare({
        baseline: arms.base,
        candidate: arms.head,
        policy: defaultPolicy('standard'),
        seed,
        createdAt: '',
        tool: '',
        comparability: 'like',
      });
      return comparison.rows.some(
        ({ id, p }) => id === `list orders | ${SPAN} | p50` && p !== null && p <= 0.15,
      );
    });
    const share = found.filter(Boolean).length / found.length;
    expect(share).toBeGreaterThanOrEqual(0.75);
  });

  test('says which rows gate, which are too noisy, too seldom, or not asked for', () => {
    const { rows, profiles } = calibrationOf({
      sketch: {
        ...QUIET.sketch,
        spread: 0.05,
        operations: { ...operations, rare: { requests: 50, latency: 0.003 } },
      },
    });
    const states = (id: string) => rowOf(rows, id).state;
    expect(states(`list orders | ${SPAN} | p50`)).toBe('noisy');
    expect(states(`list orders | ${SPAN} | p90`)).toBe('gates');
    expect(states('rare | - | p90')).toBe('too-few-samples');
    expect(states(`list orders | ${SPAN} | p99`)).toBe('off');
    // 8 s give 50 samples, and 100 are needed, with a tenth to spare.
    expect(rowOf(rows, 'rare | - | p90').help).toEqual({ rounds: null, durationSeconds: 18 });
    const noisy = rowOf(rows, `list orders | ${SPAN} | p50`);
    expect(noisy.help?.rounds?.count).toBe(noisy.noise?.roundsNeeded);
    expect(noisy.help?.rounds?.seconds).toBe(15 * (noisy.noise?.roundsNeeded ?? 0));
    const reach = Object.fromEntries(profiles.map((each) => [each.profile, each.gated / each.rows]));
    expect(reach.relaxed).toBeGreaterThan(reach.standard ?? 1);
    expect(reach.standard).toBeGreaterThan(reach.strict ?? 1);
  });

  test('counts an absolute part of a limit as the limit, where it is the larger one', () => {
    const short = { latency: 0.0005, spans: { [SPAN]: { duration: 0.0001 } } };
    const policy = withLimits(defaultPolicy('standard'), { p50: { atLeast: 0.00005 } });
    const sketch = { ...QUIET.sketch, operations: { short } };
    const { rows } = calibrationOf({ sketch, input: { policy } });
    const row = rowOf(rows, `short | ${SPAN} | p50`);
    // 0.05 ms of 0.1 ms.
    expect(row.inForce).toBeCloseTo(0.5, 1);
    expect(row.noise?.roundsNeeded).toBe(1);
  });

  test('an instance without a row leaves it without noise', () => {
    const input = inputOf(QUIET);
    const [first, ...others] = input.arms.head.rounds;
    const [lacking, ...rest] = first?.instances ?? [];
    if (!first || !lacking) throw new Error('a sketch has instances');
    const { [SPAN]: _, ...spans } = lacking.operations['list orders']?.spans ?? {};
    const list = { requests: 400, errors: {}, ...lacking.operations['list orders'], spans };
    const instance: Instance = { ...lacking, operations: { ...lacking.operations, 'list orders': list } };
    const head = {
      ...input.arms.head,
      rounds: [{ ...first, instances: [instance, ...rest] }, ...others],
    };
    const { rows } = calibrationOf({ ...QUIET, input: { arms: { base: input.arms.base, head } } });
    expect(rowOf(rows, `list orders | ${SPAN} | p50`)).toMatchObject({ state: 'incomplete', noise: null });
    expect(rowOf(rows, `list orders | ${ROOT} | p50`).state).toBe('gates');
  });

  test('says where rounds can be relabelled in too few ways', () => {
    const sketch = { ...QUIET.sketch, rounds: 2 };
    const { rows } = calibrationOf({ sketch, input: { exchangeable: 'arms' } });
    const row = rowOf(rows, `list orders | ${SPAN} | p50`);
    expect(row).toMatchObject({ state: 'too-few-labelings', noise: null });
  });

  test('rehearses a gate, and tells where it would have cried wolf', () => {
    expect(calibrationOf(QUIET).gate).toMatchObject({ verdict: 'pass', screenRounds: 2, confirmRounds: 3 });
    const { gate, arms } = calibrationOf({ ...QUIET, head: { factor: 1.2 } });
    expect(arms?.balanced).toBe(false);
    expect(gate.suspects.length).toBeGreaterThan(0);
  });

  test('lists spans whose calls vary', () => {
    const cached = {
      latency: 0.003,
      spans: { [SPAN]: { duration: 0.002, calls: { about: 0.4, spread: 0.1 } } },
    };
    const { calls } = calibrationOf({ sketch: { ...QUIET.sketch, operations: { ...operations, cached } } });
    expect(calls).toEqual({
      constant: 3,
      varying: [{ operation: 'cached', span: { service: 'api', kind: 'client', name: 'select orders' } }],
    });
  });

  test('is as its schema says', () => {
    const result = { schemaVersion: 1, calibrations: [calibrationOf(QUIET)] };
    expect(conforms('calibration', JSON.parse(JSON.stringify(result)))).toBe(true);
  });
});

describe('suggested limits', () => {
  const noisy: SameBuild = { sketch: { rounds: 6, instances: 4, spread: 0.08, operations } };

  test('are such that the same rounds can gate by them', () => {
    const { suggestions } = calibrationOf(noisy);
    expect(suggestions.length).toBeGreaterThan(0);
    const policy: Policy = {
      ...defaultPolicy('standard'),
      rules: suggestions.map(({ limits, why: _, ...globs }) => ({
        ...globs,
        quantities: Object.fromEntries(
          Object.entries(limits).map(([quantity, limit]) => [
            quantity,
            limit === 'warn' ? { level: 'warn' as const } : { level: 'fail' as const, fail: limit },
          ]),
        ),
      })),
    };
    const again = calibrationOf({ ...noisy, input: { policy } });
    expect(again.rows.filter(({ state }) => state === 'noisy')).toEqual([]);
    expect(again.suggestions).toEqual([]);
  });

  test('of the load client leave those of the spans as they are', () => {
    const quietSpans = {
      'list orders': { latency: 0.004, spans: { [SPAN]: { duration: 0.002 } } },
    };
    const input = inputOf({ sketch: { rounds: 6, instances: 4, spread: 0.08, operations: quietSpans } });
    const { suggestions } = calibrationOf({
      sketch: { rounds: 6, instances: 4, spread: 0.08, operations: quietSpans },
      input: { arms: input.arms },
    });
    const [client, spans] = suggestions;
    expect(client).toMatchObject({ operation: 'list orders', why: 'noise' });
    expect(client).not.toHaveProperty('span');
    expect(spans).toMatchObject({ operation: 'list orders', span: '*', why: 'restores' });
    expect(spans?.limits.p50).toBe(0.04);
  });

  test('are tighter where a gate sees much more than its limit asks for', () => {
    const { suggestions } = calibrationOf({ sketch: { rounds: 6, instances: 4, spread: 0.004, operations } });
    const rule = suggestions.find(({ span }) => span === 'select orders');
    expect(rule?.limits.p90).toBeLessThanOrEqual(0.05);
  });

  test('are none where limits fit', () => {
    const policy = withLimits(defaultPolicy('standard'), { p90: { fail: 0.06 } });
    const sketch = { rounds: 6, instances: 4, spread: 0.025, operations };
    expect(calibrationOf({ sketch, input: { policy } }).suggestions).toEqual([]);
  });
});

describe('the balance of two arms', () => {
  test('is rarely doubted where nothing differs', () => {
    const doubted = Array.from({ length: 200 }, (_, seed) => {
      const { arms, policy } = inputOf({ sketch: { ...QUIET.sketch, rounds: 3, seed: 10 + seed } });
      return armBalance(pairsOf(arms.base, arms.head, policy))?.balanced === false;
    });
    // One in a hundred; more than seven of two hundred have a chance of 1 in 2000.
    expect(doubted.filter(Boolean).length).toBeLessThanOrEqual(7);
  });

  test('is doubted where all rows of one arm are slower by two per cent', () => {
    const { arms } = calibrationOf({ ...QUIET, head: { factor: 1.02 } });
    expect(arms?.balanced).toBe(false);
    expect(arms?.shift).toBeGreaterThan(0.01);
  });

  test('cannot be told from one instance', () => {
    const one = [{ round: 'r1', value: 1, count: 1000, events: 0 }];
    expect(armBalance([pairOf('p50', { baseline: one, candidate: one })])).toBeNull();
    expect(armBalance([])).toBeNull();
  });
});

describe('the variance that comes from the number of durations', () => {
  test.each([
    ['p50', 0.5],
    ['p90', 0.9],
  ] as const)('of %s is that of repeated draws', (quantity, level) => {
    const random = seededRandom(7);
    const draw = () => Array.from({ length: 400 }, () => 0.002 * Math.exp(0.4 * normal(random)));
    const logs: number[] = [];
    const placed = Array.from({ length: 300 }, () => {
      const values = draw().sort((left, right) => left - right);
      logs.push(Math.log(quantileSorted(values, level)));
      const { count, sum } = histogramOf(values);
      const distribution = { count, sum, min: 0, max: 1, p50: 0, p90: 0, p95: 0, p99: 0 };
      const latency = { ...distribution, histogram: histogramOf(values) };
      const instance = { operations: { 'get order': { requests: 400, errors: {}, latency, spans: {} } } };
      return { round: 'r1', instance: instance as unknown as Instance };
    });
    const mean = logs.reduce((sum, value) => sum + value, 0) / logs.length;
    const variance = logs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (logs.length - 1);
    const estimated = samplingVariance(placed, { operation: 'get order', spanId: null, quantity });
    // The variance of 300 draws is known to 8 %.
    expect((estimated ?? 0) / variance).toBeGreaterThan(0.75);
    expect((estimated ?? 0) / variance).toBeLessThan(1.3);
  });

  test('is unknown for what is no quantile, and without histograms', () => {
    const source = { operation: 'list orders', spanId: null } as const;
    expect(samplingVariance([], { ...source, quantity: 'throughput' })).toBeNull();
    expect(samplingVariance([], { ...source, quantity: 'p50' })).toBeNull();
  });
});
