/**
 * Spans that were given another name on purpose: the baseline is read under the new names, so that a row goes on where
 * it was. Pure.
 */
import type { SpanRename } from '../config.ts';
import {
  type Exemplar,
  type Instance,
  isOfService,
  type Measurement,
  type MergedOperation,
  type OperationRecord,
  parseSpanKeyId,
  type Round,
  type SpanKeyId,
  spanKeyId,
} from '../measurement.ts';
import { operationSpans, outsideKeys } from './span-names.ts';

type Keys = ReadonlyMap<SpanKeyId, SpanKeyId>;

export interface FoundRenames {
  /** New keys by old ones; those of spans outside requests under null. */
  readonly byOperation: ReadonlyMap<string | null, Keys>;
  /** Entries of the configuration that apply nowhere. */
  readonly unmatched: readonly UnmatchedRename[];
}

export interface UnmatchedRename {
  readonly rename: SpanRename;
  /** Which side does not look as the entry says. */
  readonly why:
    | 'not-in-baseline'
    | 'in-baseline-already'
    | 'not-in-candidate'
    | 'old-name-still-there'
    | 'not-in-one-place';
}

/**
 * A key is renamed in each operation where the baseline has the old name alone, and the candidate the new one alone:
 * where both names are there, they are two spans.
 */
export function findRenames(
  baseline: Measurement,
  candidate: Measurement,
  renames: readonly SpanRename[],
): FoundRenames {
  const [before, after] = [keysByOperation(baseline), keysByOperation(candidate)];
  const byOperation = new Map<string | null, Map<SpanKeyId, SpanKeyId>>();
  const unmatched: UnmatchedRename[] = [];
  for (const rename of renames) {
    let isApplied = false;
    for (const [operation, keys] of before) {
      for (const old of keys) {
        const renamed = newKeyOf(old, rename);
        if (renamed === null || keys.has(renamed)) continue;
        const now = after.get(operation) ?? new Set();
        if (!now.has(renamed) || now.has(old)) continue;
        const own = byOperation.get(operation) ?? new Map<SpanKeyId, SpanKeyId>();
        byOperation.set(operation, own.set(old, renamed));
        isApplied = true;
      }
    }
    if (!isApplied) unmatched.push({ rename, why: whyUnmatched(rename, before, after) });
  }
  return { byOperation, unmatched };
}

type KeysByOperation = ReadonlyMap<string | null, ReadonlySet<SpanKeyId>>;

function keysByOperation(measurement: Measurement): KeysByOperation {
  const operations = [...operationSpans(measurement)].map(
    ([name, { calls }]): [string | null, ReadonlySet<SpanKeyId>] => [name, new Set(calls.keys())],
  );
  return new Map([...operations, [null, outsideKeys(measurement)]]);
}

/** Null where the entry is not about this key. */
function newKeyOf(id: SpanKeyId, { from, to, service }: SpanRename): SpanKeyId | null {
  const key = parseSpanKeyId(id);
  if (key.name !== from || (service !== null && !isOfService(key.service, service))) return null;
  return spanKeyId({ ...key, name: to });
}

function whyUnmatched(
  rename: SpanRename,
  before: KeysByOperation,
  after: KeysByOperation,
): UnmatchedRename['why'] {
  const has = (side: KeysByOperation, name: string): boolean =>
    [...side.values()].some((keys) =>
      [...keys].some((id) => newKeyOf(id, { ...rename, from: name, to: name }) !== null),
    );
  if (!has(before, rename.from)) return has(before, rename.to) ? 'in-baseline-already' : 'not-in-baseline';
  if (has(after, rename.from)) return 'old-name-still-there';
  if (!has(after, rename.to)) return 'not-in-candidate';
  return has(before, rename.to) ? 'in-baseline-already' : 'not-in-one-place';
}

/** The measurement under the new names; the same one where nothing is renamed. */
export function withNewNames(measurement: Measurement, { byOperation }: FoundRenames): Measurement {
  if (byOperation.size === 0) return measurement;
  const keysOf = (operation: string | null): Keys => byOperation.get(operation) ?? new Map();
  const { probes, exemplars } = measurement;
  const rounds = (given: readonly Round[]): readonly Round[] =>
    given.map((round) => ({
      ...round,
      instances: round.instances.map((instance) => renamedInstance(instance, keysOf)),
    }));
  return {
    ...measurement,
    rounds: rounds(measurement.rounds),
    ...(probes && { probes: rounds(probes) }),
    merged: mapEntries(measurement.merged, (operation, merged) => renamedMerged(merged, keysOf(operation))),
    ...(exemplars && { exemplars: exemplars.map((each) => renamedExemplar(each, keysOf(each.operation))) }),
  };
}

function renamedInstance(instance: Instance, keysOf: (operation: string | null) => Keys): Instance {
  return {
    ...instance,
    operations: mapEntries(instance.operations, (operation, record) =>
      renamedRecord(record, keysOf(operation)),
    ),
    outsideRequests: renamedKeys(instance.outsideRequests, keysOf(null)),
  };
}

function renamedRecord(record: OperationRecord, keys: Keys): OperationRecord {
  if (keys.size === 0) return record;
  const { tail } = record;
  return {
    ...record,
    spans: renamedKeys(record.spans, keys),
    ...(tail && { tail: { ...tail, critical: renamedKeys(tail.critical, keys) } }),
  };
}

function renamedMerged(merged: MergedOperation, keys: Keys): MergedOperation {
  if (keys.size === 0) return merged;
  const { edges } = merged;
  return {
    ...merged,
    spans: renamedKeys(merged.spans, keys),
    ...(edges && {
      edges: renamedKeys(
        mapEntries(edges, (_, below) => renamedKeys(below, keys)),
        keys,
      ),
    }),
  };
}

function renamedExemplar(exemplar: Exemplar, keys: Keys): Exemplar {
  if (keys.size === 0) return exemplar;
  return {
    ...exemplar,
    spans: exemplar.spans.map((each) => ({ ...each, span: keys.get(each.span) ?? each.span })),
  };
}

/** A run of long ago may have both names: then the old one stays what it was. */
function renamedKeys<Value>(
  record: Readonly<Record<SpanKeyId, Value>>,
  keys: Keys,
): Readonly<Record<SpanKeyId, Value>> {
  return Object.fromEntries(
    Object.entries(record).map(([id, value]) => {
      const renamed = keys.get(id);
      return [renamed === undefined || Object.hasOwn(record, renamed) ? id : renamed, value];
    }),
  );
}

function mapEntries<From, To>(
  record: Readonly<Record<string, From>>,
  change: (key: string, value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(key, value)]));
}
