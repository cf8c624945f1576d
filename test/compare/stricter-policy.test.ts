import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Loosening } from '../../src/compare/loosening.ts';
import { limitFor, type Subject } from '../../src/compare/policy.ts';
import {
  stricterLimit,
  stricterPolicy,
  strictestLimitFor,
  strictestMetricLimit,
} from '../../src/compare/stricter-policy.ts';
import type { Level, Limit, MetricDefinition, Policy, Quantity, Rule } from '../../src/config.ts';
import { STANDARD, withLimits } from './policies.ts';

const query: Subject = {
  operation: 'list orders',
  span: { service: 'api', kind: 'client', name: 'pg.query:SELECT orders' },
  quantity: 'p50',
};

const withRules = (...rules: readonly Rule[]): Policy => ({ ...STANDARD, rules });

function loosened(base: Policy, head: Policy): readonly Loosening[] {
  return stricterPolicy(base, head).loosened;
}

describe('the stricter of two limits', () => {
  const base: Limit = { level: 'fail', warn: 0.03, fail: 0.05, atLeast: 0.001 };

  test('is the smaller of each part', () => {
    const head: Limit = { level: 'fail', warn: 0.06, fail: 0.1, atLeast: 0.0001 };
    expect(stricterLimit(base, head)).toEqual({ level: 'fail', warn: 0.03, fail: 0.05, atLeast: 0.0001 });
  });

  test('is the other one where one is off', () => {
    const off: Limit = { level: 'off', warn: 0, fail: 0, atLeast: 0 };
    expect(stricterLimit(base, off)).toEqual(base);
    expect(stricterLimit(off, base)).toEqual(base);
  });

  test('does not fail earlier for a limit that only warns', () => {
    const head: Limit = { level: 'warn', warn: 0.01, fail: 0.01, atLeast: 0.001 };
    expect(stricterLimit(base, head)).toEqual({ level: 'fail', warn: 0.01, fail: 0.05, atLeast: 0.001 });
  });

  test('flags whatever one of both flags, and is one of both where they are equal', () => {
    const outcome = (limit: Limit, effect: number, shift: number): Level => {
      if (limit.level === 'off' || shift < limit.atLeast || effect < limit.warn) return 'off';
      return limit.level === 'fail' && effect >= limit.fail ? 'fail' : 'warn';
    };
    const rank = (level: Level) => ['off', 'warn', 'fail'].indexOf(level);
    const limit = fc
      .record({
        level: fc.constantFrom<Level>('off', 'warn', 'fail'),
        warn: fc.constantFrom(0.01, 0.03, 0.05),
        more: fc.constantFrom(0, 0.02, 0.05),
        atLeast: fc.constantFrom(0.0001, 0.001),
      })
      .map(({ level, warn, more, atLeast }): Limit => ({ level, warn, fail: warn + more, atLeast }));
    const effect = fc.constantFrom(0.005, 0.02, 0.04, 0.06, 0.2);
    fc.assert(
      fc.property(
        limit,
        limit,
        effect,
        fc.constantFrom(0.00005, 0.0005, 0.01),
        (left, right, size, shift) => {
          const both = stricterLimit(left, right);
          const needed = Math.max(rank(outcome(left, size, shift)), rank(outcome(right, size, shift)));
          expect(rank(outcome(both, size, shift))).toBeGreaterThanOrEqual(needed);
          expect(stricterLimit(left, left)).toEqual(left);
        },
      ),
      { seed: 5, numRuns: 3000 },
    );
  });
});

