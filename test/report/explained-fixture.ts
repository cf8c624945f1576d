/** A comparison of two services measured together with all that explains it: paths, calls, distributions and traces. */
import { compare } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import { histogramOf } from '../../src/histogram.ts';
import type {
  Arm,
  Distribution,
  Exemplar,
  ExemplarSpan,
  Measurement,
  SpanRecord,
} from '../../src/measurement.ts';
import { STANDARD } from '../compare/policies.ts';
import { measurementOf, type OperationSketch, type SpanSketch } from '../compare/sketch.ts';

const ROOT = 'server:shop:GET /cart';
const CALL = 'client:shop:GET inventory';
const STOCK = 'server:inventory:GET /stock';
const QUERY = 'client:inventory:pg.query SELECT stock';
const LINES = 'client:shop:pg.query SELECT order_lines';
const PRICE = 'internal:shop:price';

/** Who calls whom. */
const PARENTS: Readonly<Record<string, string>> = {
  [CALL]: ROOT,
  [STOCK]: CALL,
  [QUERY]: STOCK,
  [LINES]: ROOT,
  [PRICE]: ROOT,
};

export interface CartParts {
  /** Calls of the query of lines. */
  readonly lines?: number;
  /** Factor of the query of the other service. */
  readonly stock?: number;
  /** Errors of each instance, of 400 requests, by id of the span; `client` for those that its client saw. */
  readonly errors?: Readonly<Record<string, number>>;
}

/** A cart whose lines come from a database and whose stock comes from another service. */
export function cart({
  lines = 1,
  stock = 1,
  errors = {},
}: CartParts = {}): Readonly<Record<string, OperationSketch>> {
  const query = 0.002 * stock;
  const own: Readonly<Record<string, SpanSketch>> = {
    [PRICE]: { duration: 0.0005 },
    [LINES]: { duration: 0.0008, calls: lines },
    [QUERY]: { duration: query },
    [STOCK]: { duration: query + 0.0006, self: 0.0006 },
    [CALL]: { duration: query + 0.001, self: 0.0004 },
    [ROOT]: { duration: query + 0.0024 + 0.0008 * lines, self: 0.0009 },
  };
  const failing = (id: string) => (errors[id] === undefined ? {} : { errors: [errors[id]] });
  const spans = mapValues(own, (sketch, id) => ({ ...sketch, ...failing(id) }));
  return { 'GET /cart': { latency: query + 0.0027 + 0.0008 * lines, spans, ...failing('client') } };
}

/** Two regressions at once, in two services, unless told otherwise. */
export function explained(head: CartParts = { lines: 6, stock: 2 }, base: CartParts = {}): Comparison {
  const arm = (side: Arm, stage: string): Measurement =>
    withReasons(side === 'base' ? cart(base) : cart(head), {
      id: `${side}-${stage}`,
      roundPrefix: stage,
      seed: (side === 'base' ? 3 : 11) + (stage === 'screen' ? 0 : 50),
    });
  return {
    ...compare({
      baseline: arm('base', 'screen'),
      candidate: arm('head', 'screen'),
      baselineConfirmation: arm('base', 'confirm'),
      confirmation: arm('head', 'confirm'),
      policy: STANDARD,
      seed: 42,
      createdAt: '2026-03-05T09:31:00.000Z',
      tool: 'spangate 0.1.0',
      comparability: 'like',
    }),
    names: { baseline: 'base', candidate: 'head' },
  };
}

function withReasons(
  operations: Readonly<Record<string, OperationSketch>>,
  sketch: { readonly id: string; readonly roundPrefix: string; readonly seed: number },
): Measurement {
  const drawn = measurementOf({ ...sketch, operations, rounds: 3, instances: 4, spread: 0.014 });
  const rounds = drawn.rounds.map((round) => ({
    ...round,
    instances: round.instances.map((instance) => ({
      ...instance,
      operations: mapValues(instance.operations, (operation) => ({
        ...operation,
        ...(operation.latency && { latency: shaped(operation.latency) }),
        spans: mapValues(operation.spans, withPath),
      })),
    })),
  }));
  const instances = rounds.flatMap((round) => round.instances);
  const merged = mapValues(drawn.merged, (operation, name) => {
    const records = instances.flatMap((instance) => instance.operations[name] ?? []);
    return {
      latency: histogramOf(records.flatMap(({ latency }) => (latency ? values(latency) : []))),
      spans: mapValues(operation.spans, (span, id) => ({
        ...span,
        duration: histogramOf(
          records.flatMap(({ spans }) => (spans[id]?.duration ? values(spans[id].duration) : [])),
        ),
      })),
      edges: edgesOf(operations[name]?.spans ?? {}, 400 * instances.length),
    };
  });
  const exemplars = Object.entries(operations).flatMap(([operation, { spans = {} }]) => [
    exemplar(operation, 'typical', spans),
    exemplar(operation, 'slow', spans),
  ]);
  return { ...drawn, detail: 'full', rounds, merged, exemplars };
}

/** As long as nothing runs side by side, what a span does itself is its part of the critical path. */
function withPath(span: SpanRecord): SpanRecord {
  return {
    ...span,
    ...(span.duration && { duration: shaped(span.duration) }),
    critical: span.self?.sum ?? 0,
  };
}

function shaped(distribution: Distribution): Distribution {
  return { ...distribution, histogram: histogramOf(values(distribution)) };
}

/** Values of the lognormal shape that a sketch has. */
function values({ p50, p90 }: Distribution): readonly number[] {
  const deviation = Math.log(p90 / p50) / 1.2816;
  return Array.from({ length: 99 }, (_, index) => {
    const share = (index + 1) / 100;
    // The logistic distribution has nearly the same shape, and a quantile that can be written down.
    return p50 * Math.exp((deviation * Math.log(share / (1 - share))) / 1.702);
  });
}

function edgesOf(spans: Readonly<Record<string, SpanSketch>>, traces: number) {
  const edges: Record<string, Record<string, { readonly calls: number }>> = {};
  for (const [child, { calls = 1 }] of Object.entries(spans)) {
    const parent = PARENTS[child];
    if (parent === undefined || typeof calls !== 'number') continue;
    edges[parent] = { ...edges[parent], [child]: { calls: calls * traces } };
  }
  return edges;
}

/** One after another, in the order of the sketch, from the root down. */
function exemplar(
  operation: string,
  why: 'typical' | 'slow',
  spans: Readonly<Record<string, SpanSketch>>,
): Exemplar {
  const factor = why === 'slow' ? 1.5 : 1;
  const rows: ExemplarSpan[] = [];
  const place = (id: string, start: number, parent?: number): number => {
    const { duration = 0, calls = 1 } = spans[id] ?? {};
    let next = start;
    for (let call = 0; call < Number(calls); call += 1) {
      const index = rows.push({
        ...{ span: id, start: next, duration: duration * factor },
        ...(parent !== undefined && { parent }),
      });
      let inside = next + 0.0001;
      for (const child of Object.keys(spans).filter((each) => PARENTS[each] === id)) {
        inside = place(child, inside, index - 1);
      }
      next += duration * factor + 0.00005;
    }
    return next;
  };
  place(ROOT, 0);
  return {
    ...{ operation, why, spans: rows },
    traceId: `${why === 'slow' ? '5' : '7'}`.repeat(32),
    startedAt: '2026-03-05T09:30:10.000Z',
    duration: rows[0]?.duration ?? 0,
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
