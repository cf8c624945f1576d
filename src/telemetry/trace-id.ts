/**
 * Trace ids that the load generator mints, and what they say. A trace id carries which request of the workload it
 * was, so that spans find their operation without any table of requests: nothing has to be kept per request.
 *
 * Layout, 16 bytes: run tag (4) · phase (1) · instance (1) · request (2) · content slot (2) · random (6).
 * Samplers that decide by trace id read the last 7 bytes (W3C Trace Context Level 2); six of those are random here.
 */

export type Phase = 'login' | 'warm-up' | 'measured' | 'probe';

const PHASES: readonly Phase[] = ['login', 'warm-up', 'measured', 'probe'];

export interface TraceOrigin {
  readonly phase: Phase;
  /** 0-based index of the instance in its round. */
  readonly instance: number;
  /** 0-based index of the request in the workload. */
  readonly request: number;
  /** 0-based slot of the seeded content sequence of that request. */
  readonly content: number;
}

/** Which traces are meant. */
export interface WantedOrigins {
  readonly phase: Phase;
  /** Number of requests of the workload. */
  readonly requests: number;
  /** Only traces minted for this instance; all where left out. */
  readonly instance?: number;
}

export function isWanted(origin: TraceOrigin, { phase, requests, instance }: WantedOrigins): boolean {
  return (
    origin.phase === phase &&
    origin.request < requests &&
    (instance === undefined || origin.instance === instance)
  );
}

/** A number that marks the traces of one run, 1 to 2^32 - 1. */
export type RunTag = number;

/**
 * @param serial counts the requests of a run from 0; it makes ids unique.
 * @returns 32 lower-case hex digits
 */
export function mintTraceId(runTag: RunTag, origin: TraceOrigin, serial: number): string {
  const low = mix32(serial ^ runTag);
  const high = mix32(low ^ 0x9e3779b9) & 0xffff;
  return (
    hex(runTag, 8) +
    hex(PHASES.indexOf(origin.phase), 2) +
    hex(origin.instance, 2) +
    hex(origin.request, 4) +
    hex(origin.content, 4) +
    hex(high, 4) +
    hex(low, 8)
  );
}

/** The span id of the client side of a minted trace: the parent of the service's root span. Never all zero. */
export function mintSpanId(traceId: string): string {
  return `e5${traceId.slice(18)}`;
}

/** Whether `spanId` is the parent that was minted for `traceId`. */
export function isMintedParent(traceId: string, spanId: string): boolean {
  return spanId === mintSpanId(traceId);
}

/** W3C `traceparent` of a minted trace, sampled, so that every parent-based sampler records it. */
export function traceparent(traceId: string): string {
  return `00-${traceId}-${mintSpanId(traceId)}-01`;
}

/** What a trace id says, or null where it was not minted for this run. */
export function parseTraceId(runTag: RunTag, traceId: string): TraceOrigin | null {
  if (traceId.length !== 32 || traceId.slice(0, 8) !== hex(runTag, 8)) return null;
  const phase = PHASES[Number.parseInt(traceId.slice(8, 10), 16)];
  if (phase === undefined) return null;
  return {
    phase,
    instance: Number.parseInt(traceId.slice(10, 12), 16),
    request: requestOf(traceId),
    content: Number.parseInt(traceId.slice(16, 20), 16),
  };
}

/** As `parseTraceId`, of a trace id in four words, for loops over many spans. */
export function parseTraceWords(
  runTag: RunTag,
  words: Uint32Array,
  at: number,
): Omit<TraceOrigin, 'content'> | null {
  const second = words[at + 1] ?? 0;
  const phase = PHASES[second >>> 24];
  if (words[at] !== runTag || phase === undefined) return null;
  return { phase, instance: (second >>> 16) & 0xff, request: second & 0xffff };
}

/** As `isMintedParent`, of a row of columns with four words a trace id and two a span id. */
export function hasMintedParent(
  { traceIds, parentIds }: { readonly traceIds: Uint32Array; readonly parentIds: Uint32Array },
  row: number,
): boolean {
  const high = (0xe5000000 | ((traceIds[row * 4 + 2] ?? 0) & 0xff_ffff)) >>> 0;
  return parentIds[row * 2] === high && parentIds[row * 2 + 1] === traceIds[row * 4 + 3];
}

/**
 * The serial of a minted trace: requests of a run, in the order in which they were sent.
 *
 * @param last word of the trace id
 */
export function serialOf(runTag: RunTag, last: number): number {
  return (unmix32(last) ^ runTag) >>> 0;
}

/** How the trace ids of a run begin, as text. */
export function traceIdStart(runTag: RunTag): string {
  return hex(runTag, 8);
}

/** The request of a minted trace, whatever its run; any number for another trace. */
export function requestOf(traceId: string): number {
  return Number.parseInt(traceId.slice(12, 16), 16);
}

/** A permutation of the 32-bit integers, so distinct serials give distinct ids (finaliser of MurmurHash3). */
function mix32(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The inverse of `mix32`. */
function unmix32(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x7ed1b41d);
  h ^= (h >>> 13) ^ (h >>> 26);
  h = Math.imul(h, 0xa5cb9243);
  return (h ^ (h >>> 16)) >>> 0;
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, '0');
}