describe('the stricter policy', () => {
  test('of equal policies loosens nothing and changes no limit', () => {
    const rule: Rule = { span: 'pg.*', quantities: { p50: { fail: 0.2, level: 'warn' } }, line: 12 };
    const { policy, loosened: found } = stricterPolicy(withRules(rule), withRules({ ...rule, line: 40 }));
    expect(found).toEqual([]);
    expect(strictestLimitFor(policy, query)).toEqual(limitFor(withRules(rule), query));
  });

  test('keeps the limit of base for a row that a new rule of head switches off', () => {
    const head = withRules({ span: 'pg.*', quantities: { p50: { level: 'off' } }, line: 31 });
    const { policy, loosened: found } = stricterPolicy(STANDARD, head);
    expect(limitFor(head, query).level).toBe('off');
    expect(strictestLimitFor(policy, query)).toEqual(STANDARD.limits.p50);
    expect(found).toEqual([
      {
        cause: 'rule-added',
        what: 'limits.rules[0].p50.level',
        from: 'fail',
        to: 'off',
        rows: { span: 'pg.*' },
        line: 31,
        baseLine: null,
      },
    ]);
  });

  test('keeps a rule of base that head deleted, and names it', () => {
    const base = withRules({
      span: 'pg.*',
      service: 'api',
      quantities: { p50: { fail: 0.02, warn: 0.01 } },
      line: 9,
    });
    const { policy, loosened: found } = stricterPolicy(base, STANDARD);
    expect(strictestLimitFor(policy, query).fail).toBe(0.02);
    expect(
      found.map(({ cause, what, from, to, line, baseLine }) => ({ cause, what, from, to, line, baseLine })),
    ).toEqual([
      {
        cause: 'rule-deleted',
        what: 'limits.rules[0].p50.warn',
        from: 0.01,
        to: 0.03,
        line: null,
        baseLine: 9,
      },
      {
        cause: 'rule-deleted',
        what: 'limits.rules[0].p50.fail',
        from: 0.02,
        to: 0.05,
        line: null,
        baseLine: 9,
      },
    ]);
  });

  test('names the rule whose limit was raised, with both of its lines', () => {
    const rule = (fail: number, line: number): Rule => ({
      span: 'pg.*',
      quantities: { p50: { fail } },
      line,
    });
    expect(loosened(withRules(rule(0.1, 9)), withRules(rule(0.2, 11)))).toEqual([
      {
        cause: 'rule-changed',
        what: 'limits.rules[0].p50.fail',
        from: 0.1,
        to: 0.2,
        rows: { span: 'pg.*' },
        line: 11,
        baseLine: 9,
      },
    ]);
  });

  test('takes a raised limit without a rule from base, and points to the entry', () => {
    const base = { ...withLimits(STANDARD, { p90: { fail: 0.1 } }), lines: { p90: 20 } };
    const head = { ...withLimits(STANDARD, { p90: { fail: 0.3, level: 'warn' } }), lines: { p90: 22 } };
    expect(strictestLimitFor(stricterPolicy(base, head).policy, { ...query, quantity: 'p90' })).toEqual(
      STANDARD.limits.p90,
    );
    expect(loosened(base, head)).toEqual([
      {
        cause: 'limit-changed',
        what: 'limits.p90.level',
        from: 'fail',
        to: 'warn',
        rows: null,
        line: 22,
        baseLine: 20,
      },
    ]);
  });

  test('says that a profile is laxer, and which limits follow from it', () => {
    const head: Policy = {
      ...withLimits(STANDARD, { p50: { fail: 0.1 } }),
      profile: 'relaxed',
      lines: { profile: 7 },
    };
    expect(loosened(STANDARD, head)).toMatchObject([
      { cause: 'profile-changed', what: 'limits.profile', from: 'standard', to: 'relaxed', line: 7 },
      { cause: 'profile-changed', what: 'limits.p50.fail', from: 0.05, to: 0.1, line: 7 },
    ]);
    expect(loosened(head, STANDARD)).toEqual([]);
  });

  test('keeps levels of presence, strict and require-baseline from the stricter side', () => {
    const base: Policy = { ...STANDARD, removed: 'fail', added: 'off', strict: true, requireBaseline: true };
    const head: Policy = { ...STANDARD, removed: 'off', added: 'warn', lines: { removed: 30 } };
    const { policy, loosened: found } = stricterPolicy(base, head);
    expect(policy).toMatchObject({ removed: 'fail', added: 'warn', strict: true, requireBaseline: true });
    expect(found.map(({ what, from, to, line }) => [what, from, to, line])).toEqual([
      ['limits.removed', 'fail', 'off', 30],
      ['limits.strict', true, false, null],
      ['limits.require-baseline', true, false, null],
    ]);
  });

  test('does not report a rule that a later one overrides with what base had', () => {
    const head = withRules(
      { span: 'pg.*', quantities: { p50: { level: 'off' } } },
      { span: 'pg.*', quantities: { p50: { level: 'fail' } } },
    );
    expect(loosened(STANDARD, head)).toEqual([]);
  });

  test('reports what a rule for one of the values that services are split by loosens', () => {
    const quantities = { p50: { level: 'off' } } as const;
    const region = (resource: Record<string, string>): Rule => ({ service: 'api', resource, quantities });
    expect(loosened(STANDARD, withRules(region({ 'cloud.region': 'eu' })))).toMatchObject([
      {
        cause: 'rule-added',
        what: 'limits.rules[0].p50.level',
        rows: { service: 'api', resource: { 'cloud.region': 'eu' } },
      },
    ]);
    const before = withRules(region({ 'cloud.region': 'eu' }));
    const wider = withRules(region({ 'cloud.region': '*' }));
    expect(loosened(before, before)).toEqual([]);
    expect(loosened(before, wider)).toMatchObject([{ cause: 'rule-added' }]);
    expect(loosened(wider, before)).toEqual([]);
    // A rule for the service is one for all that it is split into.
    expect(loosened(withRules({ service: 'api', quantities }), before)).toEqual([]);
    const strict: Rule = {
      resource: { 'cloud.region': 'eu', tenant: 'a' },
      quantities: { p50: { fail: 0.01 } },
    };
    expect(loosened(withRules(strict), STANDARD)).toMatchObject([{ cause: 'rule-deleted', from: 0.01 }]);
  });

  test('does not report what head tightens', () => {
    const head = withRules({
      operation: '*',
      quantities: { p50: { fail: 0.04, level: 'fail' }, p99: { level: 'warn' } },
    });
    expect(loosened(STANDARD, head)).toEqual([]);
  });

  test('reports a higher limit only where it had an effect', () => {
    // p99 is off in both.
    expect(loosened(STANDARD, withLimits(STANDARD, { p99: { fail: 0.9, warn: 0.9 } }))).toEqual([]);
  });

  test('finds rules that loosen by another order', () => {
    const strict: Rule = { span: 'pg.*', quantities: { p50: { fail: 0.1 } }, line: 3 };
    const lax: Rule = { kind: 'client', quantities: { p50: { fail: 0.5 } }, line: 4 };
    expect(loosened(withRules(lax, strict), withRules(strict, lax))).toMatchObject([
      { cause: 'rules-reordered', from: 0.1, to: 0.5, line: 4 },
    ]);
  });

  test('finds a loosening that only rows with two globs at once have', () => {
    const base = withRules(
      { span: 'pg.*', quantities: { p50: { fail: 0.5 } } },
      { span: '*orders', quantities: { p50: { fail: 0.5 } } },
    );
    const head = withRules(...base.rules, {
      span: 'pg.*orders',
      quantities: { p50: { fail: 0.9 } },
      line: 5,
    });
    expect(loosened(base, head)).toMatchObject([{ cause: 'rule-added', from: 0.5, to: 0.9, line: 5 }]);
  });

  test('reports a deleted rule that watched spans outside any request', () => {
    const base = withRules({ span: 'cron', quantities: { p50: { level: 'fail' } }, line: 6 });
    const outside: Subject = {
      operation: null,
      span: { service: 'api', kind: 'internal', name: 'cron' },
      quantity: 'p50',
    };
    const { policy, loosened: found } = stricterPolicy(base, STANDARD);
    expect(strictestLimitFor(policy, outside).level).toBe('fail');
    expect(found).toMatchObject([{ cause: 'rule-deleted', from: 'fail', to: 'off', baseLine: 6 }]);
  });

  test('reports a loosening exactly where some row is laxer than in base', () => {
    const glob = fc.constantFrom('*', 'a*', '*b', 'ab', 'a*b');
    const level = fc.constantFrom<Level>('off', 'warn', 'fail');
    const share = fc.constantFrom(0.01, 0.05, 0.1, 0.5);
    const parts = fc.record({ level, fail: share, warn: share }, { requiredKeys: [] });
    const rule: fc.Arbitrary<Rule> = fc
      .record({ span: glob, operation: glob, p50: parts }, { requiredKeys: ['p50'] })
      .map(({ p50, ...globs }) => ({ ...globs, quantities: { p50 } }));
    const rules = fc.array(rule, { maxLength: 4 });
    const texts = ['', 'a', 'b', 'ab', 'ba', 'aab', 'abb', 'c'];
    fc.assert(
      fc.property(rules, rules, (before, after) => {
        const base = withRules(...before);
        const head = withRules(...after);
        const { policy, loosened: found, isComplete } = stricterPolicy(base, head);
        expect(isComplete).toBe(true);
        let isLaxer = false;
        for (const subject of subjects(texts)) {
          const [own, other] = [limitFor(head, subject), limitFor(base, subject)];
          isLaxer ||= lets(own, other);
          expect(lets(strictestLimitFor(policy, subject), other)).toBe(false);
          expect(lets(strictestLimitFor(policy, subject), own)).toBe(false);
        }
        expect(found.length > 0).toBe(isLaxer);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

function subjects(texts: readonly string[]): readonly Subject[] {
  const quantity: Quantity = 'p50';
  return [...texts, null].flatMap((operation) => [
    ...texts.map(
      (name): Subject => ({ operation, span: { service: 'api', kind: 'server', name }, quantity }),
    ),
    ...(operation === null ? [] : [{ operation, span: null, quantity }]),
  ]);
}

/** Whether `limit` lets something pass that `other` flags. */
function lets(limit: Limit, other: Limit): boolean {
  const rank = (level: Level) => ['off', 'warn', 'fail'].indexOf(level);
  if (rank(limit.level) < rank(other.level)) return true;
  if (other.level === 'off') return false;
  return (
    limit.warn > other.warn ||
    limit.atLeast > other.atLeast ||
    (other.level === 'fail' && limit.fail > other.fail)
  );
}

test('a concurrency probe that fails no more is a loosening, also where base says nothing of it', () => {
  expect(loosened(STANDARD, { ...STANDARD, concurrency: 'warn' })).toMatchObject([
    { what: 'limits.concurrency', from: 'fail', to: 'warn' },
  ]);
  expect(loosened({ ...STANDARD, concurrency: 'off' }, STANDARD)).toEqual([]);
});

describe('metrics', () => {
  const metric = (parts: Partial<MetricDefinition> = {}): MetricDefinition => ({
    ...{ name: 'heap', metric: 'v8js.memory.heap.used', service: null, attributes: {}, value: 'auto' },
    limit: { level: 'fail', warn: 0.05, fail: 0.1, atLeast: 0 },
    ...parts,
  });
  const withMetrics = (...metrics: readonly MetricDefinition[]): Policy => ({ ...STANDARD, metrics });
  const limit = (fail: number, level: Level = 'fail') => ({ ...metric().limit, fail, level });

  test('are judged by the stricter limit', () => {
    const base = withMetrics(metric());
    const { policy } = stricterPolicy(base, withMetrics(metric({ limit: limit(0.5) })));
    expect(strictestMetricLimit(policy, 'heap').fail).toBe(0.1);
    const { policy: added } = stricterPolicy(withMetrics(), withMetrics(metric({ limit: limit(0.5) })));
    expect(strictestMetricLimit(added, 'heap').fail).toBe(0.5);
  });

  test.each<[string, readonly MetricDefinition[], string | undefined]>([
    ['the same', [metric()], undefined],
    ['a stricter limit', [metric({ limit: limit(0.05) })], undefined],
    ['a looser limit', [metric({ limit: limit(0.5) })], 'limit-changed metrics.heap.limit.fail'],
    ['a lower level', [metric({ limit: limit(0.1, 'warn') })], 'limit-changed metrics.heap.level'],
    ['another figure', [metric({ value: 'max' })], 'metric-changed metrics.heap'],
    ['no such metric', [], 'metric-removed metrics.heap'],
  ])('%s', (_, head, expected) => {
    const found = loosened(withMetrics(metric()), withMetrics(...head));
    expect(found.map(({ cause, what }) => `${cause} ${what}`)).toEqual(
      expected === undefined ? [] : [expected],
    );
  });
});
