import { describe, expect, test } from 'vitest';
import { compare } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import { checkInjections, followersOf, untilDelayIsDecided } from '../../src/compare/injection-check.ts';
import { type InjectionPlan, planInjections } from '../../src/compare/injection-plan.ts';
import { defaultPolicy } from '../../src/config/defaults.ts';
import type { Policy } from '../../src/config.ts';
import { withLimits } from './policies.ts';
import { measurementOf, type OperationSketch, type Sketch } from './sketch.ts';

const POLICY = defaultPolicy('standard');
const QUERY = 'client:api:select orders';

const operations: Readonly<Record<string, OperationSketch>> = {
  health: { requests: 10, latency: 0.0005, spans: { 'server:api:GET /healthz': { duration: 0.0003 } } },
  'list orders': {
    requests: 600,
    latency: 0.004,
    spans: {
      'server:api:GET /orders': { duration: 0.0035 },
      [QUERY]: { duration: 0.002 },
      'internal:api:render': { duration: 0.0004 },
      'client:api:select line': { duration: 0.003, calls: 12 },
    },
  },
  'get order': {
    requests: 300,
    latency: 0.002,
    spans: { 'server:api:GET /orders/:id': { duration: 0.0015 }, 'internal:api:load': { duration: 0.001 } },
  },
};

function look(sketched: Sketch['operations'] = operations) {
  return measurementOf({ rounds: 1, instances: 1, operations: sketched });
}

function planned(sketched: Sketch['operations'] = operations): InjectionPlan {
  const plan = planInjections(look(sketched), { policy: POLICY });
  if (!plan) throw new Error('there is a span to change');
  return plan;
}

describe('what is changed', () => {
  test('is the longest child span called once in the busiest operation, and a call in the next one', () => {
    expect(planned()).toMatchObject({
      delay: { operation: 'list orders', request: 1, span: { name: 'select orders', kind: 'client' } },
      extra: { operation: 'get order', request: 2, span: { name: 'load' }, usual: 1 },
    });
  });

  test('is delayed by 30 %, and by 0.2 ms at least', () => {
    const { delay } = planned();
    expect(delay.seconds / delay.usual).toBeCloseTo(0.3, 9);
    const short = { 'list orders': { latency: 0.001, spans: { [QUERY]: { duration: 0.00005 } } } };
    expect(planned(short).delay.seconds).toBe(0.0002);
  });

  test('is the span that the user names, in its busiest operation', () => {
    expect(planInjections(look(), { policy: POLICY, span: 'render' })?.delay).toMatchObject({
      operation: 'list orders',
      span: { name: 'render' },
    });
    expect(planInjections(look(), { policy: POLICY, span: 'no such' })).toBeNull();
  });

  test('is one that the configuration gates, where there is one', () => {
    const rules = [{ span: 'select orders', quantities: { p50: { level: 'off' as const } } }];
    expect(planInjections(look(), { policy: { ...POLICY, rules } })?.delay.span.name).toBe('render');
  });

  test('is the same span twice, and the root span, where there is nothing else', () => {
    const only = {
      'list orders': { latency: 0.004, spans: { 'server:api:GET /orders': { duration: 0.003 } } },
    };
    const { delay, extra } = planned(only);
    expect([delay.span, extra.span].map(({ name }) => name)).toEqual(['GET /orders', 'GET /orders']);
  });

  test('is nothing where no request makes a span', () => {
    expect(planInjections(look({ health: { latency: 0.001 } }), { policy: POLICY })).toBeNull();
  });
});

