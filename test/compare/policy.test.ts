import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { globMatches, limitFor, ruleMatches, type Subject } from '../../src/compare/policy.ts';
import type { Rule } from '../../src/config.ts';
import { STANDARD } from './policies.ts';

describe('a glob', () => {
  test.each([
    ['pg.*', 'pg.query:SELECT orders', true],
    ['pg.*', 'npg.query', false],
    ['*orders', 'SELECT orders', true],
    ['GET /orders/:id', 'GET /orders/:id', true],
    ['GET /orders', 'GET /orders/:id', false],
    ['GET /reports*', 'GET /reports', true],
    ['*', '', true],
    ['', '', true],
    ['', 'a', false],
    ['a*b*c', 'aXbYc', true],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'acb', false],
    ['ab*ba', 'aba', false],
    ['*a*', 'bab', true],
    ['a.c', 'abc', false],
    ['get*', 'GET /', false],
  ])('%s against %s: %s', (glob, text, expected) => {
    expect(globMatches(glob, text)).toBe(expected);
  });

  test('means what the regular expression with .* means', () => {
    const piece = fc
      .array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 })
      .map((letters) => letters.join(''));
    const text = fc.array(fc.constantFrom('a', 'b'), { maxLength: 10 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(piece, text, (glob, subject) => {
        const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(subject);
        expect(globMatches(glob, subject)).toBe(expected);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});

describe('the limit of a row', () => {
  const query: Subject = {
    operation: 'list orders',
    span: { service: 'api', kind: 'client', name: 'pg.query:SELECT orders' },
    quantity: 'p50',
  };
  const route: Subject = { operation: 'list orders', span: null, quantity: 'p50' };
  const withRules = (...rules: Rule[]) => ({ ...STANDARD, rules });

  test('is the one of the profile without rules', () => {
    expect(limitFor(STANDARD, query)).toEqual(STANDARD.limits.p50);
  });

  test('takes from each rule that matches, the later one winning part by part', () => {
    const policy = withRules(
      { span: 'pg.*', quantities: { p50: { fail: 0.2, warn: 0.1 } } },
      { span: '*', service: 'other', quantities: { p50: { fail: 0.9 } } },
      { kind: 'client', quantities: { p50: { fail: 0.3 }, p90: { level: 'off' } } },
    );
    expect(limitFor(policy, query)).toEqual({ ...STANDARD.limits.p50, warn: 0.1, fail: 0.3 });
    expect(limitFor(policy, { ...query, quantity: 'p90' }).level).toBe('off');
  });

  test.each<[string, Rule, string, boolean]>([
    ['the service', { service: 'api', quantities: {} }, 'api{cloud.region=eu}', true],
    ['a glob of the service', { service: '*i', quantities: {} }, 'api{cloud.region=eu}', true],
    ['the split name', { service: 'api{cloud.region=eu}', quantities: {} }, 'api{cloud.region=eu}', true],
    [
      'another split name',
      { service: 'api{cloud.region=us}', quantities: {} },
      'api{cloud.region=eu}',
      false,
    ],
    ['the region', { resource: { 'cloud.region': 'eu-*' }, quantities: {} }, 'api{cloud.region=eu-1}', true],
    ['another region', { resource: { 'cloud.region': 'us' }, quantities: {} }, 'api{cloud.region=eu}', false],
    ['a region, of none', { resource: { 'cloud.region': '*' }, quantities: {} }, 'api', false],
    ['one of two', { resource: { tenant: 'a' }, quantities: {} }, 'api{cloud.region=eu,tenant=a}', true],
  ])('of a split service is changed by a rule for %s', (_what, rule, name, isMatched) => {
    const subject = { ...query, span: { service: name, kind: 'server', name: 'GET /' } } as const;
    expect(ruleMatches(rule, subject)).toBe(isMatched);
  });

  test('of what the load client sees, or of log records, is not changed by a rule for a region', () => {
    const rule: Rule = { resource: { 'cloud.region': '*' }, quantities: {} };
    expect(ruleMatches(rule, route)).toBe(false);
    expect(ruleMatches(rule, { ...route, quantity: 'error-logs', service: 'api' })).toBe(false);
  });

  test('of what the load client sees is not changed by a rule for spans', () => {
    const policy = withRules({ span: '*', quantities: { p50: { level: 'off' } } });
    expect(limitFor(policy, route).level).toBe('fail');
  });

  test('is changed for a whole operation by a rule that names it alone', () => {
    const policy = withRules({ operation: 'list *', quantities: { p50: { level: 'warn' } } });
    expect(limitFor(policy, route).level).toBe('warn');
    expect(limitFor(policy, query).level).toBe('warn');
    expect(limitFor(policy, { ...query, operation: 'get order' }).level).toBe('fail');
  });

  test('of a span outside any request is off, until a rule names a level', () => {
    const timer: Subject = { ...query, operation: null };
    expect(limitFor(STANDARD, timer).level).toBe('off');
    expect(limitFor(withRules({ operation: '*', quantities: { p50: { level: 'fail' } } }), timer).level).toBe(
      'off',
    );
    expect(limitFor(withRules({ span: 'pg.*', quantities: { p50: { fail: 0.5 } } }), timer).level).toBe(
      'off',
    );
    expect(limitFor(withRules({ span: 'pg.*', quantities: { p50: { level: 'warn' } } }), timer).level).toBe(
      'warn',
    );
  });
});
