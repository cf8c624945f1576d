/** Span tables from spans that are written by hand. */
import type { SpanKind } from '../../src/measurement.ts';
import { SPAN_KINDS, type SpanTable } from '../../src/telemetry/span-table.ts';
import { mintSpanId, mintTraceId, type Phase } from '../../src/telemetry/trace-id.ts';

export const DRAWN_RUN_TAG = 0xd4a3;

export interface DrawnSpan {
  /** Traces of the run by what they are and a serial number; a string is a trace that the run did not mint. */
  readonly trace: string | DrawnTrace;
  /** Number of the span, unique in the drawing. */
  readonly id: number;
  /** `minted`: the load generator; null: none; a number that no span has: lost. */
  readonly parent: number | 'minted' | null;
  readonly name: string;
  readonly kind?: SpanKind;
  readonly service?: string;
  readonly error?: string;
  /** By a sampler. */
  readonly adjustedCount?: number;
  /** Traces that it links to. */
  readonly links?: readonly DrawnSpan['trace'][];
  readonly start: number;
  readonly duration: number;
}

interface DrawnTrace {
  readonly request: number;
  readonly content?: number;
  readonly phase?: Phase;
  readonly instance?: number;
  readonly serial: number;
}

export function drawnTraceId(trace: DrawnSpan['trace']): string {
  if (typeof trace === 'string') return trace.padStart(32, 'f');
  const { request, content = 0, phase = 'measured', instance = 0, serial } = trace;
  return mintTraceId(DRAWN_RUN_TAG, { request, content, phase, instance }, serial);
}

export function drawTable(spans: readonly DrawnSpan[]): SpanTable {
  const names = ['(other spans)'];
  const services: string[] = [];
  const errorTypes = [''];
  const intern = (strings: string[], text: string): number => {
    if (!strings.includes(text)) strings.push(text);
    return strings.indexOf(text);
  };
  return {
    count: spans.length,
    names,
    services,
    errorTypes,
    epochSeconds: 1_000_000,
    startSeconds: Float64Array.from(spans, ({ start }) => start),
    durationSeconds: Float64Array.from(spans, ({ duration }) => duration),
    traceIds: words(spans.map(({ trace }) => drawnTraceId(trace))),
    spanIds: words(spans.map(({ id }) => spanId(id))),
    parentIds: words(
      spans.map(({ parent, trace }) => {
        if (parent === null) return '0'.repeat(16);
        return parent === 'minted' ? mintSpanId(drawnTraceId(trace)) : spanId(parent);
      }),
    ),
    nameIds: Uint32Array.from(spans, ({ name }) => intern(names, name)),
    serviceIds: Uint16Array.from(spans, ({ service = 'shop' }) => intern(services, service)),
    processIds: new Uint16Array(spans.length),
    errorTypeIds: Uint16Array.from(spans, ({ error = '' }) => intern(errorTypes, error)),
    httpStatuses: new Uint16Array(spans.length),
    kinds: Uint8Array.from(spans, ({ kind = 'internal' }) => SPAN_KINDS.indexOf(kind)),
    statuses: Uint8Array.from(spans, ({ error }) => (error === undefined ? 0 : 2)),
    flags: new Uint8Array(spans.length),
    ...(spans.some(({ adjustedCount }) => adjustedCount !== undefined) && {
      adjustedCounts: Float64Array.from(spans, ({ adjustedCount = 1 }) => adjustedCount),
    }),
    links: new Map(
      spans.flatMap(({ links }, row) => (links ? [[row, links.map(drawnTraceId)] as const] : [])),
    ),
  };
}

function spanId(id: number): string {
  return (id + 1).toString(16).padStart(16, '0');
}

function words(ids: readonly string[]): Uint32Array {
  return Uint32Array.from(
    ids.flatMap((id) => (id.match(/.{8}/g) ?? []).map((word) => Number.parseInt(word, 16))),
  );
}
