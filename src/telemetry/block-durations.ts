/** Durations by the block of the load that their request was part of, for comparing instances request by request. */
import type { SpanKeyId } from '../measurement.ts';
import { SpanKeyIds } from './span-key-ids.ts';
import type { SpanTable } from './span-table.ts';
import { parseTraceWords, type RunTag, serialOf } from './trace-id.ts';

/** Natural logarithm of the seconds of an instance, by number of the block; of several spans in it, the mean. */
export type BlockLogs = ReadonlyMap<number, number>;

/** How the requests of the measured stretch were numbered. */
export interface BlockNumbering {
  /** Of the first request. */
  readonly firstSerial: number;
  /** Requests of a block. */
  readonly size: number;
}

export interface BlockOptions {
  readonly runTag: RunTag;
  /** 0-based index in the round. */
  readonly instance: number;
  /** Number of requests of the workload. */
  readonly requests: number;
  readonly blocks: BlockNumbering;
}

export function blockOf(serial: number, { firstSerial, size }: BlockNumbering): number {
  return Math.floor((serial - firstSerial) / size);
}

/**
 * Of the measured requests to one instance.
 *
 * @returns one map a request of the workload, by span key
 */
export function blockDurations(
  table: SpanTable,
  { runTag, instance, requests, blocks }: BlockOptions,
): readonly ReadonlyMap<SpanKeyId, BlockLogs>[] {
  const keys = new SpanKeyIds(table);
  const sums = Array.from({ length: requests }, () => new Map<SpanKeyId, Map<number, LogSum>>());
  for (let row = 0; row < table.count; row += 1) {
    const origin = parseTraceWords(runTag, table.traceIds, row * 4);
    if (origin?.phase !== 'measured' || origin.instance !== instance) continue;
    const block = blockOf(serialOf(runTag, table.traceIds[row * 4 + 3] ?? 0), blocks);
    const spans = sums[origin.request];
    if (spans) add(spans, { id: keys.idOf(row), block, log: Math.log(table.durationSeconds[row] ?? 0) });
  }
  return sums.map((spans) => new Map([...spans].map(([id, blocksOf]) => [id, meansOf(blocksOf)])));
}

interface LogSum {
  sum: number;
  count: number;
}

function add(
  spans: Map<SpanKeyId, Map<number, LogSum>>,
  { id, block, log }: { readonly id: SpanKeyId; readonly block: number; readonly log: number },
): void {
  let blocks = spans.get(id);
  if (!blocks) {
    blocks = new Map();
    spans.set(id, blocks);
  }
  const known = blocks.get(block);
  if (known) {
    known.sum += log;
    known.count += 1;
  } else blocks.set(block, { sum: log, count: 1 });
}

function meansOf(blocks: ReadonlyMap<number, LogSum>): BlockLogs {
  return new Map([...blocks].map(([block, { sum, count }]) => [block, sum / count]));
}
