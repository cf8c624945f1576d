/** Services, span names and calls that the baseline has: gone, many under one name, or far more of them. Pure. */
import { type Measurement, parseSpanKeyId, type SpanKeyId } from '../measurement.ts';
import type { CoverageFinding, CoverageSides } from './coverage.ts';
import { listed, quoted } from './listed.ts';
import { type OperationSpans, operationSpans, outsideKeys } from './span-names.ts';

/** With fewer calls that should have been made, that there is none may be chance. */
const MINIMUM_EXPECTED = 10;
/** Calls a request; those that come and go in fewer are of a pool that connects, or a cache that fills up. */
const RARE = 0.1;

/** A service none of whose spans is there any more; its rows say so one by one. */
export function missingServices({ baseline, candidate }: CoverageSides): readonly CoverageFinding[] {
  const now = new Set(namesByService(candidate).keys());
  const before = operationSpans(baseline);
  const after = operationSpans(candidate);
  return [...namesByService(baseline)].flatMap(([service, names]) => {
    if (now.has(service) || !isExpected(service, before, after)) return [];
    return [
      {
        state: 'missing' as const,
        service,
        message: `No span of ${quoted(service)} came any more; the baseline has ${names.size} span names of it. Is it not called any more, or does it not send its spans here?`,
      },
    ];
  });
}

function isExpected(
  service: string,
  before: ReadonlyMap<string, OperationSpans>,
  after: ReadonlyMap<string, OperationSpans>,
): boolean {
  let expected = 0;
  for (const [operation, { calls, traces }] of before) {
    for (const [id, count] of calls) {
      if (parseSpanKeyId(id).service !== service || traces === 0) continue;
      expected += (count / traces) * (after.get(operation)?.traces ?? 0);
    }
  }
  return expected >= MINIMUM_EXPECTED;
}

/** A call whose two ends are both there, and that is not made any more: the one now stands elsewhere. */
export function missingCalls({ baseline, candidate }: CoverageSides): readonly CoverageFinding[] {
  const [before, after] = [operationSpans(baseline), operationSpans(candidate)];
  const gone = Object.entries(baseline.merged).flatMap(([operation, { edges = {} }]) => {
    const now = candidate.merged[operation]?.edges;
    const [was, is] = [before.get(operation), after.get(operation)];
    if (!now || !was || !is || was.traces === 0) return [];
    return Object.entries(edges).flatMap(([parent, below]) =>
      Object.entries(below).flatMap(([child, { calls }]) => {
        const isGone =
          now[parent]?.[child] === undefined &&
          is.calls.has(parent) &&
          is.calls.has(child) &&
          isSteady(calls / was.traces, is);
        return isGone ? [`${nameOf(parent)} -> ${nameOf(child)}`] : [];
      }),
    );
  });
  const distinct = [...new Set(gone)];
  if (distinct.length === 0) return [];
  return [
    {
      state: 'missing',
      message: `Spans that the baseline has below one another are apart now: ${listed(distinct)}. Was the call moved, or was its context lost on the way?`,
    },
  ];
}

/** Many names that are gone, and one that is new and called as often as all of them: a route template was lost. */
export function collapsedNames({ baseline, candidate }: CoverageSides): readonly CoverageFinding[] {
  const after = operationSpans(candidate);
  const collapsed = new Map<SpanKeyId, Set<string>>();
  for (const [operation, was] of operationSpans(baseline)) {
    const now = after.get(operation);
    if (!now || was.traces === 0 || now.traces === 0) continue;
    const groups = groupsOf(goneFrom(was, now), goneFrom(now, was));
    for (const { gone, added } of groups) {
      const [only] = added;
      if (!only || added.length > 1 || !isAsOften(gone, only)) continue;
      const names = collapsed.get(only.id) ?? new Set();
      collapsed.set(only.id, names);
      for (const { id } of gone) names.add(parseSpanKeyId(id).name);
    }
  }
  return [...collapsed].flatMap(([id, names]) => {
    if (names.size < 2) return [];
    const { name, service } = parseSpanKeyId(id);
    return [
      {
        state: 'collapsed' as const,
        service,
        message: `${names.size} span names of ${quoted(service)} (${listed([...names])}) have become one, ${quoted(name)}, so its rows mix what differs. Does the span still know its route, or what it works on?`,
      },
    ];
  });
}

function isSteady(callsPerTrace: number, { traces }: OperationSpans): boolean {
  return callsPerTrace >= RARE && callsPerTrace * traces >= MINIMUM_EXPECTED;
}

interface Placed {
  readonly id: SpanKeyId;
  readonly callsPerTrace: number;
}

/** Keys of `own` that the other side lacks, and would have had. */
function goneFrom(own: OperationSpans, other: OperationSpans): readonly Placed[] {
  return [...own.calls].flatMap(([id, calls]) => {
    const callsPerTrace = calls / own.traces;
    return isSteady(callsPerTrace, other) && !other.calls.has(id) ? [{ id, callsPerTrace }] : [];
  });
}

/** By service and kind. */
function groupsOf(gone: readonly Placed[], added: readonly Placed[]) {
  const groups = new Map<string, { readonly gone: Placed[]; readonly added: Placed[] }>();
  for (const side of ['gone', 'added'] as const) {
    for (const placed of side === 'gone' ? gone : added) {
      const { kind, service } = parseSpanKeyId(placed.id);
      const key = `${kind} ${service}`;
      const group = groups.get(key) ?? { gone: [], added: [] };
      groups.set(key, group);
      group[side].push(placed);
    }
  }
  return [...groups.values()].filter((group) => group.gone.length > 0 && group.added.length > 0);
}

/** Calls may differ by so much: those that vary do so by chance. */
const LIKE_CALLS = 1.25;

function isAsOften(gone: readonly Placed[], { callsPerTrace }: Placed): boolean {
  const before = gone.reduce((sum, placed) => sum + placed.callsPerTrace, 0);
  return callsPerTrace <= before * LIKE_CALLS && before <= callsPerTrace * LIKE_CALLS;
}

/** Twice as many, and ten more: new code has a few names of its own. */
const MULTIPLE = 2;
const FEW = 10;

/** Far more names than before: most often one holds an id. */
export function multipliedNames({ baseline, candidate }: CoverageSides): readonly CoverageFinding[] {
  const before = namesByService(baseline);
  return [...namesByService(candidate)].flatMap(([service, names]) => {
    const known = before.get(service);
    if (!known || names.size < MULTIPLE * known.size || names.size < known.size + FEW) return [];
    const added = [...names].filter((name) => !known.has(name)).sort();
    return [
      {
        state: 'names-multiply' as const,
        service,
        message: `${quoted(service)} makes ${names.size} span names, and ${known.size} in the baseline; new are ${listed(added)}. If a name holds an id, give the span a name with a placeholder.`,
      },
    ];
  });
}

function namesByService(measurement: Measurement): ReadonlyMap<string, ReadonlySet<string>> {
  const services = new Map<string, Set<string>>();
  const operations = [...operationSpans(measurement).values()].flatMap(({ calls }) => [...calls.keys()]);
  for (const id of [...operations, ...outsideKeys(measurement)]) {
    const { service, name } = parseSpanKeyId(id);
    const names = services.get(service) ?? new Set();
    services.set(service, names.add(name));
  }
  return services;
}

function nameOf(id: SpanKeyId): string {
  return parseSpanKeyId(id).name;
}
