/** Builds comparisons for the report tests: only what a case is about is said, the rest is as in an ordinary run. */
import type { Comparison, GateResult, GateVerdict, Row, Side } from '../../src/compare/comparison.ts';
import type { Quantity } from '../../src/config.ts';
import { type SpanKey, spanKeyId } from '../../src/measurement.ts';

const UNITS: Readonly<Record<Quantity, Row['unit']>> = {
  p50: 'seconds',
  p90: 'seconds',
  p95: 'seconds',
  p99: 'seconds',
  self: 'seconds',
  'error-rate': 'share',
  calls: 'calls-per-request',
  throughput: 'requests-per-second',
  'error-logs': 'records-per-request',
  'warn-logs': 'records-per-request',
  metric: 'metric',
};

export function span(name: string, kind: SpanKey['kind'] = 'internal', service = 'orders-api'): SpanKey {
  return { service, kind, name };
}

export function rowId(operation: string | null, key: SpanKey | null, quantity: Quantity): string {
  return `${operation ?? '-'} | ${key ? spanKeyId(key) : '-'} | ${quantity}`;
}

type RowParts = Partial<Row> & Pick<Row, 'quantity'>;

/** An unchanged row, unless told otherwise. */
export function row(parts: RowParts): Row {
  const { quantity, operation = 'GET /orders/:id', span: key = null } = parts;
  const unit = UNITS[quantity];
  const baseline = parts.baseline === undefined ? (unit === 'seconds' ? 0.00102 : 1) : parts.baseline;
  const candidate = parts.candidate === undefined ? baseline : parts.candidate;
  const both = baseline !== null && candidate !== null;
  const effect = both && baseline !== 0 ? candidate / baseline : null;
  const isTime = unit === 'seconds' || unit === 'requests-per-second';
  return {
    id: rowId(operation, key, quantity),
    operation,
    span: key,
    unit,
    verdict: 'unchanged',
    reason: quantity === 'calls' ? 'calls-constant-same' : 'within-limit',
    outcome: 'none',
    level: 'fail',
    baseline,
    candidate,
    effect,
    shift: both ? candidate - baseline : null,
    interval: isTime && effect !== null ? { lower: effect * 0.97, upper: effect * 1.03, level: 0.95 } : null,
    p: null,
    minimumDetectable: isTime ? 0.041 : null,
    limit: { level: 'fail', warn: 0.1, fail: 0.25, atLeast: isTime ? 0.00005 : 0 },
    samples: {
      baseline: { instances: baseline === null ? 0 : 8, observations: baseline === null ? 0 : 5230 },
      candidate: { instances: candidate === null ? 0 : 8, observations: candidate === null ? 0 : 5310 },
    },
    values: { baseline: spread(baseline), candidate: spread(candidate) },
    ...parts,
  };
}

/** Eight instances about a value, 2 % apart. */
function spread(value: number | null): readonly number[] {
  return value === null ? [] : [-3, 3, -2, 2, -1, 1, 0, 0].map((step) => value * (1 + step / 100));
}

export function side(parts: Partial<Side> = {}): Side {
  return {
    id: '0197a3c2',
    createdAt: '2026-03-05T09:30:00.000Z',
    commit: { sha: '3f2a91c4d07be8a1', branch: 'feature/summary', dirty: false },
    rounds: 4,
    instances: 8,
    environment: 'AMD EPYC 7763, 2 cores, x64, Node v20.20.2, OpenTelemetry 2.12.0',
    ...parts,
  };
}

export function comparison(parts: Partial<Comparison> & { readonly verdict: GateVerdict }): Comparison {
  return {
    schemaVersion: 1,
    tool: 'spangate 0.1.0',
    scenario: 'orders',
    createdAt: '2026-03-05T09:31:00.000Z',
    mode: 'stored',
    baseline: side({
      id: '0196b001',
      createdAt: '2026-03-02T08:00:00.000Z',
      commit: { sha: 'a81be02f4410cc93', branch: 'main', dirty: false },
    }),
    candidate: side(),
    confirmation: null,
    rows: [],
    seed: 42,
    warnings: [],
    policy: {
      profile: 'standard',
      alpha: { screen: 0.05, confirm: 0.01 },
      strict: false,
      requireBaseline: false,
    },
    ...parts,
  };
}

const ORDER: readonly GateVerdict[] = [
  'error',
  'fail',
  'inconclusive',
  'nothing-compared',
  'skipped',
  'pass',
];

export function result(...comparisons: readonly Comparison[]): GateResult {
  const verdict = ORDER.find((worst) => comparisons.some((one) => one.verdict === worst)) ?? 'error';
  return { schemaVersion: 1, verdict, comparisons };
}

/** What an ordinary operation with three spans brings when nothing changed. */
export function quietRows(operation = 'GET /orders/:id'): readonly Row[] {
  const spans = [span(operation, 'server'), span('pg.query SELECT orders', 'client'), span('summarize')];
  return [
    row({ operation, quantity: 'p50', baseline: 0.00321 }),
    row({ operation, quantity: 'p90', baseline: 0.00502 }),
    row({ operation, quantity: 'error-rate', baseline: 0 }),
    row({ operation, quantity: 'throughput', baseline: 412 }),
    ...spans.flatMap((key, index) => [
      row({ operation, span: key, quantity: 'p50', baseline: 0.0027 / (index + 1) }),
      row({ operation, span: key, quantity: 'p90', baseline: 0.0041 / (index + 1) }),
      row({ operation, span: key, quantity: 'calls' }),
      row({ operation, span: key, quantity: 'error-rate', baseline: 0 }),
    ]),
  ];
}

/** `rows` with those of `changed` in place of the rows of the same id, and the rest of `changed` in front. */
export function withRows(rows: readonly Row[], changed: readonly Row[]): readonly Row[] {
  const ids = new Set(changed.map(({ id }) => id));
  return [...changed, ...rows.filter(({ id }) => !ids.has(id))];
}
