/** Results of two builds measured together that every format is shown in `golden/`. */
import type { GateResult } from '../../src/compare/comparison.ts';
import type { Waiver } from '../../src/config.ts';
import { comparison, result, side } from './comparison-fixture.ts';
import { explained } from './explained-fixture.ts';
import { operations, together } from './together-fixture.ts';

const SLOWER = operations({ summarize: 1.11 });

function accepted(parts: Partial<Waiver>): Waiver {
  return {
    operation: 'GET /orders/:id',
    span: 'summarize',
    service: null,
    quantity: 'p50',
    reason: 'totals are exact now',
    expires: '2026-06-30',
    source: { kind: 'commit', sha: '3f2a91c4d07be8a1' },
    ...parts,
  };
}

/** All that the slower function makes slower. */
const WAIVERS: readonly Waiver[] = [
  accepted({}),
  accepted({ quantity: 'p90' }),
  accepted({ quantity: 'p95' }),
  accepted({ span: null, source: { kind: 'config', line: 31, isNew: true } }),
  accepted({ span: 'GET /orders/:id', source: { kind: 'config', line: 36 } }),
  accepted({ span: 'render', operation: 'GET /orders', source: { kind: 'config', line: 41 } }),
  accepted({ span: 'pg.query SELECT *', operation: null, source: { kind: 'config', line: 46 } }),
  accepted({ expires: '2026-01-31', source: { kind: 'config', line: 51 } }),
];

const LOOSENED = [
  {
    cause: 'limit-changed',
    what: 'limits.p50.fail',
    ...{ from: 0.05, to: 0.2, rows: null, line: 14, baseLine: 14 },
  },
  {
    cause: 'rule-added',
    what: 'limits.rules[0].p90.level',
    ...{ from: 'fail', to: 'off', rows: { span: 'pg.*', service: 'orders-api' }, line: 18, baseLine: null },
  },
  {
    cause: 'rule-deleted',
    what: 'limits.rules[1].p99.at-least',
    ...{ from: 0.0002, to: 0.001, rows: { operation: 'GET /orders*' }, line: null, baseLine: 22 },
  },
  {
    cause: 'request-removed',
    what: 'load.requests',
    ...{ from: 'POST /orders', to: null, rows: null, line: null, baseLine: null },
  },
] as const;

const POOL_BASE = { 'GET /orders': { requests: 3000, latency: 0.011 } };
const POOL_HEAD = { 'GET /orders': { requests: 700, latency: 0.046 } };

export const TOGETHER_CASES: Readonly<Record<string, GateResult>> = {
  'together-pass': result(together({})),

  'together-red': result(together({ head: operations({ lines: 11, summarize: 1.11 }), confirm: 2 })),

  'together-explained': result(explained()),

  'together-fail': result(together({ head: SLOWER, confirm: 2 })),

  'together-screened': result(together({ head: SLOWER })),

  'together-accepted': result(together({ head: SLOWER, confirm: 2, waivers: WAIVERS })),

  'together-accepted-in-part': result(
    together({ head: SLOWER, confirm: 2, waivers: WAIVERS.slice(0, 1), loosened: LOOSENED }),
  ),

  'together-loosened': result(together({ loosened: LOOSENED })),

  'together-concurrency': result(together({ confirm: 2, probe: { base: POOL_BASE, head: POOL_HEAD } })),

  'together-everything-moved': result(together({ head: operations({ all: 1.12 }), confirm: 4 })),

  'together-noisy': result(
    together({
      screen: 5,
      spread: 0.08,
      exchangeable: 'arms',
      warnings: [
        {
          code: 'dependency-per-arm',
          message:
            'The dependency db is one server for each build, so that only whole builds can trade places.',
        },
      ],
    }),
  ),

  'together-ab': result(together({ head: SLOWER, confirm: 2, names: { baseline: 'A', candidate: 'B' } })),

  'together-same-content': result(
    comparison({
      verdict: 'pass',
      mode: 'together',
      baseline: side({
        rounds: 0,
        instances: 0,
        commit: { sha: 'a81be02f4410cc93', branch: 'origin/main', dirty: false },
      }),
      candidate: side({ rounds: 0, instances: 0 }),
      names: { baseline: 'base', candidate: 'head' },
      warnings: [
        {
          code: 'same-content',
          message: 'Nothing was measured: base and head have the same files, but for 2 that no service runs.',
        },
      ],
    }),
  ),
};
