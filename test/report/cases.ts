/** The results that every format is shown in `golden/`. */
import type { CoverageRow, GateResult } from '../../src/compare/comparison.ts';
import { comparison, quietRows, result, row, rowId, side, span, withRows } from './comparison-fixture.ts';
import { TOGETHER_CASES } from './together-cases.ts';

const GET = 'GET /orders/:id';
const LIST = 'GET /orders';
const LINES = span('pg.query SELECT order_lines', 'client');
const SUMMARIZE = span('summarize');
const LOOP = rowId(GET, LINES, 'calls');

const slower = { verdict: 'regression', reason: 'slower', outcome: 'fail', p: 0.0004 } as const;

const UNDER_SAMPLED: CoverageRow = {
  id: 'coverage | inventory | under-sampled',
  state: 'under-sampled',
  level: 'warn',
  operation: null,
  service: 'inventory',
  message:
    'Of the calls to "inventory", its own spans came of 25 %, and of 100 % in the baseline: does it sample, or lose spans? Its calls and errors are counted too low.',
};

const LOST_TRACE_IDS: CoverageRow = {
  id: 'coverage | - | log-without-trace',
  state: 'log-without-trace',
  level: 'warn',
  operation: null,
  service: null,
  message:
    '320 WARN or ERROR log records name no trace, and 0 in the baseline, so they count for no request. Does the logger still write trace_id and span_id?',
};

const LOOP_ROWS = [
  row({
    operation: GET,
    span: LINES,
    quantity: 'calls',
    baseline: 1,
    candidate: 11,
    verdict: 'regression',
    reason: 'calls-constant-changed',
    outcome: 'fail',
  }),
  row({
    operation: GET,
    span: SUMMARIZE,
    quantity: 'p50',
    baseline: 0.00102,
    candidate: 0.00164,
    interval: { lower: 1.55, upper: 1.66, level: 0.95 },
    ...slower,
  }),
  row({
    operation: GET,
    span: SUMMARIZE,
    quantity: 'p90',
    baseline: 0.00131,
    candidate: 0.00211,
    interval: { lower: 1.51, upper: 1.72, level: 0.95 },
    ...slower,
  }),
  row({
    operation: GET,
    quantity: 'p50',
    baseline: 0.00321,
    candidate: 0.00905,
    ...slower,
    explainedBy: LOOP,
  }),
  row({
    operation: GET,
    quantity: 'p90',
    baseline: 0.00502,
    candidate: 0.0131,
    ...slower,
    explainedBy: LOOP,
  }),
  row({
    operation: GET,
    span: span(GET, 'server'),
    quantity: 'p50',
    baseline: 0.0027,
    candidate: 0.00851,
    ...slower,
    explainedBy: LOOP,
  }),
  row({
    operation: GET,
    span: span(GET, 'server'),
    quantity: 'p90',
    baseline: 0.0041,
    candidate: 0.0122,
    ...slower,
    explainedBy: LOOP,
  }),
];

const quietGet = quietRows(GET);
const quietList = quietRows(LIST);

const INCREASED_ERRORS = {
  quantity: 'error-rate',
  verdict: 'regression',
  reason: 'errors-increased',
  outcome: 'fail',
  p: 0.00002,
} as const;

/** What an attacker can choose: names of spans, of requests, of branches. */
const HOSTILE_NAMES = [
  'a|b `code` ``more``',
  '@everyone <img src=x onerror=alert(1)> <!-- spangate:key -->',
  '::error file=x::owned',
  'x ##[error]owned',
  'line\nfeed\r\n## heading',
  '\u202Eevil\u202C \u001b[31mred\u001b[0m',
  '[click](https://evil.example) #1',
  '   ',
  `${'very-long-'.repeat(30)}name`,
  '注文の一覧を取得する処理（非常に長い名前）注文の一覧を取得する処理',
];

