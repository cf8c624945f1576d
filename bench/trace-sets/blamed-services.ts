/**
 * Which service the traces blame, by what spangate explains a change with: calls that were constant and are not any more
 * come first, then where the critical path grew (`time-split.ts`). Pure.
 *
 * Traces of such sets belong to no workload, so an operation is what a trace begins with: its root span, the first two
 * calls of it, and the first span in another service.
 */
import type { PlacedInstance } from '../../src/compare/series.ts';
import { splitMean } from '../../src/compare/time-split.ts';
import type { OperationRecord, SpanKeyId } from '../../src/measurement.ts';
import { distributionOf } from '../../src/runner/distribution.ts';
import { type AssemblyContext, RequestCollector } from '../../src/telemetry/request-collector.ts';
import { selfTimes } from '../../src/telemetry/self-time.ts';
import { SpanKeyIds } from '../../src/telemetry/span-key-ids.ts';
import type { SpanTable } from '../../src/telemetry/span-table.ts';
import { indexTraces } from '../../src/telemetry/trace-index.ts';
import { calleeOf } from './nezha-spans.ts';

export interface Blamed {
  readonly service: string;
  /** Of the traces, those in which its calls are not what they always were, and nothing below it changed. */
  readonly changedTraces: number;
  /** Seconds a trace by which it grew on the critical path, where spangate would name it as a cause. */
  readonly seconds: number;
  /** The same, however small or unsure. */
  readonly anySeconds: number;
}

/** In how many of the traces calls have to be otherwise before it is no chance. */
const CHANGED_SHARE = 0.05;

/** Most blamed first; services that nothing speaks against are left out. */
export function blamedServices(before: SpanTable, after: SpanTable): readonly Blamed[] {
  const [base, head] = [tracesOf(before), tracesOf(after)];
  const changed = changedShares(base, head);
  const grown = grownServices(base, head);
  const services = new Set([...changed.keys(), ...grown.keys()]);
  const blamed = [...services].map((service): Blamed => {
    const share = changed.get(service) ?? 0;
    const { sure = 0, any = 0 } = grown.get(service) ?? {};
    return { service, changedTraces: share, seconds: sure, anySeconds: any };
  });
  const callsOf = ({ changedTraces: share }: Blamed): number => (share >= CHANGED_SHARE ? share : 0);
  return blamed
    .filter((each) => callsOf(each) > 0 || each.anySeconds > 0)
    .sort(
      (left, right) =>
        callsOf(right) - callsOf(left) || right.seconds - left.seconds || right.anySeconds - left.anySeconds,
    );
}

interface Trace {
  readonly operation: string;
  readonly root: number;
  readonly rows: Uint32Array;
}

interface Traces {
  readonly context: AssemblyContext;
  /** Those with one root. */
  readonly traces: readonly Trace[];
}

function tracesOf(table: SpanTable): Traces {
  const index = indexTraces(table);
  const context = { table, index, keys: new SpanKeyIds(table), self: selfTimes(table, index) };
  const traces = Array.from({ length: index.traceCount }, (_, trace): Trace[] => {
    const rows = index.rowsByTrace.subarray(index.traceStarts[trace], index.traceStarts[trace + 1]);
    const [root, ...others] = rows.filter((row) => isRoot(table, row));
    if (root === undefined || others.length > 0) return [];
    return [{ operation: operationOf(context, root, rows), root, rows }];
  });
  return { context, traces: traces.flat() };
}

function isRoot({ parentIds }: SpanTable, row: number): boolean {
  return parentIds[row * 2] === 0 && parentIds[row * 2 + 1] === 0;
}

function operationOf({ table, index }: AssemblyContext, root: number, rows: Uint32Array): string {
  const inOrder = rows.toSorted(
    (left, right) => (table.startSeconds[left] ?? 0) - (table.startSeconds[right] ?? 0),
  );
  const name = (row: number): string => plainName(table.names[table.nameIds[row] ?? 0] ?? '');
  const called = inOrder.filter((row) => index.parentRows[row] === root).slice(0, 2);
  const elsewhere = inOrder.find((row) => table.serviceIds[row] !== table.serviceIds[root]);
  return [root, ...called, ...(elsewhere === undefined ? [] : [elsewhere])].map(name).join(' > ');
}

