/** What holds where the file says nothing. The schema repeats these in its `default`s; a test compares them. */
import type { Level, Limit, Limits, Policy, Quantity } from '../config.ts';

/** In the order of reports. */
export const QUANTITIES: readonly Quantity[] = [
  'p50',
  'p90',
  'p95',
  'p99',
  'self',
  'error-rate',
  'calls',
  'throughput',
  'error-logs',
  'warn-logs',
  'metric',
];

export const DEFAULT_START_TIMEOUT = '60s';
export const DEFAULT_STOP_TIMEOUT = '10s';

/** Enough for a service to overlap two requests, few enough that queueing does not drown a change. */
export const DEFAULT_CONNECTIONS = 2;
export const DEFAULT_REQUEST_TIMEOUT = '10s';
/** Few enough that a table grows little in a round, many enough for a median. */
export const DEFAULT_MAX_WRITES = 200;
export const DEFAULT_SEED = 1;
/** What many independent clients do; starts at equal distances may keep step with a timer of the service. */
export const DEFAULT_ARRIVALS = 'poisson';

export const DEFAULT_ROUNDS = 4;
/** The fewest that show how much one start differs from the next. */
export const DEFAULT_INSTANCES = 2;
export const DEFAULT_DURATION = '8s';
export const DEFAULT_MAX_WARM_UP = '20s';
/** For a round's start, stop and reset, in the default of the budget. */
export const ROUND_OVERHEAD_SECONDS = 10;
export const LEAST_BUDGET_SECONDS = 120;

/** Where two builds are measured together; bench/judge says what they buy (docs/statistics.md). */
export const DEFAULT_TOGETHER = {
  instances: 4,
  // Starts and warm-up cost 12 to 27 s a round whatever is measured in it, and hardly a row varies more between
  // processes than its samples do: one long round says more in a minute than two short ones.
  screen: 1,
  confirm: 2,
  atMost: 5,
  duration: '24s',
  budget: '4m',
  // What has not settled by then is alike in all instances of both builds: 12 s of warm-up made no row less noisy.
  maxWarmUp: '5s',
  probe: { connections: 8, slot: '1s' },
} as const;

/** Failed traces and slowest ones, of an operation and instance: as many as a person reads. */
export const DEFAULT_KEPT_TRACES = 2;

/** No branch and no tag: rules for those, and workflows that wait for pushes, are not concerned. */
export const DEFAULT_BASELINE_REF = 'refs/spangate/baselines';

export const DEFAULT_REMOTE = 'origin';

export const DEFAULT_BASELINE_PATH = '.spangate/baseline.json';
/** Where several scenarios would write the same file. */
export const DEFAULT_SCENARIO_BASELINE_PATH = `.spangate/\${scenario}.baseline.json`;
export const DEFAULT_MAX_AGE = '30d';
/** Half a megabyte of ten-kilobyte runs; older code says less and less about the present. */
export const DEFAULT_HISTORY = 50;

export type ProfileName = Policy['profile'];

export interface Profile {
  readonly limits: Limits;
  readonly added: Level;
  readonly removed: Level;
  readonly collapsed: Level;
}

/**
 * Smallest shifts that are flagged: 5 % and 2 % of a span of 0.2 ms. Medians of some hundred spans repeat to a
 * microsecond side by side, and what is shorter matters only where it is called often, which shows in its callers.
 */
const LEAST_SECONDS = { standard: 0.000_01, strict: 0.000_004, relaxed: 0.000_05 } as const;

/**
 * Chances of a false alarm among time rows in the screening and the confirming stage, for a whole comparison: at most
 * 0.12 % together, with what the last look at screening rounds adds (docs/statistics.md).
 */
export const ALPHA: Policy['alpha'] = { screen: 0.3, confirm: 0.003 };

