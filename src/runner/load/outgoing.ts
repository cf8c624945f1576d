/** A request as a driver sends it: its content, and what only this sending has. */
import { mintTraceId, type RunTag, type TraceOrigin, traceparent } from '../../telemetry/trace-id.ts';
import type { Content, RenderedRequest } from './content.ts';
import type { Session } from './session.ts';

export interface Outgoing {
  readonly request: RenderedRequest;
  readonly traceId: string;
  /** Value of the `cookie` header; empty for none. */
  readonly cookie: string;
}

export interface Sending {
  readonly runTag: RunTag;
  readonly origin: TraceOrigin;
  /** Counts the sendings of a round, so that ids are unique. */
  readonly serial: number;
}

export function outgoing(content: Content, session: Session, sending: Sending): Outgoing {
  const { runTag, origin, serial } = sending;
  return {
    request:
      content.fixed ?? content.render(session.known, () => uniqueStart(runTag, origin.instance, serial)),
    traceId: mintTraceId(runTag, origin, serial),
    cookie: session.cookieHeader,
  };
}

/** The headers that a content does not have. */
export function ownHeaders({ traceId, cookie }: Outgoing): Record<string, string> {
  return cookie === ''
    ? { traceparent: traceparent(traceId) }
    : { traceparent: traceparent(traceId), cookie };
}

/**
 * Beginning of a version 4 UUID (24 characters, with its last hyphen): unique in a run, and of equal length for all,
 * so that no instance sends longer ids than another. Its random bits are the serial, the instance and the run tag.
 */
export function uniqueStart(runTag: RunTag, instance: number, serial: number): string {
  const tag = hex(runTag, 8);
  return `${hex(serial, 8)}-${hex(instance, 2)}${tag.slice(0, 2)}-4${tag.slice(2, 5)}-8${tag.slice(5)}-`;
}

function hex(value: number, digits: number): string {
  return (value >>> 0).toString(16).padStart(digits, '0');
}
