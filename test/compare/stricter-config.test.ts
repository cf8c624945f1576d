import { expect, test } from 'vitest';
import { stricterConfig } from '../../src/compare/stricter-config.ts';
import type { Config, Policy, RequestTemplate, Scenario, Waiver } from '../../src/config.ts';
import { STANDARD, withLimits } from './policies.ts';

const LAX = withLimits(STANDARD, { p50: { fail: 0.5 } });

function scenario(name: string, policy: Policy, requests: readonly string[] = ['list']): Scenario {
  return {
    name,
    services: [],
    dependencies: [],
    load: {
      model: 'closed',
      service: 'api',
      connections: 1,
      timeoutSeconds: 10,
      login: null,
      requests: requests.map(
        (each): RequestTemplate => ({
          ...{ name: each, method: 'GET', path: '/', headers: {}, body: null, bodyFile: null },
          ...{ expect: [], save: {}, weight: 1, writes: false },
        }),
      ),
      maxWrites: 1,
      seed: 1,
      directory: '/',
    },
    rounds: {
      count: 1,
      instances: 1,
      durationSeconds: 1,
      warmUp: { kind: 'fixed', seconds: 0 },
      budgetSeconds: 1,
      together: {
        ...{ instances: 1, screen: 1, confirm: 1, atMost: 2, durationSeconds: 1 },
        ...{ budgetSeconds: 1, probe: null },
      },
    },
    policy,
    baseline: { kind: 'file', path: '/baseline.json', maxAgeSeconds: 1, history: 0 },
  };
}

const config = (...scenarios: readonly Scenario[]): Config => ({ file: null, scenarios });

test('a base without a configuration changes nothing', () => {
  const head = config(scenario('reads', LAX));
  expect(stricterConfig(null, head)).toEqual({ config: head, loosened: [], isComplete: true });
});

test('scenarios are judged by the limits of base of the same name', () => {
  const base = config(scenario('reads', STANDARD), scenario('writes', LAX));
  const head = config(scenario('writes', LAX), scenario('reads', LAX));
  const { config: merged, loosened } = stricterConfig(base, head);
  expect(merged.scenarios.map(({ policy }) => policy.base)).toEqual([LAX, STANDARD]);
  expect(loosened.map((each) => [each.scenario, each.what])).toEqual([['reads', 'limits.p50.fail']]);
});

test('the only scenario is the same one under another name', () => {
  const { loosened } = stricterConfig(config(scenario('default', STANDARD)), config(scenario('api', LAX)));
  expect(loosened.map((each) => [each.scenario, each.cause])).toEqual([['api', 'limit-changed']]);
});

test('by what services are split is decided by base, so that no change chooses its own rows', () => {
  const splitOf = (base: Partial<Scenario>, head: Partial<Scenario>) => {
    const given = scenario('reads', STANDARD);
    const merged = stricterConfig(config({ ...given, ...base }), config({ ...given, ...head }));
    return merged.config.scenarios[0]?.splitBy;
  };
  expect(splitOf({}, { splitBy: ['cloud.region'] })).toBeUndefined();
  expect(splitOf({ splitBy: ['cloud.region'] }, {})).toEqual(['cloud.region']);
  expect(splitOf({ splitBy: ['cloud.region'] }, { splitBy: ['host.name'] })).toEqual(['cloud.region']);
});

test('a scenario and a request that are gone are a loosening', () => {
  const base = config(scenario('reads', STANDARD, ['list', 'get']), scenario('writes', STANDARD));
  const head = config(scenario('reads', STANDARD, ['list']), scenario('searches', STANDARD));
  expect(
    stricterConfig(base, head).loosened.map((each) => [each.scenario, each.cause, each.from, each.to]),
  ).toEqual([
    ['writes', 'scenario-removed', 'writes', null],
    ['reads', 'request-removed', 'get', null],
  ]);
});

test('a level of coverage that head lowers is a loosening, and that of base holds', () => {
  const base = { ...scenario('reads', STANDARD), coverage: { missing: 'fail', collapsed: 'off' } as const };
  const silent = scenario('reads', STANDARD);
  const lowered = {
    ...silent,
    coverage: { missing: 'fail', collapsed: 'fail', 'under-sampled': 'off' } as const,
  };
  const told = (before: Scenario, after: Scenario) => {
    const { loosened, config: merged } = stricterConfig(config(before), config(after));
    return {
      loosened: loosened.map(({ cause, what, from, to }) => [cause, what, from, to]),
      coverage: merged.scenarios[0]?.coverage,
    };
  };
  // A deleted section is lowered like any other: what it does not say is `warn`.
  expect(told(base, silent)).toEqual({
    loosened: [['limit-changed', 'coverage.missing', 'fail', 'warn']],
    coverage: { missing: 'fail' },
  });
  expect(told(base, lowered)).toEqual({
    loosened: [['limit-changed', 'coverage.under-sampled', 'warn', 'off']],
    coverage: { missing: 'fail', collapsed: 'fail', 'under-sampled': 'warn' },
  });
  expect(told(silent, base)).toEqual({
    loosened: [['limit-changed', 'coverage.collapsed', 'warn', 'off']],
    coverage: { missing: 'fail', collapsed: 'warn' },
  });
});

