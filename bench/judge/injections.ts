/**
 * Known changes, done to recorded instances. A span that takes longer makes the server span above it and the latency
 * that the client saw longer by as much in seconds; spans in between are left as they are, since the recordings do not
 * say which they are.
 */

import type {
  CallsPerContent,
  Distribution,
  Instance,
  OperationRecord,
  SpanRecord,
} from '../../src/measurement.ts';
import { parseSpanKeyId } from '../../src/measurement.ts';
import type { Random } from '../../src/random.ts';
import type { Injection, RecordedRound } from './gates.ts';

export interface Target {
  readonly operation: string;
  readonly span: string;
}

/** Spans of a round whose median is at least `atLeast` seconds, and that every instance made at least `count` times. */
export function targetsOf({ instances }: RecordedRound, atLeast: number, count = 20): Target[] {
  const [first] = instances;
  return Object.entries(first?.operations ?? {}).flatMap(([operation, { spans }]) =>
    Object.keys(spans)
      .filter((span) =>
        instances.every((instance) => {
          const duration = instance.operations[operation]?.spans[span]?.duration;
          return duration !== undefined && duration.p50 >= atLeast && duration.count >= count;
        }),
      )
      .map((span) => ({ operation, span })),
  );
}

/** Every call takes longer by `share`. */
export function slower(target: Target, share: number): Injection {
  return timed(
    target,
    (duration) => scaled(duration, () => 1 + share),
    (duration) => share * mean(duration),
  );
}

/** The part of the calls that takes longer: its share of them, and the quantiles that lie in it. */
const TAILS = {
  tenth: { part: 0.1, from: 'p90', fields: ['p90', 'p95', 'p99', 'max'] },
  hundredth: { part: 0.01, from: 'p99', fields: ['p99', 'max'] },
} as const;

/** The slowest tenth, or hundredth, takes longer by `share`. */
export function slowerTail(target: Target, share: number, tail: keyof typeof TAILS): Injection {
  const { part, from, fields } = TAILS[tail];
  const slow: ReadonlySet<string> = new Set(fields);
  return timed(
    target,
    (duration) => {
      const changed = scaled(duration, (field) => (slow.has(field) ? 1 + share : 1));
      return { ...changed, sum: duration.sum + duration.count * part * share * duration[from] };
    },
    // The tail of the span is not the tail of what is above it: on the mean alone.
    () => 0,
  );
}

/** Requests of the operation fail at the rate `rate`, beside those that fail anyway. */
export function failing({ operation, span }: Target, rate: number, random: Random): Injection {
  const more = (count: number): number => {
    let errors = 0;
    for (let each = 0; each < count; each += 1) if (random() < rate) errors += 1;
    return errors;
  };
  return {
    calls: same,
    change: (instance) =>
      withOperation(instance, operation, (record) => {
        const errors = more(record.requests);
        const failed = record.spans[span];
        return {
          ...record,
          errors: { ...record.errors, injected: errors },
          spans: failed
            ? {
                ...record.spans,
                [span]: { ...failed, errors: { ...failed.errors, injected: Math.min(errors, failed.calls) } },
              }
            : record.spans,
        };
      }),
  };
}

/** Every request calls the span once more. */
export function oneMoreCall({ operation, span }: Target): Injection {
  return {
    calls: (name, id, calls): CallsPerContent =>
      name === operation && id === span && calls.state === 'constant'
        ? {
            ...calls,
            runs: calls.runs.map(([count, times]) => [count === null ? null : count + 1, times] as const),
          }
        : calls,
    change: (instance) =>
      withOperation(instance, operation, (record) => {
        const called = record.spans[span];
        if (!called) return record;
        return {
          ...record,
          spans: {
            ...record.spans,
            [span]: { ...called, calls: called.calls + (record.traces ?? record.requests) },
          },
        };
      }),
  };
}

const same: Injection['calls'] = (_, __, calls) => calls;

function timed(
  { operation, span }: Target,
  change: (duration: Distribution) => Distribution,
  growthOfCall: (duration: Distribution) => number,
): Injection {
  return {
    calls: same,
    change: (instance) =>
      withOperation(instance, operation, (record) => {
        const slow = record.spans[span];
        if (!slow?.duration) return record;
        const seconds =
          (growthOfCall(slow.duration) * slow.calls) / Math.max(1, record.traces ?? record.requests);
        const spans: Record<string, SpanRecord> = {};
        for (const [id, each] of Object.entries(record.spans)) {
          const isAbove = id !== span && isRoot(id) && !isRoot(span) && each.duration !== undefined;
          spans[id] = isAbove && each.duration ? { ...each, duration: raised(each.duration, seconds) } : each;
        }
        const duration = change(slow.duration);
        const self = slow.self && {
          count: slow.self.count,
          sum: slow.self.sum + (duration.sum - slow.duration.sum),
        };
        spans[span] = { ...slow, duration, ...(self && { self }) };
        return { ...record, ...(record.latency && { latency: raised(record.latency, seconds) }), spans };
      }),
  };
}

/** The server's span of the request; in the recordings of one service it is called as the operation is. */
function isRoot(id: string): boolean {
  const { kind, name } = parseSpanKeyId(id);
  return kind === 'server' || name.startsWith('GET ');
}

function withOperation(
  instance: Instance,
  operation: string,
  change: (record: OperationRecord) => OperationRecord,
): Instance {
  const record = instance.operations[operation];
  if (!record) return instance;
  return { ...instance, operations: { ...instance.operations, [operation]: change(record) } };
}

const TIMES = ['sum', 'min', 'max', 'p50', 'p90', 'p95', 'p99'] as const;

function scaled(duration: Distribution, factor: (field: (typeof TIMES)[number]) => number): Distribution {
  const changed: Record<string, number> = {};
  for (const field of TIMES) changed[field] = duration[field] * factor(field);
  return { ...duration, ...changed, ...matchedAs(duration, factor('p50')) };
}

function raised(duration: Distribution, seconds: number): Distribution {
  const changed: Record<string, number> = {};
  for (const field of TIMES)
    changed[field] = duration[field] + seconds * (field === 'sum' ? duration.count : 1);
  return { ...duration, ...changed, ...matchedAs(duration, 1 + seconds / duration.p50) };
}

/** The recordings have no requests: every one is taken to change as the median does. */
function matchedAs({ matched }: Distribution, factor: number): Pick<Distribution, 'matched'> {
  return matched === undefined ? {} : { matched: matched + Math.log(factor) };
}

function mean({ sum, count }: Distribution): number {
  return sum / count;
}
