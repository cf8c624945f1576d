/**
 * The outside of all three requests of OTLP, which is the same: a list of resources, each with scopes, each with
 * spans, metrics or log records.
 */
import { type PlainValue, plainValueText, readAttributes } from './any-value.ts';
import { WIRE, WireReader } from './wire-reader.ts';

export interface MessageResource {
  /** Empty where the resource names none. */
  readonly service: string;
  /** 0 where it is not known. */
  readonly pid: number;
  /** All attributes as one text: another process has another one. */
  readonly identity: string;
}

/** The reader stands at the first byte of a message that ends at `end`, and has to be there when this returns. */
export type MessageReader = (message: {
  readonly resource: MessageResource;
  /** Of the library that made it, `scopeIdentity`. */
  readonly scope: string;
  readonly end: number;
}) => void;

/** @throws MalformedMessage; messages before that place have been read */
export function resourceMessages(reader: WireReader, read: MessageReader): void {
  const end = reader.bytes.byteLength;
  while (reader.next(end)) {
    if (reader.is(1, WIRE.bytes)) ofResource(reader, reader.endOfBytes(end), read);
    else reader.skip(end);
  }
}

function ofResource(reader: WireReader, end: number, read: MessageReader): void {
  const from = reader.at;
  let attributes: readonly (readonly [string, PlainValue])[] = [];
  // The resource may stand behind its scopes: fields have no order.
  while (reader.next(end)) {
    if (reader.is(1, WIRE.bytes)) attributes = readAttributes(reader, reader.endOfBytes(end), 1);
    else reader.skip(end);
  }
  const resource = messageResource(attributes);
  reader.at = from;
  while (reader.next(end)) {
    if (!reader.is(2, WIRE.bytes)) {
      reader.skip(end);
      continue;
    }
    const scopeEnd = reader.endOfBytes(end);
    const begin = reader.at;
    const scope = scopeOf(reader, scopeEnd);
    reader.at = begin;
    while (reader.next(scopeEnd)) {
      if (reader.is(2, WIRE.bytes)) read({ resource, scope, end: reader.endOfBytes(scopeEnd) });
      else reader.skip(scopeEnd);
    }
  }
}

/** Senders write it first; where it stands behind the messages, they are jumped over. */
function scopeOf(reader: WireReader, end: number): string {
  let name = '';
  let version = '';
  while (reader.next(end)) {
    if (!reader.is(1, WIRE.bytes)) {
      reader.skip(end);
      continue;
    }
    const to = reader.endOfBytes(end);
    while (reader.next(to)) {
      if (reader.is(1, WIRE.bytes)) name = reader.text(reader.endOfBytes(to));
      else if (reader.is(2, WIRE.bytes)) version = reader.text(reader.endOfBytes(to));
      else reader.skip(to);
    }
    break;
  }
  return scopeIdentity(name, version);
}

export function scopeIdentity(name: unknown, version: unknown): string {
  return `${typeof name === 'string' ? name : ''}@${typeof version === 'string' ? version : ''}`;
}

export function messageResource(attributes: readonly (readonly [string, PlainValue])[]): MessageResource {
  let service = '';
  let pid = 0;
  for (const [key, value] of attributes) {
    if (key === 'service.name') service = plainValueText(value);
    else if (key === 'process.pid' && typeof value === 'number') pid = value;
  }
  return { service, pid, identity: JSON.stringify(attributes) };
}

/**
 * Walks down to the messages, jumping over each: what a receiver can afford before it answers.
 *
 * @returns how many there are
 * @throws MalformedMessage
 */
export function countMessages(body: Uint8Array): number {
  const reader = new WireReader(body);
  let messages = 0;
  const walk = (end: number, depth: number): void => {
    while (reader.next(end)) {
      if (!reader.is(depth === 0 ? 1 : 2, WIRE.bytes)) reader.skip(end);
      else if (depth === 2) {
        messages += 1;
        reader.at = reader.endOfBytes(end);
      } else walk(reader.endOfBytes(end), depth + 1);
    }
  };
  walk(body.byteLength, 0);
  return messages;
}
