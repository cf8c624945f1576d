/**
 * The bank: rounds of 2k instances of one and the same code, recorded side by side on real services, out of which
 * gates are drawn. One file a round, `bank/<example>-<quiet|neighbour>-<model>/round-NNN.json.gz`: per operation and
 * span one column of values a quantity, an entry an instance, so that a round takes a few kilobytes.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type {
  Arm,
  CallsPerContent,
  Distribution,
  Environment,
  Instance,
  Measurement,
  OperationRecord,
  Round,
  SpanRecord,
} from '../../src/measurement.ts';

export const BANK_FORMAT = 1;

/** Values of the instances, in their order; null where an instance has none. */
export type Column = readonly (number | null)[];

/** Times in seconds, to five digits. */
export type Columns = Readonly<
  Record<'count' | 'sum' | 'min' | 'max' | 'p50' | 'p90' | 'p95' | 'p99', Column>
> & {
  /** Absent in rounds of before it was known, and where no request could be matched. */
  readonly matched?: Column;
};

export interface BankSpan {
  readonly calls: Column;
  readonly errors: Column;
  readonly duration: Columns;
  readonly selfCount: Column;
  readonly selfSum: Column;
  /** Where the calls of every request content were the same in every instance. */
  readonly constant?: Extract<CallsPerContent, { state: 'constant' }>['runs'];
  /** Requests that its constancy was seen in. */
  readonly traces: number;
}

export interface BankOperation {
  readonly requests: Column;
  readonly traces: Column;
  readonly errors: Column;
  readonly latency: Columns;
  readonly spans: Readonly<Record<string, BankSpan>>;
}

export interface BankRound {
  readonly format: typeof BANK_FORMAT;
  readonly example: string;
  readonly neighbour: 'quiet' | 'neighbour';
  readonly model: string;
  readonly recordedAt: string;
  readonly tool: string;
  readonly commit: string | null;
  readonly seed: number;
  readonly environment: Environment;
  /** Wall time of the whole round, with starts, warm-up and stops; the concurrency probe is not part of it. */
  readonly roundSeconds: number;
  readonly measuredSeconds: number;
  readonly warmUpSeconds: number;
  readonly conditions: Round['conditions'];
  readonly invalid?: string;
  /** Which arm each instance was in, though both run the same code: to see whether the arms are exchangeable. */
  readonly arms: readonly Arm[];
  readonly throughput: Column;
  readonly operations: Readonly<Record<string, BankOperation>>;
}

/** What a round says, apart from its instances. */
export type BankHead = Omit<BankRound, 'operations' | 'throughput' | 'format'>;

/** Calls by request content, by operation and span. */
export type CallsOf = (operation: string, span: string) => CallsPerContent | undefined;

export function bankRound(head: BankHead, instances: readonly Instance[], callsOf: CallsOf): BankRound {
  const operations: Record<string, BankOperation> = {};
  for (const name of namesOf(instances.map((instance) => instance.operations))) {
    const records = instances.map((instance) => instance.operations[name]);
    const spans: Record<string, BankSpan> = {};
    for (const id of namesOf(records.map((record) => record?.spans ?? {}))) {
      const calls = callsOf(name, id);
      spans[id] = spanColumns(
        records.map((record) => record?.spans[id]),
        calls,
      );
    }
    operations[name] = {
      requests: records.map((record) => record?.requests ?? null),
      traces: records.map((record) => record?.traces ?? null),
      errors: records.map((record) => (record ? total(record.errors) : null)),
      latency: columnsOf(records.map((record) => record?.latency)),
      spans,
    };
  }
  return {
    format: BANK_FORMAT,
    ...head,
    throughput: instances.map((each) => digits(each.throughput)),
    operations,
  };
}

/** What is known of a round beside what the two arms measured. */
export type RoundFacts = Pick<
  BankHead,
  'example' | 'neighbour' | 'model' | 'tool' | 'commit' | 'seed' | 'roundSeconds'
>;

/** The round at `index` of two measurements of one and the same code; null where an arm lacks it. */
export function bankRoundOf(
  arms: readonly [base: Measurement, head: Measurement],
  index: number,
  facts: RoundFacts,
): BankRound | null {
  const rounds = arms.flatMap(({ rounds }) => rounds.at(index) ?? []);
  const [first, second] = rounds;
  if (!first || !second) return null;
  const instances = rounds.flatMap((round, arm) =>
    round.instances.map((instance) => ({ arm: arm === 0 ? ('base' as const) : ('head' as const), instance })),
  );
  const invalid = rounds.find((round) => round.invalid)?.invalid;
  return bankRound(
    {
      ...facts,
      recordedAt: first.startedAt,
      environment: arms[0].environment,
      measuredSeconds: Number(first.measuredSeconds.toFixed(3)),
      warmUpSeconds: Number(first.warmUpSeconds.toFixed(3)),
      conditions: first.conditions,
      ...(invalid && { invalid: invalid.code }),
      arms: instances.map(({ arm }) => arm),
    },
    instances.map(({ instance }) => instance),
    (operation, span) => arms[0].merged[operation]?.spans[span]?.callsPerContent,
  );
}

