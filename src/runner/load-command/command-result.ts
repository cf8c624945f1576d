/** Joins what a load command said of an instance with the spans of what it sent. */

import { assembleReported, type Delivery, type ReportedTraces } from '../../telemetry/reported-traces.ts';
import type { SpanTable } from '../../telemetry/span-table.ts';
import type { InstanceTraces } from '../../telemetry/trace-assembly.ts';
import type { InstanceLoad } from '../load/load-result.ts';
import type { CommandLoadResult, InstanceReport } from './command-load.ts';
import type { LoadReport } from './load-report.ts';

export interface CommandResult {
  readonly traces: InstanceTraces;
  /** With latencies: those that were reported, else from when a message was sent until it was done. */
  readonly load: InstanceLoad;
}

/**
 * Pure.
 *
 * @param position of the instance among those of the load
 * @param until seconds since 1970 to which messages were waited for
 */
export function commandResult(
  table: SpanTable,
  { operations, reports, instances, measuredFrom }: CommandLoadResult,
  { position, until }: { readonly position: number; readonly until: number },
): CommandResult {
  const report = reports[position];
  const load = instances[position];
  if (!report || !load) throw new TypeError(`the load has no result for instance ${position}`);
  const window = { from: measuredFrom / 1000, to: until };
  const { traces, deliveries } = assembleReported(table, reportedTraces(report, operations, window));
  return {
    traces,
    load: {
      ...load,
      operations: load.operations.map((operation, index) => {
        if (operation.latencies.length > 0) return operation;
        const name = operations[index] ?? '';
        const latencies = deliveryTimes(deliveries[index] ?? [], sentTimes(report.measured, name));
        return { ...operation, latencies };
      }),
    },
  };
}

function reportedTraces(
  { measured, warmUp }: InstanceReport,
  operations: readonly string[],
  window: ReportedTraces['window'],
): ReportedTraces {
  const traces = new Map<string, number>();
  const names = new Map<string, number>();
  for (const [index, name] of operations.entries()) {
    const messages = measured.get(name)?.messages ?? [];
    if (messages.length === 0) names.set(name, index);
    for (const { traceId } of messages) traces.set(traceId, index);
  }
  return { operations: operations.length, traces, ignored: warmUp, names, window };
}

/** Seconds since 1970, by trace id. */
function sentTimes(report: LoadReport, name: string): ReadonlyMap<string, number> {
  const messages = report.get(name)?.messages ?? [];
  return new Map(messages.flatMap(({ traceId, sentAt }) => (sentAt === null ? [] : [[traceId, sentAt]])));
}

/** Seconds from sent to done, of the messages that both are known of. */
function deliveryTimes(deliveries: readonly Delivery[], sentAt: ReadonlyMap<string, number>): Float64Array {
  return Float64Array.from(
    deliveries.flatMap(({ traceId, sent, done }) => {
      const from = sentAt.get(traceId) ?? sent;
      // Clocks of two processes: a message cannot be done before it was sent.
      return from === null || done === null ? [] : [Math.max(0, done - from)];
    }),
  );
}