/**
 * `warn` is the smallest effect that is worth a word, `fail` the smallest that must not get in. p95 follows p90,
 * which decides about the same tail with less noise; p99 varies by 14 to 19 % between instances of identical code.
 * `strict` is there to find +3 % of a median: a limit of 3 % would find it every other time, since an estimate lies as
 * often below the truth as above it, so its limits are lower than the changes it is there for (docs/statistics.md).
 * Calls need no share: where they are constant, one more is no noise; where they vary, the comparison has a floor.
 */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  standard: {
    limits: {
      p50: time('fail', 0.025, 0.04, LEAST_SECONDS.standard),
      p90: time('fail', 0.05, 0.08, LEAST_SECONDS.standard),
      p95: time('warn', 0.05, 0.08, LEAST_SECONDS.standard),
      p99: time('off', 0.15, 0.2, LEAST_SECONDS.standard),
      self: time('off', 0.03, 0.05, LEAST_SECONDS.standard),
      'error-rate': points('fail', 0.001),
      calls: { level: 'fail', warn: 0, fail: 0, atLeast: 0.1 },
      throughput: { level: 'warn', warn: 0.05, fail: 0.1, atLeast: 0 },
      'error-logs': points('fail', 0.001),
      'warn-logs': points('warn', 0.001),
      metric: { level: 'fail', warn: 0.05, fail: 0.1, atLeast: 0 },
    },
    added: 'off',
    removed: 'warn',
    collapsed: 'fail',
  },
  strict: {
    limits: {
      p50: time('fail', 0.015, 0.02, LEAST_SECONDS.strict),
      p90: time('fail', 0.03, 0.04, LEAST_SECONDS.strict),
      p95: time('fail', 0.03, 0.06, LEAST_SECONDS.strict),
      p99: time('fail', 0.07, 0.1, LEAST_SECONDS.strict),
      self: time('off', 0.015, 0.02, LEAST_SECONDS.strict),
      'error-rate': points('fail', 0.001),
      calls: { level: 'fail', warn: 0, fail: 0, atLeast: 0.05 },
      throughput: { level: 'warn', warn: 0.03, fail: 0.06, atLeast: 0 },
      'error-logs': points('fail', 0.001),
      'warn-logs': points('warn', 0.001),
      metric: { level: 'fail', warn: 0.03, fail: 0.06, atLeast: 0 },
    },
    added: 'warn',
    removed: 'fail',
    collapsed: 'fail',
  },
  relaxed: {
    limits: {
      p50: time('fail', 0.06, 0.1, LEAST_SECONDS.relaxed),
      p90: time('fail', 0.12, 0.2, LEAST_SECONDS.relaxed),
      p95: time('off', 0.12, 0.2, LEAST_SECONDS.relaxed),
      p99: time('off', 0.3, 0.5, LEAST_SECONDS.relaxed),
      self: time('off', 0.06, 0.1, LEAST_SECONDS.relaxed),
      'error-rate': points('fail', 0.005),
      calls: { level: 'fail', warn: 0.1, fail: 0.1, atLeast: 0.2 },
      throughput: { level: 'off', warn: 0.1, fail: 0.2, atLeast: 0 },
      'error-logs': points('fail', 0.005),
      'warn-logs': points('off', 0.005),
      metric: { level: 'fail', warn: 0.1, fail: 0.2, atLeast: 0 },
    },
    added: 'off',
    removed: 'warn',
    collapsed: 'warn',
  },
};

/** The policy of a configuration that says nothing about limits. */
export function defaultPolicy(profile: ProfileName): Policy {
  return { profile, ...PROFILES[profile], rules: [], alpha: ALPHA, strict: false, requireBaseline: false };
}

function time(level: Level, warn: number, fail: number, atLeast: number): Limit {
  return { level, warn, fail, atLeast };
}

/** Errors and log records are compared by their difference: a share of a rate of zero says nothing. */
function points(level: Level, atLeast: number): Limit {
  return { level, warn: 0, fail: 0, atLeast };
}
