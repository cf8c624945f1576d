/** Spans of one instance, a column a field, in the order in which the processes wrote them. */

import type { SpanException, SpanKind } from '../measurement.ts';
import { NO_ERROR_ID, OVERFLOW_NAME, ROW_DERIVED_NAME, ROW_REMOTE_PARENT } from './recording-format.ts';

export const SPAN_KINDS: readonly SpanKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];

export type SpanStatus = 'unset' | 'ok' | 'error';

const SPAN_STATUSES: readonly SpanStatus[] = ['unset', 'ok', 'error'];

/** All columns have `count` entries, but for the ids: 4 words a trace id, 2 a span id, most significant first. */
export interface SpanTable {
  readonly count: number;
  /** Strings that the columns refer to. Name 0 is the overflow name, error type 0 is "no error". */
  readonly names: readonly string[];
  readonly services: readonly string[];
  readonly errorTypes: readonly string[];
  /** Seconds since 1970 from which `startSeconds` counts; keeps doubles precise to the nanosecond. */
  readonly epochSeconds: number;
  readonly startSeconds: Float64Array;
  readonly durationSeconds: Float64Array;
  readonly traceIds: Uint32Array;
  readonly spanIds: Uint32Array;
  /** Both words 0 for a span without parent. */
  readonly parentIds: Uint32Array;
  readonly nameIds: Uint32Array;
  readonly serviceIds: Uint16Array;
  /** Index in `Recording.processes`. */
  readonly processIds: Uint16Array;
  readonly errorTypeIds: Uint16Array;
  /** 0 where the span has none. */
  readonly httpStatuses: Uint16Array;
  /** Index in `SPAN_KINDS`. */
  readonly kinds: Uint8Array;
  readonly statuses: Uint8Array;
  readonly flags: Uint8Array;
  /** How many spans each stands for, by its sampler; absent where nothing was sampled. */
  readonly adjustedCounts?: Float64Array;
  /** Ids of the traces that CONSUMER spans link to, by row; absent: none does. */
  readonly links?: ReadonlyMap<number, readonly string[]>;
  /** What spans with an error ended with, by row, as far as it was kept; as the service wrote it. */
  readonly exceptions?: ReadonlyMap<number, SpanException>;
}

/** The fields of one span, for showing; loops over many spans read the columns. */
export interface SpanFields {
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: SpanStatus;
  readonly errorType: string | null;
  readonly httpStatus: number | null;
  readonly startSeconds: number;
  readonly durationSeconds: number;
  /** The name was made from the URL, since the span had no route. */
  readonly derivedName: boolean;
  readonly remoteParent: boolean;
}

/** @throws RangeError when there is no such row */
export function spanFields(table: SpanTable, row: number): SpanFields {
  if (!(row >= 0 && row < table.count)) throw new RangeError(`no span ${row} in a table of ${table.count}`);
  const flags = table.flags[row] ?? 0;
  const errorTypeId = table.errorTypeIds[row] ?? NO_ERROR_ID;
  return {
    service: table.services[table.serviceIds[row] ?? 0] ?? '',
    name: table.names[table.nameIds[row] ?? 0] ?? OVERFLOW_NAME,
    kind: SPAN_KINDS[table.kinds[row] ?? 0] ?? 'internal',
    status: SPAN_STATUSES[table.statuses[row] ?? 0] ?? 'unset',
    errorType: errorTypeId === NO_ERROR_ID ? null : (table.errorTypes[errorTypeId] ?? null),
    httpStatus: table.httpStatuses[row] || null,
    startSeconds: table.startSeconds[row] ?? 0,
    durationSeconds: table.durationSeconds[row] ?? 0,
    derivedName: (flags & ROW_DERIVED_NAME) !== 0,
    remoteParent: (flags & ROW_REMOTE_PARENT) !== 0,
  };
}

/** 32 lower-case hex digits. */
export function traceIdOf(table: SpanTable, row: number): string {
  return hexOf(table.traceIds, row * 4, 4);
}

/** 16 lower-case hex digits. */
export function spanIdOf(table: SpanTable, row: number): string {
  return hexOf(table.spanIds, row * 2, 2);
}

/** 16 lower-case hex digits, null for a span without parent. */
export function parentIdOf(table: SpanTable, row: number): string | null {
  const id = hexOf(table.parentIds, row * 2, 2);
  return id === '0000000000000000' ? null : id;
}

function hexOf(words: Uint32Array, at: number, count: number): string {
  let hex = '';
  for (let index = at; index < at + count; index += 1)
    hex += (words[index] ?? 0).toString(16).padStart(8, '0');
  return hex;
}
