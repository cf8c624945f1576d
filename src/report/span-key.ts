/** Reads a span key id of a measurement. Reports import types only, so this stands beside `parseSpanKeyId`. */
import type { SpanKey, SpanKeyId } from '../measurement.ts';

/** What is no span key id is shown as an internal span of that name: a report never fails over a name. */
export function spanKeyOf(id: SpanKeyId): SpanKey {
  const match = /^(internal|server|client|producer|consumer):([^:]*):(.*)$/s.exec(id);
  if (!match) return { kind: 'internal', service: '', name: id };
  const [, kind, service = '', name = ''] = match;
  return { kind: kind as SpanKey['kind'], service: decoded(service), name };
}

/** As `spanKeyId` of the measurement writes it. */
export function idOfSpanKey({ kind, service, name }: SpanKey): SpanKeyId {
  return `${kind}:${service.replace(/[%:]/g, encodeURIComponent)}:${name}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
