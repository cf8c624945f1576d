import { describe, expect, it } from 'vitest';
import { compare, needsConfirmation } from '../../src/compare/compare.ts';
import type { Comparison, Row } from '../../src/compare/comparison.ts';
import { judgeConcurrency } from '../../src/compare/concurrency.ts';
import type { Policy } from '../../src/config.ts';
import type { Instance, Measurement, Round } from '../../src/measurement.ts';
import { STANDARD } from './policies.ts';
import { measurementOf, type Sketch } from './sketch.ts';

const POOL = 'internal:api:pg-pool.connect';

/** One instance in the probe. Seconds, and requests a second. */
interface Probed {
  readonly throughput: number;
  readonly latency?: number;
  readonly wait?: number;
  /** Of 400 requests. */
  readonly errors?: number;
  readonly requests?: number;
}

const CALM: readonly Probed[] = [
  { throughput: 410 },
  { throughput: 402 },
  { throughput: 418 },
  { throughput: 396 },
];
const LOCKED: readonly Probed[] = [120, 118, 125, 119].map((throughput) => ({ throughput, latency: 0.066 }));

const OPERATIONS: Sketch['operations'] = {
  'list orders': { latency: 0.002 },
  'get order': { latency: 0.002 },
};

function probeOf(id: string, probed: readonly Probed[], operations = ['list orders', 'get order']): Round {
  const [round] = measurementOf({
    id,
    rounds: 1,
    instances: probed.length,
    spread: 0,
    operations: Object.fromEntries(operations.map((name) => [name, { latency: 0.02 }])),
  }).rounds;
  if (!round) throw new Error('no round');
  return {
    ...round,
    id: `${id}-1`,
    instances: round.instances.map((instance, index) =>
      underLoad(instance, probed[index] ?? { throughput: 0 }),
    ),
  };
}

function underLoad(
  instance: Instance,
  { throughput, latency = 0.02, wait, errors = 0, requests = 400 }: Probed,
): Instance {
  const times = (value: number, count = requests) => ({
    count,
    sum: count * value,
    min: value / 2,
    max: value * 2,
    p50: value,
    p90: value * 1.3,
    p95: value * 1.4,
    p99: value * 1.8,
  });
  const operations = Object.fromEntries(
    Object.keys(instance.operations).map((name) => [
      name,
      {
        requests,
        errors: errors > 0 ? { 'status 503': errors } : {},
        ...(requests > errors && { latency: times(latency, requests - errors) }),
        spans: wait === undefined ? {} : { [POOL]: { calls: requests, errors: {}, duration: times(wait) } },
      },
    ]),
  );
  const completed = Object.keys(operations).length * requests;
  return {
    ...instance,
    operations,
    throughput,
    quality: { ...instance.quality, requestsCompleted: completed },
  };
}

interface Case {
  readonly base?: readonly Probed[];
  readonly head: readonly Probed[];
  /** The confirming stage; none where it is left out. */
  readonly again?: { readonly base?: readonly Probed[]; readonly head: readonly Probed[] };
  readonly policy?: Policy;
  readonly exchangeable?: 'instances' | 'arms';
  readonly underLoad?: { readonly base: Sketch['operations']; readonly head: Sketch['operations'] };
  readonly operations?: string[];
}

function measured(
  prefix: string,
  seed: number,
  probed: readonly Probed[],
  given: Case,
  of: 'base' | 'head',
): Measurement {
  const operations = given.underLoad?.[of] ?? OPERATIONS;
  const sketch = { id: `${prefix}-${of}`, roundPrefix: prefix, seed, rounds: 2, instances: 4, operations };
  return { ...measurementOf(sketch), probes: [probeOf(prefix, probed, given.operations)] };
}

function inputOf(given: Case) {
  return {
    baseline: measured('s', 1, given.base ?? CALM, given, 'base'),
    candidate: measured('s', 2, given.head, given, 'head'),
    ...(given.again && {
      baselineConfirmation: measured('c', 3, given.again.base ?? CALM, given, 'base'),
      confirmation: measured('c', 4, given.again.head, given, 'head'),
    }),
    policy: given.policy ?? STANDARD,
    exchangeable: given.exchangeable ?? 'instances',
  } as const;
}

function judged(given: Case): readonly Row[] {
  return judgeConcurrency(inputOf(given));
}

