/** Policies for tests. */
import type { Limit, Policy, Quantity } from '../../src/config.ts';

const time = (warn: number, fail: number, level: Limit['level'] = 'fail'): Limit => ({
  level,
  warn,
  fail,
  atLeast: 0.00005,
});

/** As the profile `standard`: floors 3 / 6 / 15 %, tolerances 5 / 10 / 25 %. */
export const STANDARD: Policy = {
  profile: 'standard',
  limits: {
    p50: time(0.03, 0.05),
    p90: time(0.06, 0.1),
    p95: time(0.06, 0.1),
    p99: time(0.15, 0.25, 'off'),
    self: time(0.03, 0.05, 'off'),
    throughput: { level: 'warn', warn: 0.05, fail: 0.1, atLeast: 0 },
    calls: { level: 'fail', warn: 0, fail: 0, atLeast: 0.05 },
    'error-rate': { level: 'fail', warn: 0, fail: 0, atLeast: 0.001 },
    'error-logs': { level: 'fail', warn: 0, fail: 0, atLeast: 0.001 },
    'warn-logs': { level: 'warn', warn: 0, fail: 0, atLeast: 0.001 },
    metric: { level: 'fail', warn: 0.05, fail: 0.1, atLeast: 0 },
  },
  rules: [],
  alpha: { screen: 0.3, confirm: 0.01 },
  added: 'warn',
  removed: 'warn',
  collapsed: 'warn',
  strict: false,
  requireBaseline: false,
};

/** `policy` with other parts of some limits. */
export function withLimits(policy: Policy, limits: Partial<Record<Quantity, Partial<Limit>>>): Policy {
  const changed = { ...policy.limits };
  for (const [quantity, parts] of Object.entries(limits) as [Quantity, Partial<Limit>][]) {
    changed[quantity] = { ...changed[quantity], ...parts };
  }
  return { ...policy, limits: changed };
}
