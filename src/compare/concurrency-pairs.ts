/** What the concurrency probe is compared by: few and coarse rows, of what only many requests at once can show. */
import type { Level, Limit, Policy, Quantity } from '../config.ts';
import { type Measurement, parseSpanKeyId, type SpanKey, type SpanKeyId } from '../measurement.ts';
import type { Pair } from './judgement.ts';
import { rowId } from './rows.ts';
import { type PlacedInstance, placedInstances, type Series, seriesOf } from './series.ts';

/** The parts of a limit that the level is added to. */
type Effect = Omit<Limit, 'level'>;

/**
 * Coarse, since a slot is about a second of one instance: what the probe is there for, such as a pool of one or a lock
 * around everything, divides throughput by two and more.
 */
const THROUGHPUT: Effect = { warn: 0.2, fail: 0.2, atLeast: 0 };
/** A millisecond more is nothing among the waits of eight requests for two cores. */
const SECONDS: Effect = { warn: 0.5, fail: 0.5, atLeast: 0.001 };
const ERROR_RATE: Effect = { warn: 0.5, fail: 0.5, atLeast: 0.01 };

/**
 * Spans whose duration is a wait for something that is shared: `pg-pool.connect`, `generic-pool.acquire`,
 * `pool.get_connection`, `redlock.acquire` and what others call it.
 */
const WAITING = /^pg-pool\.connect$|\bacquire\b|\bget_?connection\b/i;

/** Rows of the probes of both; empty where one of them has none. */
export function concurrencyPairs(
  baseline: Measurement,
  candidate: Measurement,
  options: { readonly policy: Policy; readonly isWeak: (pair: Pair) => boolean },
): readonly Pair[] {
  const { before, after } = sharedProbes(baseline, candidate);
  if (before.length === 0 || after.length === 0) return [];
  const level = levelOf(options.policy);
  const pair = (subject: Subject, baselineSeries: Series, candidateSeries: Series): Pair => {
    const { operation, spanId, quantity, effect } = subject;
    const found: Pair = {
      id: concurrencyRowId(operation, spanId, quantity),
      operation,
      spanId,
      span: spanId === null ? null : parseSpanKeyId(spanId),
      quantity,
      limit: { level, ...effect },
      baseline: baselineSeries,
      candidate: candidateSeries,
    };
    return options.isWeak(found) ? { ...found, limit: { level, ...doubled(effect, quantity) } } : found;
  };
  const operations = [...new Set([...before, ...after].flatMap(operationsOf))].sort();
  const whole = operations.length === 1 ? (operations[0] ?? null) : null;
  const throughput = { operation: whole, spanId: null, quantity: 'throughput', effect: THROUGHPUT } as const;
  return [
    pair(throughput, throughputs(before), throughputs(after)),
    ...operations
      .flatMap((operation) => subjectsOf(operation, [...before, ...after]))
      .map((subject) => pair(subject, seriesOf(before, subject), seriesOf(after, subject)))
      .filter((each) => each.baseline.length > 0 && each.candidate.length > 0),
  ];
}

export function concurrencyRowId(
  operation: string | null,
  spanId: SpanKeyId | null,
  quantity: Quantity,
): string {
  return `${rowId(operation, spanId, quantity)} | concurrency`;
}

/** Whether the duration of the span is a wait for a connection or a lock. */
export function isWait({ kind, name }: SpanKey): boolean {
  return (kind === 'internal' || kind === 'client') && WAITING.test(name);
}

interface Subject {
  readonly operation: string | null;
  readonly spanId: SpanKeyId | null;
  readonly quantity: Quantity;
  readonly effect: Effect;
}

function sharedProbes(
  baseline: Measurement,
  candidate: Measurement,
): { readonly before: readonly PlacedInstance[]; readonly after: readonly PlacedInstance[] } {
  const probesOf = (measurement: Measurement): readonly PlacedInstance[] =>
    placedInstances({ ...measurement, rounds: measurement.probes ?? [] });
  const [before, after] = [probesOf(baseline), probesOf(candidate)];
  const roundsOf = (instances: readonly PlacedInstance[]) => new Set(instances.map(({ round }) => round));
  const [left, right] = [roundsOf(before), roundsOf(after)];
  return {
    before: before.filter(({ round }) => right.has(round)),
    after: after.filter(({ round }) => left.has(round)),
  };
}

function operationsOf({ instance }: PlacedInstance): string[] {
  return Object.keys(instance.operations);
}

/** Of one operation. Its throughput is its share of that of the whole load, and would say nothing more. */
function subjectsOf(operation: string, instances: readonly PlacedInstance[]): Subject[] {
  const waits = new Set(
    instances
      .flatMap(({ instance }) => Object.keys(instance.operations[operation]?.spans ?? {}))
      .filter((spanId) => isWait(parseSpanKeyId(spanId))),
  );
  const times = [null, ...[...waits].sort()].flatMap((spanId) =>
    (['p50', 'p90'] as const).map((quantity) => ({ operation, spanId, quantity, effect: SECONDS })),
  );
  return [...times, { operation, spanId: null, quantity: 'error-rate', effect: ERROR_RATE }];
}

/** Answers a second of all operations together. One that answers nothing has a throughput too: none. */
function throughputs(instances: readonly PlacedInstance[]): Series {
  return instances.map(({ round, instance }) => ({
    round,
    value: instance.throughput,
    count: instance.quality.requestsCompleted,
    events: 0,
  }));
}

/** Twice the distance on the log scale. */
function doubled(effect: Effect, quantity: Quantity): Effect {
  const twice = (share: number): number =>
    quantity === 'throughput' ? 1 - (1 - share) ** 2 : (1 + share) ** 2 - 1;
  return { warn: twice(effect.warn), fail: twice(effect.fail), atLeast: effect.atLeast };
}

const STRICTNESS: readonly Level[] = ['off', 'warn', 'fail'];

/** The stricter of head's and of base's. */
function levelOf({ concurrency = 'fail', base }: Policy): Level {
  const other = base ? (base.concurrency ?? 'fail') : concurrency;
  return STRICTNESS.indexOf(other) > STRICTNESS.indexOf(concurrency) ? other : concurrency;
}