test("waivers are head's alone, and those that base does not have are marked as new", () => {
  const waiver = (span: string, expires = '2026-12-31'): Waiver => ({
    ...{ operation: null, span, service: null, quantity: 'p50', reason: 'known', expires },
    source: { kind: 'config', line: 3 },
  });
  const commit: Waiver = { ...waiver('c'), source: { kind: 'commit', sha: 'abc' } };
  const base = config(
    scenario('reads', { ...STANDARD, waivers: [waiver('gone'), waiver('a'), waiver('b')] }),
  );
  const again = { ...waiver('a'), reason: 'in other words' };
  const waivers = [again, waiver('b', '2027-12-31'), commit];
  const head = config(scenario('reads', { ...STANDARD, waivers }));
  const isNew = { source: { kind: 'config', line: 3, isNew: true } };
  const marked = (before: Config | null) => stricterConfig(before, head).config.scenarios[0]?.policy.waivers;
  expect(marked(base)).toEqual([again, { ...waivers[1], ...isNew }, commit]);
  expect(marked(null)).toEqual([{ ...again, ...isNew }, { ...waivers[1], ...isNew }, commit]);
});

test('to measure less is a loosening, and to measure more is none', () => {
  const measured = (
    changes: Partial<Scenario['rounds']['together']>,
    weights: readonly number[] = [1, 1],
  ) => {
    const reads = scenario('reads', STANDARD, ['list', 'get']);
    const requests = reads.load.requests.map((request, index) => ({
      ...request,
      weight: weights[index] ?? 1,
    }));
    const together = { ...reads.rounds.together, ...changes };
    return config({
      ...reads,
      load: { ...reads.load, requests },
      rounds: { ...reads.rounds, together },
    });
  };
  const found = (base: Config, head: Config) =>
    stricterConfig(base, head).loosened.map(({ cause, what, from, to }) => [cause, what, from, to]);
  const usual = measured({ durationSeconds: 24, probe: { connections: 8, slotSeconds: 1 } });
  const hasty = measured({ durationSeconds: 1, probe: { connections: 8, slotSeconds: 0.1 } }, [1, 9]);
  expect(found(usual, hasty)).toEqual([
    ['measured-less', 'rounds.together.duration', 24, 1],
    ['measured-less', 'rounds.together.probe.slot', 1, 0.1],
    ['measured-less', 'load.requests.list.weight', 0.5, 0.1],
  ]);
  // A share of nine tenths that becomes a half is more than half of it.
  expect(found(hasty, usual)).toEqual([]);
  expect(found(measured({ instances: 4 }), measured({ instances: 'auto' }))).toEqual([]);
});

test('a concurrency probe that is turned off is a loosening', () => {
  const probed = (probe: Scenario['rounds']['together']['probe']) => {
    const reads = scenario('reads', STANDARD);
    return config({
      ...reads,
      rounds: { ...reads.rounds, together: { ...reads.rounds.together, probe } },
    });
  };
  const causes = (base: Config, head: Config) =>
    stricterConfig(base, head).loosened.map(({ cause }) => cause);
  const on = { connections: 8, slotSeconds: 1 };
  expect(causes(probed(on), probed(null))).toEqual(['probe-removed']);
  expect(causes(probed(null), probed(on))).toEqual([]);
});

test('logs that are not read any more are a loosening where base judged them', () => {
  const reading = (policy: Policy, isRead: boolean) =>
    config({ ...scenario('reads', policy), ...(isRead && { logs: { keep: 2, redact: [] } }) });
  const off = withLimits(STANDARD, { 'error-logs': { level: 'off' }, 'warn-logs': { level: 'off' } });
  const causes = (base: Config, head: Config) =>
    stricterConfig(base, head).loosened.map(({ cause }) => cause);
  expect(causes(reading(STANDARD, true), reading(STANDARD, false))).toEqual(['logs-removed']);
  expect(causes(reading(STANDARD, false), reading(STANDARD, true))).toEqual([]);
  expect(causes(reading(off, true), reading(off, false))).toEqual([]);
});
