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

export function isSame(left: SpanKey, right: SpanKey): boolean {
  return left.name === right.name && left.service === right.service && left.kind === right.kind;
}

/** As `serviceParts` of the measurement reads the name of a service that is split, `orders{cloud.region=eu}`. */
export function splitServiceOf(name: string): {
  readonly service: string;
  readonly resource: Readonly<Record<string, string>>;
} {
  const match = /^([^{}]*)\{([^{}]+)\}$/.exec(name);
  const pairs = match?.[2]?.split(',').map((pair) => /^([^=]+)=([^=]*)$/.exec(pair)) ?? [null];
  if (!pairs.every((pair) => pair !== null)) return { service: name, resource: {} };
  const entries = pairs.map(([, key = '', value = '']) => [key, decoded(value)] as const);
  return { service: match?.[1] ?? '', resource: Object.fromEntries(entries) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