/** The instances of a round as the comparison knows them, without histograms, processes and metrics. */
export function instancesOf(round: BankRound): Instance[] {
  return round.arms.map((_, index) => {
    const operations: Record<string, OperationRecord> = {};
    let requests = 0;
    for (const [name, operation] of Object.entries(round.operations)) {
      if (operation.requests[index] === null) continue;
      operations[name] = operationAt(operation, index);
      requests += operation.requests[index] ?? 0;
    }
    return {
      id: `${round.recordedAt} ${index}`,
      processes: [],
      operations,
      outsideRequests: {},
      throughput: round.throughput[index] ?? 0,
      metrics: [],
      quality: {
        requestsCompleted: requests,
        rootSpans: requests,
        spans: requests,
        orphanSpans: 0,
        droppedSpans: 0,
        overflowSpans: 0,
        outsideSpans: 0,
      },
    };
  });
}

export function folderOf(bank: string, head: Pick<BankHead, 'example' | 'neighbour' | 'model'>): string {
  return join(bank, `${head.example}-${head.neighbour}-${head.model}`);
}

/** Written whole or not at all, under the next free number. */
export function addToBank(folder: string, round: BankRound): string {
  mkdirSync(folder, { recursive: true });
  // After the last, and not by their number: where one was taken out, that would be the last one again.
  const last = Math.max(0, ...roundFiles(folder).map((name) => Number(/\d+/.exec(name)?.[0])));
  const file = join(folder, `round-${String(last + 1).padStart(3, '0')}.json.gz`);
  writeFileSync(`${file}.tmp`, gzipSync(JSON.stringify(round), { level: 9 }));
  renameSync(`${file}.tmp`, file);
  return file;
}

export function readBank(folder: string): BankRound[] {
  return roundFiles(folder).map(
    (file) => JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString('utf8')) as BankRound,
  );
}

export function roundFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^round-\d+\.json\.gz$/.test(file))
    .sort();
}

function operationAt(operation: BankOperation, index: number): OperationRecord {
  const spans: Record<string, SpanRecord> = {};
  for (const [id, span] of Object.entries(operation.spans)) {
    const calls = span.calls[index];
    if (calls === null || calls === undefined) continue;
    const duration = distributionAt(span.duration, index);
    const count = span.selfCount[index];
    const sum = span.selfSum[index];
    spans[id] = {
      calls,
      errors: errorsOf(span.errors[index]),
      ...(duration && { duration }),
      ...(count && sum !== null && sum !== undefined && { self: { count, sum } }),
    };
  }
  const latency = distributionAt(operation.latency, index);
  const traces = operation.traces[index];
  return {
    requests: operation.requests[index] ?? 0,
    ...(traces !== null && traces !== undefined && { traces }),
    errors: errorsOf(operation.errors[index]),
    ...(latency && { latency }),
    spans,
  };
}

function errorsOf(count: number | null | undefined): Record<string, number> {
  return count ? { error: count } : {};
}

const FIELDS = ['count', 'sum', 'min', 'max', 'p50', 'p90', 'p95', 'p99'] as const;

function distributionAt(columns: Columns, index: number): Distribution | undefined {
  if (!columns.count[index]) return undefined;
  const at = (field: (typeof FIELDS)[number]): number => columns[field][index] ?? 0;
  return {
    count: at('count'),
    sum: at('sum'),
    min: at('min'),
    max: at('max'),
    p50: at('p50'),
    p90: at('p90'),
    p95: at('p95'),
    p99: at('p99'),
    ...(typeof columns.matched?.[index] === 'number' && { matched: columns.matched[index] }),
  };
}

function columnsOf(distributions: readonly (Distribution | undefined)[]): Columns {
  const column = (field: (typeof FIELDS)[number]): Column =>
    distributions.map((each) => (each ? digits(each[field]) : null));
  return {
    count: column('count'),
    sum: column('sum'),
    min: column('min'),
    max: column('max'),
    p50: column('p50'),
    p90: column('p90'),
    p95: column('p95'),
    p99: column('p99'),
    ...(distributions.some((each) => each?.matched !== undefined) && {
      matched: distributions.map((each) => (each?.matched === undefined ? null : digits(each.matched))),
    }),
  };
}

function spanColumns(
  records: readonly (SpanRecord | undefined)[],
  calls: CallsPerContent | undefined,
): BankSpan {
  return {
    calls: records.map((record) => record?.calls ?? null),
    errors: records.map((record) => (record ? total(record.errors) : null)),
    duration: columnsOf(records.map((record) => record?.duration)),
    selfCount: records.map((record) => record?.self?.count ?? null),
    selfSum: records.map((record) => (record?.self ? digits(record.self.sum) : null)),
    ...(calls?.state === 'constant' && { constant: calls.runs }),
    traces: calls?.traces ?? 0,
  };
}

function namesOf(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))].sort();
}

function total(errors: Readonly<Record<string, number>>): number {
  return Object.values(errors).reduce((sum, count) => sum + count, 0);
}

/** Half a hundred-thousandth is far below any spread between instances. */
function digits(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(6));
}