function compared(given: Case): Comparison {
  return compare({
    ...inputOf(given),
    seed: 1,
    createdAt: '2026-01-02T00:00:00.000Z',
    tool: 'spangate 0.0.0',
    comparability: 'like',
  });
}

const THROUGHPUT = '- | - | throughput | concurrency';

function row(rows: readonly Row[], id: string): Row {
  const found = rows.find((each) => each.id === id);
  if (!found) throw new Error(`no row ${id} in ${rows.map((each) => each.id).join('\n')}`);
  return found;
}

describe('judgeConcurrency', () => {
  it('suspects a lock, and fails it once fresh processes show the same', () => {
    const suspect = row(judged({ head: LOCKED }), THROUGHPUT);
    expect(suspect).toMatchObject({
      verdict: 'inconclusive',
      reason: 'screened',
      outcome: 'none',
      level: 'fail',
    });
    const failed = row(judged({ head: LOCKED, again: { head: LOCKED } }), THROUGHPUT);
    expect(failed).toMatchObject({
      verdict: 'regression',
      reason: 'slower',
      outcome: 'fail',
      under: 'concurrency',
      baseline: 406,
      candidate: 119.5,
    });
    expect(failed.p).toBeCloseTo(1 / 70);
  });

  it('says nothing of the same build, whatever its instances vary by', () => {
    const rows = judged({ head: [...CALM].reverse() });
    expect(rows.map(({ verdict }) => verdict)).toEqual(rows.map(() => 'unchanged'));
  });

  it('does not mind a large effect that half of the instances do not show', () => {
    const head = [...LOCKED.slice(0, 2), ...CALM.slice(0, 2)];
    expect(row(judged({ head }), THROUGHPUT).verdict).toBe('unchanged');
  });

  it('does not mind a small effect that all instances show', () => {
    const head = CALM.map(({ throughput }) => ({ throughput: throughput * 0.85 }));
    expect(row(judged({ head }), THROUGHPUT).verdict).toBe('unchanged');
  });

  it('lets one pair of instances of four be out of order, and no more', () => {
    const slow = (outliers: readonly Probed[]) => [...LOCKED.slice(0, 4 - outliers.length), ...outliers];
    const base = [...CALM.slice(0, 3), { throughput: 130 }];
    expect(row(judged({ base, head: slow([{ throughput: 131 }]) }), THROUGHPUT).reason).toBe('screened');
    expect(
      row(judged({ base, head: slow([{ throughput: 131 }, { throughput: 132 }]) }), THROUGHPUT).reason,
    ).toBe('within-limit');
  });

  it('clears what the confirming stage does not show, and doubts what it shows out of order', () => {
    const cleared = row(judged({ head: LOCKED, again: { head: CALM } }), THROUGHPUT);
    expect(cleared).toMatchObject({ verdict: 'unchanged', reason: 'not-confirmed' });
    const base = [...CALM.slice(0, 2), { throughput: 90 }, { throughput: 310 }];
    const doubtful = row(judged({ head: LOCKED, again: { base, head: LOCKED } }), THROUGHPUT);
    expect(doubtful).toMatchObject({ verdict: 'inconclusive', reason: 'not-confirmed', outcome: 'none' });
  });

  it('sees that nothing is answered any more', () => {
    const dead = [0, 0, 0, 0].map((throughput) => ({ throughput, requests: 0 }));
    const found = row(judged({ head: dead, again: { head: dead } }), THROUGHPUT);
    expect(found).toMatchObject({ verdict: 'regression', outcome: 'fail', effect: 0, candidate: 0 });
  });

  it('shows waits for a connection of the pool, from a millisecond on', () => {
    const waiting = (wait: number): Probed[] => CALM.map(({ throughput }) => ({ throughput, wait }));
    const id = `get order | ${POOL} | p50 | concurrency`;
    const found = row(
      judged({
        base: waiting(0.0001),
        head: waiting(0.009),
        again: { base: waiting(0.0001), head: waiting(0.009) },
      }),
      id,
    );
    expect(found).toMatchObject({ verdict: 'regression', outcome: 'fail', quantity: 'p50' });
    expect(row(judged({ base: waiting(0.0001), head: waiting(0.0009) }), id).verdict).toBe('unchanged');
  });

  it('fails errors that only many requests at once bring', () => {
    const failing = CALM.map(({ throughput }, index) => ({ throughput, errors: 8 + index }));
    const id = 'get order | - | error-rate | concurrency';
    const found = row(judged({ head: failing, again: { head: failing } }), id);
    expect(found).toMatchObject({ verdict: 'regression', reason: 'errors-increased', outcome: 'fail' });
    const few = CALM.map(({ throughput }) => ({ throughput, errors: 2 }));
    expect(row(judged({ head: few }), id).verdict).toBe('unchanged');
  });

  it('calls what got faster an improvement', () => {
    expect(row(judged({ base: LOCKED, head: CALM }), THROUGHPUT)).toMatchObject({
      verdict: 'improvement',
      reason: 'faster',
    });
  });

  it('calls nothing faster that only has the cores for itself while others wait', () => {
    const before = probeOf('s', CALM);
    const after = probeOf('s', CALM);
    const changed = (factor: number) => (instance: Instance) => {
      const { latency, ...rest } = instance.operations['list orders'] ?? {
        requests: 0,
        errors: {},
        spans: {},
      };
      const slower = latency && { ...latency, p50: latency.p50 * factor, p90: latency.p90 * factor };
      return {
        ...instance,
        operations: {
          ...instance.operations,
          'list orders': { ...rest, ...(slower && { latency: slower }) },
        },
      };
    };
    const input = inputOf({ head: CALM });
    const base = { ...input.baseline, probes: [{ ...before, instances: before.instances.map(changed(4)) }] };
    const faster = (head: Round) =>
      row(
        judgeConcurrency({ ...input, baseline: base, candidate: { ...input.candidate, probes: [head] } }),
        'list orders | - | p50 | concurrency',
      ).verdict;
    expect(faster(after)).toBe('improvement');
    const waiting = after.instances.map((instance) => ({ ...instance, throughput: 100 }));
    expect(faster({ ...after, instances: waiting })).toBe('unchanged');
  });

  it('asks for twice the effect where two instances of each arm are all', () => {
    const two = (factor: number) =>
      CALM.slice(0, 2).map(({ throughput }) => ({ throughput: throughput * factor }));
    const found = (factor: number) => row(judged({ base: two(1), head: two(factor) }), THROUGHPUT).reason;
    expect([found(0.7), found(0.5)]).toEqual(['within-limit', 'screened']);
  });

  it('asks for twice the effect where something is tied to an arm', () => {
    const head = CALM.map(({ throughput }) => ({ throughput: throughput * 0.7 }));
    expect(row(judged({ head }), THROUGHPUT).reason).toBe('screened');
    expect(row(judged({ head, exchangeable: 'arms' }), THROUGHPUT).reason).toBe('within-limit');
  });

  it('only shows what a single instance of each arm did', () => {
    const rows = judged({ base: CALM.slice(0, 1), head: LOCKED.slice(0, 1) });
    expect(row(rows, THROUGHPUT)).toMatchObject({
      verdict: 'inconclusive',
      reason: 'too-few-instances',
      baseline: 410,
    });
  });

  it('does not judge by a handful of answers', () => {
    const slow = (throughput: number) => [0, 1, 2, 3].map(() => ({ throughput, requests: 9 }));
    const rows = judged({ base: slow(18), head: slow(9) });
    expect(rows.filter(({ quantity }) => quantity !== 'error-rate').map(({ reason }) => reason)).toEqual(
      Array.from({ length: 5 }, () => 'too-few-samples'),
    );
  });

  it('takes the stricter level of base and head', () => {
    const level = (policy: Policy) => row(judged({ head: LOCKED, policy }), THROUGHPUT);
    expect(level({ ...STANDARD, concurrency: 'warn' })).toMatchObject({ level: 'warn', outcome: 'warn' });
    expect(level({ ...STANDARD, concurrency: 'off' })).toMatchObject({ level: 'off', outcome: 'none' });
    expect(level({ ...STANDARD, concurrency: 'off', base: STANDARD }).level).toBe('fail');
  });

  it('names the operation of a throughput where there is but one', () => {
    const rows = judged({ head: LOCKED, operations: ['list orders'] });
    expect(row(rows, 'list orders | - | throughput | concurrency').operation).toBe('list orders');
  });

  it('has no rows where one side was not probed, or in another round', () => {
    const input = inputOf({ head: LOCKED });
    const { probes: _, ...unprobed } = input.candidate;
    expect(judgeConcurrency({ ...input, candidate: unprobed })).toEqual([]);
    expect(
      judgeConcurrency({ ...input, candidate: { ...input.candidate, probes: [probeOf('x', LOCKED)] } }),
    ).toEqual([]);
  });
});