/** One call has one name, whether the span of the other service came or not. */
function plainName(name: string): string {
  const callee = calleeOf(name);
  return callee === null ? name : name.slice(0, name.lastIndexOf(' -> '));
}

/** Spans of one key in one operation: how often each calls what, where they all agree. */
interface UsualCalls {
  spans: number;
  readonly perSpan: Map<string, { readonly calls: number; spans: number } | 'varies'>;
  readonly callees: Set<string>;
}

/** Calls from so many spans, all alike, are constant. */
const MINIMUM_SPANS = 10;

/**
 * By service: share of the traces in which its calls changed, and those of nothing below it; beyond what one half of the
 * base would say of the other, since what few spans always did need not be constant.
 */
function changedShares(base: Traces, head: Traces): ReadonlyMap<string, number> {
  const [known, unknown] = [0, 1].map((rest) => ({
    context: base.context,
    traces: base.traces.filter((_, index) => index % 2 === rest),
  }));
  if (!known || !unknown) return new Map();
  const usual = usualCalls(known);
  const chance = changedIn(unknown, usual);
  return new Map(
    [...changedIn(head, usual)].map(([service, share]) => [
      service,
      Math.max(0, share - (chance.get(service) ?? 0)),
    ]),
  );
}

function changedIn(
  { context, traces }: Traces,
  usual: ReadonlyMap<string, UsualCalls>,
): ReadonlyMap<string, number> {
  const changed = new Map<string, number>();
  for (const { operation, rows } of traces) {
    const usualOf = (row: number) => usual.get(keyOf(context, operation, row));
    const unusual = new Set(
      [...rows].filter((row) => {
        const known = usualOf(row);
        return known !== undefined && known.spans >= MINIMUM_SPANS && !isUsual(known, callsOf(context, row));
      }),
    );
    // What is wrong below makes its callers go on otherwise, or not at all.
    const deepest = [...unusual].filter((row) => !hasBelow(context, row, unusual));
    for (const service of new Set(deepest.map((row) => blamedOf(context, row, usualOf(row))))) {
      changed.set(service, (changed.get(service) ?? 0) + 1 / traces.length);
    }
  }
  return changed;
}

function usualCalls({ context, traces }: Traces): ReadonlyMap<string, UsualCalls> {
  const usual = new Map<string, UsualCalls>();
  for (const { operation, rows } of traces) {
    for (const row of rows) {
      const key = keyOf(context, operation, row);
      const known = usual.get(key) ?? { spans: 0, perSpan: new Map(), callees: new Set() };
      usual.set(key, known);
      known.spans += 1;
      const callee = calleeOf(context.table.names[context.table.nameIds[row] ?? 0] ?? '');
      if (callee !== null) known.callees.add(callee);
      for (const [child, calls] of callsOf(context, row)) {
        const so = known.perSpan.get(child);
        if (so === undefined) known.perSpan.set(child, { calls, spans: 1 });
        else if (so !== 'varies' && so.calls === calls) so.spans += 1;
        else known.perSpan.set(child, 'varies');
      }
    }
  }
  return usual;
}

function isUsual({ spans, perSpan }: UsualCalls, calls: ReadonlyMap<string, number>): boolean {
  for (const child of calls.keys()) if (!perSpan.has(child)) return false;
  for (const [child, known] of perSpan) {
    if (known === 'varies' || known.spans < spans) continue;
    if (calls.get(child) !== known.calls) return false;
  }
  return true;
}

function keyOf({ table }: AssemblyContext, operation: string, row: number): string {
  return JSON.stringify([
    operation,
    table.serviceIds[row] === undefined ? '' : table.services[table.serviceIds[row]],
    plainName(table.names[table.nameIds[row] ?? 0] ?? ''),
  ]);
}

/** By service and name. */
function callsOf({ table, index }: AssemblyContext, row: number): ReadonlyMap<string, number> {
  const calls = new Map<string, number>();
  for (const child of childrenOf(index, row)) {
    const key = `${table.services[table.serviceIds[child] ?? 0]} ${plainName(table.names[table.nameIds[child] ?? 0] ?? '')}`;
    calls.set(key, (calls.get(key) ?? 0) + 1);
  }
  return calls;
}