export const CASES: Readonly<Record<string, GateResult>> = {
  ...TOGETHER_CASES,

  pass: result(comparison({ verdict: 'pass', rows: [...quietGet, ...quietList] })),

  'fail-loop-and-slow-span': result(
    comparison({
      verdict: 'fail',
      confirmation: side({ rounds: 2, instances: 4 }),
      rows: withRows([...quietGet, ...quietList], LOOP_ROWS),
      warnings: [
        {
          code: 'old-baseline',
          message:
            'The baseline is 3 days old. Record a new one on main so that it stays close to what is compared.',
        },
      ],
    }),
  ),

  'fail-errors': result(
    comparison({
      verdict: 'fail',
      rows: withRows(quietGet, [
        row({
          ...INCREASED_ERRORS,
          span: span('pg.query SELECT orders', 'client'),
          baseline: 0,
          candidate: 0.047,
        }),
        row({ ...INCREASED_ERRORS, baseline: 0.0004, candidate: 0.046, p: 0.0013 }),
        row({
          quantity: 'throughput',
          baseline: 412,
          candidate: 290,
          verdict: 'regression',
          reason: 'slower',
          outcome: 'warn',
          level: 'warn',
          interval: { lower: 0.64, upper: 0.76, level: 0.9 },
        }),
      ]),
    }),
  ),

  'fail-logs-and-metrics': result(
    comparison({
      verdict: 'fail',
      rows: withRows(quietGet, [
        row({
          ...{ quantity: 'error-logs', service: 'orders-api', baseline: 0, candidate: 0.31, p: 0.00001 },
          ...{ verdict: 'regression', reason: 'errors-increased', outcome: 'fail' },
          id: `${GET} | logs:orders-api | error-logs`,
          limit: { level: 'fail', warn: 0, fail: 0, atLeast: 0.001 },
        }),
        row({
          ...{
            quantity: 'warn-logs',
            service: 'stock',
            baseline: 0.5,
            candidate: 1.5,
            p: 0.002,
            level: 'warn',
          },
          ...{ verdict: 'regression', reason: 'errors-increased', outcome: 'warn' },
          id: `${GET} | logs:stock | warn-logs`,
          limit: { level: 'warn', warn: 0, fail: 0, atLeast: 0.001 },
        }),
        row({
          ...{ quantity: 'metric', operation: null, baseline: 61_000_000, candidate: 122_000_000, ...slower },
          ...{ id: '- | metric:heap | metric', metric: { name: 'heap', unit: 'By' } },
          interval: { lower: 1.9, upper: 2.1, level: 0.9 },
        }),
        row({
          ...{
            quantity: 'metric',
            operation: null,
            baseline: 0.12,
            candidate: null,
            shift: null,
            effect: null,
          },
          ...{ id: '- | metric:cache misses | metric', metric: { name: 'cache misses', unit: '{miss}' } },
          ...{ verdict: 'inconclusive', reason: 'metric-missing' },
        }),
      ]),
    }),
  ),

  'fail-metric-with-traces': result(
    comparison({
      verdict: 'fail',
      rows: withRows(quietGet, [
        row({
          ...{ quantity: 'metric', operation: null, baseline: 0.061, candidate: 0.122, ...slower },
          ...{ id: '- | metric:price time | metric', metric: { name: 'price time', unit: 's' } },
          interval: { lower: 1.9, upper: 2.1, level: 0.9 },
        }),
      ]),
      metricTraces: [
        {
          metric: 'price time',
          traces: [
            { value: 1.25, traceId: '0af7651916cd43dd8448eb211c80319c' },
            { value: 0.31, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' },
          ],
        },
      ],
    }),
  ),

  'fail-structure': result(
    comparison({
      verdict: 'fail',
      rows: withRows(quietGet, [
        row({
          span: span('GET /users/:id', 'client'),
          quantity: 'calls',
          baseline: null,
          candidate: 3,
          verdict: 'added',
          reason: 'new-span',
          outcome: 'fail',
        }),
        row({
          span: span('redis GET', 'client'),
          quantity: 'calls',
          baseline: 1,
          candidate: null,
          verdict: 'removed',
          reason: 'missing-span',
          outcome: 'warn',
        }),
        row({
          span: span('cache.lookup'),
          quantity: 'calls',
          baseline: 12,
          candidate: 0.4,
          verdict: 'removed',
          reason: 'collapsed',
          outcome: 'warn',
        }),
        row({
          span: span('pg-pool.connect', 'client'),
          quantity: 'calls',
          baseline: 1.2,
          candidate: 1.9,
          verdict: 'regression',
          reason: 'calls-varied-changed',
          outcome: 'fail',
          p: 0.014,
        }),
      ]),
    }),
  ),

  improvements: result(
    comparison({
      verdict: 'pass',
      rows: withRows(quietGet, [
        row({
          span: LINES,
          quantity: 'calls',
          baseline: 11,
          candidate: 1,
          verdict: 'improvement',
          reason: 'calls-constant-changed',
        }),
        row({
          quantity: 'p50',
          baseline: 0.00905,
          candidate: 0.00321,
          verdict: 'improvement',
          reason: 'faster',
          interval: { lower: 0.31, upper: 0.4, level: 0.9 },
          explainedBy: LOOP,
        }),
      ]),
    }),
  ),

  warned: result(
    comparison({
      verdict: 'pass',
      rows: withRows(quietGet, [
        row({
          span: SUMMARIZE,
          quantity: 'p50',
          candidate: 0.00135,
          ...slower,
          outcome: 'warn',
          level: 'warn',
        }),
      ]),
    }),
  ),

  'coverage-warned': result(
    comparison({
      verdict: 'pass',
      rows: quietGet,
      coverage: [UNDER_SAMPLED, LOST_TRACE_IDS],
    }),
  ),

  'coverage-failed': result(
    comparison({
      verdict: 'fail',
      failedBy: ['coverage-under-sampled'],
      warnings: [{ code: 'coverage-under-sampled', message: UNDER_SAMPLED.message }],
      rows: quietGet,
      coverage: [{ ...UNDER_SAMPLED, level: 'fail' }, LOST_TRACE_IDS],
    }),
  ),

  inconclusive: result(
    comparison({
      verdict: 'inconclusive',
      rows: withRows(quietGet, [
        row({
          span: SUMMARIZE,
          quantity: 'p50',
          candidate: 0.00151,
          verdict: 'inconclusive',
          reason: 'screened',
          interval: { lower: 1.19, upper: 1.85, level: 0.9 },
          minimumDetectable: 0.52,
          p: 0.003,
        }),
        ...['p90', 'p95', 'p99'].flatMap((quantity, index) =>
          [null, SUMMARIZE, span(GET, 'server')].map((key) =>
            row({
              span: key,
              quantity: quantity as 'p90',
              baseline: 0.004 * (index + 1),
              candidate: 0.0042 * (index + 1),
              verdict: 'inconclusive',
              reason: 'noisy',
              interval: { lower: 0.71, upper: 1.55, level: 0.9 },
              minimumDetectable: 0.61,
            }),
          ),
        ),
      ]),
    }),
  ),

  'inconclusive-spans-missing': result(
    comparison({
      verdict: 'inconclusive',
      rows: quietList,
      warnings: [
        {
          code: 'operation-missing',
          message: `No request of "${GET}" was completed, which the baseline has; it was not compared.`,
        },
      ],
    }),
  ),

  'unlike-machine': result(
    comparison({
      verdict: 'pass',
      baseline: side({ environment: 'Intel(R) Xeon(R) Platinum 8370C, 4 cores, linux x64, v20.20.2' }),
      rows: quietGet.map((each) =>
        each.unit === 'seconds' || each.unit === 'requests-per-second'
          ? {
              ...each,
              verdict: 'inconclusive',
              reason: 'unlike-machine',
              candidate: (each.baseline ?? 0) * 1.31,
              effect: null,
              shift: null,
              interval: null,
              minimumDetectable: null,
            }
          : each,
      ),
      warnings: [
        {
          code: 'unlike-machine',
          message:
            'The baseline is from another machine (CPU Intel(R) Xeon(R) Platinum 8370C and AMD EPYC 7763, cores 4 and 2), so times are advisory. Counts and errors decide.',
        },
      ],
    }),
  ),

  'nothing-compared': result(
    comparison({
      verdict: 'nothing-compared',
      mode: 'none',
      baseline: null,
      rows: [...quietGet, ...quietList].map((each, index) => ({
        ...each,
        baseline: null,
        effect: null,
        shift: null,
        interval: null,
        verdict: 'added',
        reason: 'no-baseline',
        minimumDetectable: each.unit === 'seconds' ? 0.05 + index / 500 : null,
        samples: { ...each.samples, baseline: { instances: 0, observations: 0 } },
        values: { ...each.values, baseline: [] },
      })),
    }),
  ),

  'other-workload': result(
    comparison({
      verdict: 'nothing-compared',
      mode: 'none',
      baseline: null,
      warnings: [
        {
          code: 'other-workload',
          message:
            'Nothing was compared: the baseline was measured with another workload (duration: 8 s and 4 s). Record it anew with this one: spangate baseline record',
        },
      ],
    }),
  ),

  error: result(
    comparison({
      verdict: 'error',
      mode: 'none',
      baseline: null,
      candidate: side({ rounds: 0, instances: 0, commit: null }),
      warnings: [
        { code: 'no-spans', message: 'The service answered 5,310 requests and recorded no span at all.' },
      ],
    }),
  ),

  scenarios: result(
    comparison({ scenario: 'catalogue', verdict: 'pass', rows: quietList }),
    comparison({ scenario: 'orders', verdict: 'fail', rows: withRows(quietGet, LOOP_ROWS) }),
    comparison({ scenario: 'checkout', verdict: 'nothing-compared', mode: 'none', baseline: null }),
  ),

  'many-rows': result(
    comparison({
      verdict: 'fail',
      mode: 'together',
      rows: Array.from({ length: 200 }, (_, index) =>
        row({
          operation: `GET /reports/${index % 20}`,
          span: span(`step ${index}`),
          quantity: 'p50',
          ...(index < 12
            ? { ...slower, candidate: 0.0014 }
            : index < 60
              ? { verdict: 'inconclusive' as const, reason: 'noisy' as const }
              : {}),
        }),
      ),
    }),
  ),

  hostile: result(
    comparison({
      scenario: '::stop-commands::x | `y` @team',
      verdict: 'fail',
      candidate: side({ commit: { sha: '<script>', branch: 'a`b|c @owner\n::error::x', dirty: true } }),
      rows: HOSTILE_NAMES.flatMap((name, index) => [
        row({
          operation: index % 2 === 0 ? name : GET,
          span: span(name, 'client', `svc ${name}`),
          quantity: 'p50',
          candidate: 0.00164,
          ...slower,
        }),
        row({ operation: name, quantity: 'p50' }),
      ]),
      warnings: [
        {
          code: 'spans-without-route',
          message: 'Root spans are named plain GET: @team, see #12 | <b>http://x.example</b> `rm`',
        },
        { code: 'log', message: '::error::from a log line\n##[error]and another' },
      ],
    }),
  ),
};