/** The gate on the service against itself with the planned changes, or parts of them. */
function gated(
  plan: InjectionPlan,
  {
    delay = true,
    extra = true,
    policy = POLICY,
    spread = 0.01,
  }: {
    readonly delay?: boolean;
    readonly extra?: boolean;
    readonly policy?: Policy;
    readonly spread?: number;
  } = {},
): Comparison {
  const list = operations['list orders'];
  const get = operations['get order'];
  if (!list || !get) throw new Error('the sketch has both');
  const changed = {
    ...operations,
    'list orders': {
      ...list,
      spans: { ...list.spans, [QUERY]: { duration: 0.002 + (delay ? plan.delay.seconds : 0) } },
    },
    'get order': {
      ...get,
      spans: { ...get.spans, 'internal:api:load': { duration: 0.001, calls: extra ? 2 : 1 } },
    },
  };
  const measured = (own: Sketch['operations'], seed: number, stage: string, rounds: number) =>
    measurementOf({ rounds, instances: 4, spread, operations: own, seed, id: `${seed}`, roundPrefix: stage });
  return compare({
    baseline: measured(operations, 1, 'screen', 2),
    candidate: measured(changed, 2, 'screen', 2),
    baselineConfirmation: measured(operations, 3, 'confirm', 3),
    confirmation: measured(changed, 4, 'confirm', 3),
    policy,
    seed: 5,
    createdAt: '2026-03-05T09:30:00.000Z',
    tool: 'spangate 0.1.0',
    comparability: 'like',
  });
}

describe('what was caught', () => {
  test('is named with its row, and with what was seen of it', () => {
    const plan = planned();
    const [delay, extra] = checkInjections(plan, gated(plan));
    expect(delay).toMatchObject({
      injection: 'delay',
      caughtBy: `list orders | ${QUERY} | p50`,
      contains: true,
      missed: null,
    });
    expect(delay?.seen).toBeCloseTo(plan.delay.seconds, 4);
    expect(extra).toMatchObject({
      injection: 'extra-call',
      seen: 1,
      caughtBy: 'get order | internal:api:load | calls',
    });
    expect(followersOf(plan, gated(plan))).toEqual([]);
  });

  test.each<[string, Parameters<typeof gated>[1], string]>([
    [
      'its limit only warns',
      { policy: withLimits(POLICY, { p50: { level: 'warn' }, p90: { level: 'warn' } }) },
      'not-gated',
    ],
    [
      'its limit is larger',
      { policy: withLimits(POLICY, { p50: { fail: 0.5 }, p90: { fail: 0.5 } }) },
      'limit-larger',
    ],
    ['it varies too much', { spread: 0.4 }, 'noisy'],
    ['nothing was injected', { delay: false }, 'noisy'],
  ])('is not the delay where %s', (_what, options, why) => {
    const plan = planned();
    const [delay, extra] = checkInjections(plan, gated(plan, options));
    expect(delay).toMatchObject({ caughtBy: null, missed: { why } });
    expect(extra?.caughtBy).not.toBeNull();
  });

  test('is not the extra call where there was none', () => {
    const plan = planned();
    const [delay, extra] = checkInjections(plan, gated(plan, { extra: false }));
    expect(delay?.caughtBy).not.toBeNull();
    expect(extra).toMatchObject({ seen: 0, caughtBy: null });
  });

  test('says so where a waiver accepts it', () => {
    const waiver = {
      operation: 'get order',
      span: 'load',
      service: null,
      quantity: 'calls',
      reason: 'known',
      expires: '2026-12-31',
      source: { kind: 'config', line: 1 },
    } as const;
    const plan = planned();
    const [, extra] = checkInjections(plan, gated(plan, { policy: { ...POLICY, waivers: [waiver] } }));
    expect(extra?.missed?.why).toBe('waived');
  });

  test('says so where the span was not seen', () => {
    const plan = planned();
    const gone = { ...plan, delay: { ...plan.delay, span: { ...plan.delay.span, name: 'gone' } } };
    const [delay] = checkInjections(gone, gated(plan));
    expect(delay).toMatchObject({ seen: null, interval: null, missed: { why: 'no-row', row: null } });
  });
});

test('an extra call of the delayed span itself does not end the measuring either', () => {
  const plan = planned();
  const same = { ...plan, delay: { ...plan.delay, operation: 'get order', span: plan.extra.span } };
  expect(untilDelayIsDecided(same, gated(plan, { delay: false })).verdict).not.toBe('fail');
});

test('an extra call that fails the gate at once does not end the measuring', () => {
  const plan = planned();
  const undecided = gated(plan, { delay: false });
  expect(undecided.verdict).toBe('fail');
  expect(untilDelayIsDecided(plan, undecided).verdict).not.toBe('fail');
  expect(untilDelayIsDecided(plan, gated(plan)).verdict).toBe('fail');
});