function childrenOf({ childStarts, rowsByParent }: AssemblyContext['index'], row: number): Uint32Array {
  return rowsByParent.subarray(childStarts[row], childStarts[row + 1]);
}

function hasBelow(context: AssemblyContext, row: number, wanted: ReadonlySet<number>): boolean {
  return [...childrenOf(context.index, row)].some(
    (child) => wanted.has(child) || hasBelow(context, child, wanted),
  );
}

/** A call whose other end did not come speaks against the one that was called. */
function blamedOf({ table }: AssemblyContext, row: number, usual: UsualCalls | undefined): string {
  const [callee, ...others] = usual?.callees ?? [];
  if (callee !== undefined && others.length === 0) return callee;
  return table.services[table.serviceIds[row] ?? 0] ?? '';
}

/** With fewer, a mean says nothing. */
const MINIMUM_TRACES = 5;
/** As in the first line of a report: of the change, and standard errors. */
const TOLD_SHARE = 0.15;
const STANDARD_ERRORS = 2;
/** Pieces of the time of each side, which stand in for instances. */
const PIECES = 4;

interface Growth {
  sure: number;
  any: number;
}

/** By service: seconds a trace, over all operations that both sides have. */
function grownServices(base: Traces, head: Traces): ReadonlyMap<string, Growth> {
  const services = new Map<string, Growth>();
  for (const operation of new Set(head.traces.map((trace) => trace.operation))) {
    const [before, after] = [base, head].map(({ traces }) =>
      traces.filter((trace) => trace.operation === operation),
    );
    if (!before || !after || Math.min(before.length, after.length) < MINIMUM_TRACES) continue;
    const split = splitMean(operation, {
      baseline: piecesOf(base.context, operation, before),
      candidate: piecesOf(head.context, operation, after),
    });
    for (const { span, shift, standardError } of split?.parts ?? []) {
      if (shift <= 0) continue;
      const service = calleeOf(span.name) ?? span.service;
      const growth = services.get(service) ?? { sure: 0, any: 0 };
      services.set(service, growth);
      const seconds = (shift * after.length) / head.traces.length;
      growth.any += seconds;
      const isTold = shift >= TOLD_SHARE * Math.abs(split?.shift ?? 0);
      if (isTold && standardError !== null && shift > STANDARD_ERRORS * standardError) growth.sure += seconds;
    }
  }
  return services;
}

function piecesOf(
  context: AssemblyContext,
  operation: string,
  traces: readonly Trace[],
): readonly PlacedInstance[] {
  const { startSeconds } = context.table;
  const inOrder = traces.toSorted(
    (left, right) => (startSeconds[left.root] ?? 0) - (startSeconds[right.root] ?? 0),
  );
  return Array.from({ length: PIECES }, (_, piece) => {
    const [from, to] = [piece, piece + 1].map((part) => Math.floor((part * inOrder.length) / PIECES));
    const own = inOrder.slice(from, to);
    return own.length === 0 ? [] : [placed(String(piece), { [operation]: recordOf(context, own) })];
  }).flat();
}

function recordOf(context: AssemblyContext, traces: readonly Trace[]): OperationRecord {
  const collector = new RequestCollector(context);
  for (const { rows, root } of traces) collector.addTrace(rows, { content: 0, root });
  const { spans, critical } = collector.finish();
  const latency = distributionOf(
    Float64Array.from(traces, ({ root }) => context.table.durationSeconds[root] ?? 0),
  );
  const records = [...spans].map(([id, { calls, errors }]) => [
    id satisfies SpanKeyId,
    { calls, errors, critical: critical.seconds.get(id) ?? 0 },
  ]);
  return {
    requests: traces.length,
    traces: traces.length,
    errors: {},
    ...(latency && { latency }),
    spans: Object.fromEntries(records),
  };
}

function placed(id: string, operations: PlacedInstance['instance']['operations']): PlacedInstance {
  const spans = 0;
  const quality = {
    requestsCompleted: 0,
    rootSpans: 0,
    spans,
    orphanSpans: 0,
    droppedSpans: 0,
    overflowSpans: 0,
    outsideSpans: 0,
  };
  return {
    round: id,
    instance: { id, processes: [], operations, outsideRequests: {}, throughput: 0, metrics: [], quality },
  };
}
