/**
 * Splits the change of an operation's mean latency over the spans below it, so that the parts add up. Means add up;
 * quantiles do not, so the split of p95 is that of the mean of the slowest tenth.
 */
import { mean, sampleVariance, sum } from 'simple-statistics';
import { parseSpanKeyId, type SpanKeyId } from '../measurement.ts';
import type { TimePart, TimeSplit } from './explanation.ts';
import type { PlacedInstance } from './series.ts';

/** The instances of both sides, all rounds that count. */
export interface BothSides {
  readonly baseline: readonly PlacedInstance[];
  readonly candidate: readonly PlacedInstance[];
}

/** Ids of the baseline that are called otherwise by the candidate: one part, under its new name. */
export type NewNames = ReadonlyMap<SpanKeyId, SpanKeyId>;

const NO_NEW_NAMES: NewNames = new Map();

/** What one instance says of an operation: seconds and calls of each span, over so many traces. */
interface Tally {
  readonly traces: number;
  readonly seconds: ReadonlyMap<SpanKeyId, number>;
  readonly calls: ReadonlyMap<SpanKeyId, number>;
}

/** @returns null where a side has no latency of the operation */
export function splitMean(
  operation: string,
  sides: BothSides,
  newNames: NewNames = NO_NEW_NAMES,
): TimeSplit | null {
  const whole = {
    baseline: meanLatency(operation, sides.baseline),
    candidate: meanLatency(operation, sides.candidate),
  };
  if (whole.baseline === null || whole.candidate === null) return null;
  const by = hasPaths(operation, sides) ? 'critical-path' : 'self-time';
  const tallies = (instances: readonly PlacedInstance[]): readonly Tally[] =>
    instances.flatMap(({ instance }) => meanTally(instance.operations[operation], by) ?? []);
  const parts = partsOf(renamed(tallies(sides.baseline), newNames), tallies(sides.candidate));
  return splitOf(by, { baseline: whole.baseline, candidate: whole.candidate }, parts);
}

/** Of the slowest tenth of the traces. @returns null where a side does not have it */
export function splitTail(
  operation: string,
  sides: BothSides,
  newNames: NewNames = NO_NEW_NAMES,
): TimeSplit | null {
  const tallies = (instances: readonly PlacedInstance[]): readonly Tally[] =>
    instances.flatMap(({ instance }) => tailTally(instance.operations[operation]) ?? []);
  const [before, after] = [renamed(tallies(sides.baseline), newNames), tallies(sides.candidate)];
  if (before.length === 0 || after.length === 0) return null;
  const parts = partsOf(before, after);
  const whole = {
    baseline: sum(parts.map(({ baseline }) => baseline)),
    candidate: sum(parts.map(({ candidate }) => candidate)),
  };
  return splitOf('critical-path', whole, parts);
}

function renamed(tallies: readonly Tally[], newNames: NewNames): readonly Tally[] {
  if (newNames.size === 0) return tallies;
  const under = (values: ReadonlyMap<SpanKeyId, number>): ReadonlyMap<SpanKeyId, number> =>
    new Map([...values].map(([id, value]) => [newNames.get(id) ?? id, value]));
  return tallies.map(({ traces, seconds, calls }) => ({
    traces,
    seconds: under(seconds),
    calls: under(calls),
  }));
}

type Operation = PlacedInstance['instance']['operations'][string] | undefined;

function hasPaths(operation: string, { baseline, candidate }: BothSides): boolean {
  return [...baseline, ...candidate].every(({ instance }) =>
    Object.values(instance.operations[operation]?.spans ?? {}).every(
      ({ critical }) => critical !== undefined,
    ),
  );
}

function meanLatency(operation: string, instances: readonly PlacedInstance[]): number | null {
  const latencies = instances.flatMap(({ instance }) => instance.operations[operation]?.latency ?? []);
  const count = sum(latencies.map((latency) => latency.count));
  return count === 0 ? null : sum(latencies.map((latency) => latency.sum)) / count;
}

