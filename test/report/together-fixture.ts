/** Comparisons of two builds measured together, as the judge makes them of sketched measurements. */
import { compare } from '../../src/compare/compare.ts';
import type { Comparison, Row } from '../../src/compare/comparison.ts';
import type { Loosening } from '../../src/compare/loosening.ts';
import { ALPHA, PROFILES } from '../../src/config/defaults.ts';
import type { Policy, Waiver } from '../../src/config.ts';
import type { Arm, Measurement, Warning } from '../../src/measurement.ts';
import { measurementOf, type OperationSketch } from '../compare/sketch.ts';
import { comparison, row, side, span } from './comparison-fixture.ts';

export type Operations = Readonly<Record<string, OperationSketch>>;

/** An ordinary service: two routes, queries and a function in each. Factors of durations, and calls of the query of lines. */
export function operations({
  summarize = 1,
  all = 1,
  lines = 1,
}: {
  summarize?: number;
  all?: number;
  lines?: number;
} = {}): Operations {
  const own = 0.00102 * summarize * all + 0.0008 * (lines - 1);
  const query = (duration: number) => ({ duration: duration * all });
  return {
    'GET /orders/:id': {
      latency: 0.0029 * all + own,
      spans: {
        'server:orders-api:GET /orders/:id': { duration: 0.0024 * all + own, self: 0.0006 * all },
        'client:orders-api:pg.query SELECT orders': query(0.0009),
        'client:orders-api:pg.query SELECT order_lines': { ...query(0.0008), calls: lines },
        'internal:orders-api:summarize': { duration: 0.00102 * summarize * all },
      },
    },
    'GET /orders': {
      latency: 0.0031 * all,
      spans: {
        'server:orders-api:GET /orders': { duration: 0.0028 * all, self: 0.0008 * all },
        'client:orders-api:pg.query SELECT orders': query(0.0015),
        'internal:orders-api:render': query(0.0005),
      },
    },
  };
}

export interface TogetherParts {
  readonly base?: Operations;
  readonly head?: Operations;
  /** Screening rounds; one by default. */
  readonly screen?: number;
  /** Confirming rounds; none by default. */
  readonly confirm?: number;
  /** Standard deviation of the log between instances. */
  readonly spread?: number;
  /** Under several requests at a time. */
  readonly probe?: { readonly base: Operations; readonly head: Operations };
  readonly waivers?: readonly Waiver[];
  readonly loosened?: readonly Loosening[];
  readonly warnings?: readonly Warning[];
  readonly exchangeable?: 'instances' | 'arms';
  readonly names?: Comparison['names'];
}

/** What a configuration without a word about limits has. */
const SHIPPED: Policy = {
  ...{ profile: 'standard', ...PROFILES.standard, alpha: ALPHA },
  ...{ rules: [], strict: false, requireBaseline: false },
};

export function together(parts: TogetherParts): Comparison {
  const { base = operations(), head = operations(), screen = 1, confirm = 0, spread = 0.014 } = parts;
  const arm = (side: Arm, stage: string, rounds: number): Measurement =>
    armOf(side, { parts: { base, head, spread, probe: parts.probe }, stage, rounds });
  const comparison = compare({
    baseline: arm('base', 'screen', screen),
    candidate: arm('head', 'screen', screen),
    ...(confirm > 0 && {
      baselineConfirmation: arm('base', 'confirm', confirm),
      confirmation: arm('head', 'confirm', confirm),
    }),
    policy: { ...SHIPPED, ...(parts.waivers && { waivers: parts.waivers }) },
    seed: 42,
    createdAt: '2026-03-05T09:31:00.000Z',
    tool: 'spangate 0.1.0',
    comparability: 'like',
    exchangeable: parts.exchangeable ?? 'instances',
    ...(parts.loosened && { loosened: parts.loosened }),
    warnings: parts.warnings ?? [],
  });
  const { together: facts } = comparison;
  return {
    ...comparison,
    scenario: 'orders',
    ...(facts && { together: { ...facts, seconds: screen > 1 ? 178 : confirm > 0 ? 94 : 46 } }),
    names: parts.names ?? { baseline: 'base', candidate: 'head' },
  };
}

interface ArmParts {
  readonly parts: Required<Pick<TogetherParts, 'base' | 'head' | 'spread'>> & {
    readonly probe: TogetherParts['probe'];
  };
  readonly stage: string;
  readonly rounds: number;
}

function armOf(side: Arm, { parts, stage, rounds }: ArmParts): Measurement {
  const { base, head, spread, probe } = parts;
  const seed = (side === 'base' ? 3 : 11) + (stage === 'screen' ? 0 : 50);
  const common = { id: `${side}-${stage}`, roundPrefix: stage, instances: 4, seed };
  const measured = measurementOf({ ...common, rounds, spread, operations: side === 'base' ? base : head });
  const probed = probe
    ? measurementOf({ ...common, rounds: 1, spread: 0.03, operations: probe[side] }).rounds
    : null;
  const commit =
    side === 'base'
      ? { sha: 'a81be02f4410cc93', branch: 'origin/main', dirty: false }
      : { sha: '3f2a91c4d07be8a1', branch: 'feature/summary', dirty: true };
  const workload = { ...measured.workload, model: 'interleaved' as const };
  return { ...measured, commit, arm: side, workload, ...(probed && { probes: probed }) };
}

/** A comparison of two builds in which every text that comes from outside is `text`. */
export function togetherOf(text: string): Comparison {
  const slow = { verdict: 'regression', reason: 'slower', candidate: 0.002 } as const;
  const waiver: Waiver = {
    operation: text,
    span: text,
    service: text,
    quantity: 'p50',
    reason: text,
    expires: '2026-12-31',
    source: { kind: 'commit', sha: text },
  };
  const rowOf = (parts: Partial<Row>) =>
    row({ operation: text, span: span(text, 'client', text), quantity: 'p50', ...slow, ...parts });
  const sideOf = side({ commit: { sha: text, branch: text, dirty: true } });
  return comparison({
    scenario: text,
    verdict: 'fail',
    mode: 'together',
    baseline: sideOf,
    candidate: sideOf,
    together: { instances: 4, screenRounds: 3, confirmRounds: 3, exchangeable: 'arms', seconds: 90 },
    names: { baseline: text, candidate: text },
    rows: [
      rowOf({ outcome: 'fail', quantity: 'p90', p: 0.001 }),
      rowOf({ outcome: 'none', waivedBy: 0 }),
      rowOf({ outcome: 'fail', under: 'concurrency', quantity: 'throughput' }),
    ],
    waivers: [
      { ...waiver, state: 'applied' },
      { ...waiver, state: 'unmatched', source: { kind: 'config', line: 3 } },
    ],
    loosened: [
      {
        ...{
          cause: 'rule-added',
          what: 'limits.rules[0].p50.fail',
          from: 0.05,
          to: 0.1,
          line: 3,
          baseLine: null,
        },
        rows: { operation: text, span: text, service: text, kind: text },
      },
      {
        ...{ cause: 'scenario-removed', what: `scenarios.${text}`, from: text, to: null, rows: null },
        ...{ line: null, baseLine: null },
      },
    ],
    warnings: [{ code: 'everything-moved', message: `Something about "${text}".` }],
  });
}
