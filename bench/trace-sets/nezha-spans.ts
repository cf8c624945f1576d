/**
 * Reads the traces of the Nezha set (https://github.com/IntelligentDDS/Nezha) into a span table. Pure.
 *
 * A span there has neither kind nor status, so no error can be read of it. Kinds are told from the other end: a span
 * with a child in another service is a CLIENT span, and its name gets the service that it calls; that child is a SERVER
 * span, and so is a root.
 */
import type { SpanKind } from '../../src/measurement.ts';
import { SPAN_KINDS, type SpanTable } from '../../src/telemetry/span-table.ts';

const COLUMNS = 'TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration';

interface NezhaSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly service: string;
  readonly name: string;
  readonly start: bigint;
  readonly end: bigint;
}

/** @param csv text of one or more files `trace/HH_MM_trace.csv`, one after another */
export function nezhaSpans(csv: string): SpanTable {
  return tableOf(csv.split(/\r?\n/).flatMap((line, index) => spanOf(line, index + 1)));
}

/** `frontend` of the pod `frontend-579b9bff58-t2dbm`. */
export function serviceOfPod(pod: string): string {
  return pod.replace(/-[^-]+-[^-]+$/, '');
}

function spanOf(line: string, place: number): NezhaSpan[] {
  if (line === '' || line === COLUMNS) return [];
  const cells = line.split(',');
  const [traceId, spanId, parentId, pod] = cells;
  // A name may have commas.
  const [start, end] = cells.slice(-3);
  if (!traceId || !spanId || !parentId || !pod || !/^\d+$/.test(start ?? '') || !/^\d+$/.test(end ?? '')) {
    throw new Error(`line ${place} of the traces is no span: ${line.slice(0, 80)}; expected are ${COLUMNS}`);
  }
  const name = cells.slice(4, -3).join(',');
  const service = serviceOfPod(pod);
  return [{ traceId, spanId, parentId, service, name, start: BigInt(start ?? 0), end: BigInt(end ?? 0) }];
}

const NANOSECONDS = 1_000_000_000n;

function tableOf(spans: readonly NezhaSpan[]): SpanTable {
  const keys = keysOf(spans);
  const [names, services] = [new Strings(['']), new Strings([])];
  const epoch =
    (spans.reduce((least, { start }) => (start < least ? start : least), spans[0]?.start ?? 0n) /
      NANOSECONDS) *
    NANOSECONDS;
  return {
    count: spans.length,
    names: names.all,
    services: services.all,
    errorTypes: [''],
    epochSeconds: Number(epoch / NANOSECONDS),
    startSeconds: Float64Array.from(spans, ({ start }) => Number(start - epoch) / 1e9),
    durationSeconds: Float64Array.from(spans, ({ start, end }) => Math.max(0, Number(end - start)) / 1e9),
    traceIds: words(spans, ({ traceId }) => traceId, 4),
    spanIds: words(spans, ({ spanId }) => spanId, 2),
    parentIds: words(spans, ({ parentId }) => (parentId === 'root' ? '' : parentId), 2),
    nameIds: Uint32Array.from(keys, ({ name }) => names.idOf(name)),
    serviceIds: Uint16Array.from(spans, ({ service }) => services.idOf(service)),
    processIds: new Uint16Array(spans.length),
    errorTypeIds: new Uint16Array(spans.length),
    httpStatuses: new Uint16Array(spans.length),
    kinds: Uint8Array.from(keys, ({ kind }) => SPAN_KINDS.indexOf(kind)),
    statuses: new Uint8Array(spans.length),
    flags: new Uint8Array(spans.length),
  };
}

function keysOf(spans: readonly NezhaSpan[]): readonly { readonly kind: SpanKind; readonly name: string }[] {
  const byId = new Map(spans.map((span) => [span.traceId + span.spanId, span]));
  const callees = new Map<NezhaSpan, string>();
  const parents = spans.map((span) => byId.get(span.traceId + span.parentId));
  for (const [index, span] of spans.entries()) {
    const parent = parents[index];
    if (parent && parent.service !== span.service) callees.set(parent, span.service);
  }
  return spans.map((span, index) => {
    const [callee, parent] = [callees.get(span), parents[index]];
    // One that is called over there, and calls on by itself, is still the one that is called.
    if (span.parentId === 'root' || (parent && parent.service !== span.service))
      return { kind: 'server', name: span.name };
    return callee === undefined
      ? { kind: 'internal', name: span.name }
      : { kind: 'client', name: `${span.name}${CALLS}${callee}` };
  });
}

const CALLS = ' -> ';

/** The service that a span of kind CLIENT calls. */
export function calleeOf(name: string): string | null {
  const at = name.lastIndexOf(CALLS);
  return at === -1 ? null : name.slice(at + CALLS.length);
}

/** Ids in hexadecimal, in words of 32 bits. */
function words(spans: readonly NezhaSpan[], idOf: (span: NezhaSpan) => string, size: number): Uint32Array {
  const all = new Uint32Array(spans.length * size);
  for (const [row, span] of spans.entries()) {
    const id = idOf(span).padStart(size * 8, '0');
    for (let word = 0; word < size; word += 1) {
      all[row * size + word] = Number.parseInt(id.slice(word * 8, word * 8 + 8), 16);
    }
  }
  return all;
}

class Strings {
  readonly all: string[];
  readonly #ids = new Map<string, number>();

  constructor(reserved: readonly string[]) {
    this.all = [];
    for (const text of reserved) this.idOf(text);
  }

  idOf(text: string): number {
    const id = this.#ids.get(text) ?? this.all.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }
}