function meanTally(operation: Operation, by: TimeSplit['by']): Tally | null {
  const all = operation?.traces ?? operation?.requests ?? 0;
  if (!operation || all === 0) return null;
  const traces = by === 'critical-path' ? (operation.answeredTraces ?? all) : all;
  const spans = Object.entries(operation.spans);
  return {
    traces,
    seconds: new Map(
      spans.map(([id, span]) => [id, (by === 'critical-path' ? span.critical : span.self?.sum) ?? 0]),
    ),
    calls: callsIn(traces, operation),
  };
}

function tailTally(operation: Operation): Tally | null {
  if (!operation?.tail || operation.tail.traces === 0) return null;
  const { traces, critical } = operation.tail;
  return { traces, seconds: new Map(Object.entries(critical)), calls: callsIn(traces, operation) };
}

/** As many as all traces have on average: those whose paths are known do not count their own. */
function callsIn(traces: number, operation: NonNullable<Operation>): ReadonlyMap<SpanKeyId, number> {
  const scale = traces / (operation.traces ?? operation.requests);
  return new Map(Object.entries(operation.spans).map(([id, { calls }]) => [id, calls * scale]));
}

function splitOf(
  by: TimeSplit['by'],
  whole: { readonly baseline: number; readonly candidate: number },
  parts: readonly TimePart[],
): TimeSplit {
  const rest = {
    baseline: whole.baseline - sum(parts.map(({ baseline }) => baseline)),
    candidate: whole.candidate - sum(parts.map(({ candidate }) => candidate)),
  };
  return {
    by,
    ...whole,
    shift: whole.candidate - whole.baseline,
    parts: parts.toSorted((left, right) => Math.abs(right.shift) - Math.abs(left.shift)),
    rest: { ...rest, shift: rest.candidate - rest.baseline },
  };
}

function partsOf(before: readonly Tally[], after: readonly Tally[]): readonly TimePart[] {
  const ids = new Set([...before, ...after].flatMap(({ calls }) => [...calls.keys()]));
  return [...ids].sort().map((id) => partOf(id, before, after));
}

function partOf(id: SpanKeyId, before: readonly Tally[], after: readonly Tally[]): TimePart {
  const [baseline, candidate] = [perTrace(before, id, 'seconds'), perTrace(after, id, 'seconds')];
  const calls = { baseline: perTrace(before, id, 'calls'), candidate: perTrace(after, id, 'calls') };
  const shift = candidate - baseline;
  const byCalls = shiftByCalls({ baseline, candidate }, calls);
  return {
    span: parseSpanKeyId(id),
    baseline,
    candidate,
    shift,
    standardError: standardErrorOf(id, before, after),
    calls,
    byCalls,
    byTimeOfCall: shift - byCalls,
  };
}

function perTrace(tallies: readonly Tally[], id: SpanKeyId, what: 'seconds' | 'calls'): number {
  const traces = sum(tallies.map((tally) => tally.traces));
  return traces === 0 ? 0 : sum(tallies.map((tally) => tally[what].get(id) ?? 0)) / traces;
}

/**
 * Seconds are calls times the time of a call, so their change is (change of calls) x (mean time of a call) plus
 * (mean calls) x (change of the time), where the means are those of the two sides: nothing is left over.
 */
function shiftByCalls(
  seconds: { readonly baseline: number; readonly candidate: number },
  calls: { readonly baseline: number; readonly candidate: number },
): number {
  if (calls.baseline === 0 || calls.candidate === 0) return seconds.candidate - seconds.baseline;
  const times = [seconds.baseline / calls.baseline, seconds.candidate / calls.candidate];
  return (calls.candidate - calls.baseline) * mean(times);
}

/** Instances are the replicates: as of two means, each side with a variance of its own. */
function standardErrorOf(id: SpanKeyId, before: readonly Tally[], after: readonly Tally[]): number | null {
  if (before.length < 2 || after.length < 2) return null;
  const variance = (tallies: readonly Tally[]): number =>
    sampleVariance(tallies.map(({ traces, seconds }) => (seconds.get(id) ?? 0) / traces)) / tallies.length;
  return Math.sqrt(variance(before) + variance(after));
}