describe('compare', () => {
  it('asks for confirming rounds because of the probe alone, and is inconclusive without them', () => {
    const comparison = compared({ head: LOCKED });
    expect(needsConfirmation(comparison)).toBe(true);
    expect(comparison.verdict).toBe('inconclusive');
  });

  it('fails by the probe alone', () => {
    const comparison = compared({ head: LOCKED, again: { head: LOCKED } });
    expect(comparison.verdict).toBe('fail');
    const failing = comparison.rows.filter(({ outcome }) => outcome === 'fail');
    expect(failing.every(({ under }) => under === 'concurrency')).toBe(true);
    // All of the load is three and a half times slower; that its operations are is the same thing.
    expect(failing.filter(({ explainedBy }) => explainedBy === undefined).map(({ id }) => id)).toEqual([
      THROUGHPUT,
    ]);
  });

  it('tells the throughput alone where most operations wait, each longer than the throughput says', () => {
    const operations = ['list orders', 'get order', 'get product', 'summary', 'create order'];
    const blocked = [210, 205, 215, 208].map((throughput) => ({ throughput, latency: 0.06 }));
    const comparison = compared({ head: blocked, again: { head: blocked }, operations });
    const failing = comparison.rows.filter(({ outcome }) => outcome === 'fail');
    expect(failing.length).toBeGreaterThan(5);
    expect(failing.filter(({ explainedBy }) => explainedBy === undefined).map(({ id }) => id)).toEqual([
      THROUGHPUT,
    ]);
  });

  it('tells the wait for a pool once, by the operation that waits longest', () => {
    const waiting = (wait: number) => CALM.map(({ throughput }) => ({ throughput, wait }));
    const given = { base: waiting(0.0001), head: waiting(0.02) };
    const comparison = compared({ ...given, again: given });
    const failing = comparison.rows.filter(({ outcome }) => outcome === 'fail');
    expect(failing.length).toBe(4);
    expect(failing.filter(({ explainedBy }) => explainedBy === undefined)).toHaveLength(1);
  });

  it('passes again where the confirming probe clears the suspect', () => {
    expect(compared({ head: LOCKED, again: { head: CALM } }).verdict).toBe('pass');
  });

  it('does not tell twice what is as slow for one request at a time', () => {
    const underLoad = {
      base: OPERATIONS,
      head: { 'list orders': { latency: 0.006 }, 'get order': { latency: 0.006 } },
    };
    const slow = CALM.map(({ throughput }) => ({ throughput: throughput / 3, latency: 0.06 }));
    const comparison = compared({ head: slow, again: { head: slow }, underLoad });
    const probed = comparison.rows.filter(
      ({ under, verdict }) => under !== undefined && verdict === 'regression',
    );
    expect(probed.length).toBeGreaterThan(2);
    expect(probed.map(({ outcome }) => outcome)).toEqual(probed.map(() => 'none'));
    const causes = comparison.rows.filter(({ outcome }) => outcome === 'fail').map(({ id }) => id);
    expect(probed.every(({ explainedBy }) => causes.includes(explainedBy ?? ''))).toBe(true);
  });

  it('tells a lock beside a small slow-down under the load', () => {
    const underLoad = {
      base: OPERATIONS,
      head: { 'list orders': { latency: 0.0024 }, 'get order': { latency: 0.002 } },
    };
    const comparison = compared({ head: LOCKED, again: { head: LOCKED }, underLoad });
    expect(row(comparison.rows, THROUGHPUT)).toMatchObject({ outcome: 'fail' });
    expect(row(comparison.rows, THROUGHPUT).explainedBy).toBeUndefined();
  });

  it('tells errors under the load, and not that they are there under many requests too', () => {
    const failing = { latency: 0.002, errors: [12] };
    const underLoad = {
      base: OPERATIONS,
      head: { 'list orders': { latency: 0.002 }, 'get order': failing },
    };
    const head = CALM.map((probed) => ({ ...probed, errors: 14 }));
    const { rows } = compared({ head, again: { head }, underLoad });
    expect(row(rows, 'get order | - | error-rate')).toMatchObject({ outcome: 'fail' });
    expect(row(rows, 'get order | - | error-rate | concurrency')).toMatchObject({
      outcome: 'none',
      explainedBy: 'get order | - | error-rate',
    });
    // Nothing under the load says it of the other one.
    expect(row(rows, 'list orders | - | error-rate | concurrency')).toMatchObject({ outcome: 'fail' });
  });
});
