/** AnyValue of opentelemetry-proto 1.11.0, `common.proto`: what a log record says, and what attributes hold. */
import { isObject, type Json, listOf } from './json-request.ts';
import { WIRE, type WireReader } from './wire-reader.ts';

/** A text, number, truth value, list or mapping; null where there is none. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** Deeper ones are cut off: nobody reads them, and an attack could nest without end. */
const DEEPEST = 8;

/** So many values of one list or mapping, all depths together: two bytes of a request can be a value of fifty. */
const MOST_VALUES = 1000;

interface Limits {
  depth: number;
  left: number;
}

/** @throws MalformedMessage */
export function readAnyValue(reader: WireReader, end: number, limits: Limits = noneUsed()): PlainValue {
  let value: PlainValue = null;
  while (reader.next(end)) {
    const { field, type } = reader;
    if (field === 1 && type === WIRE.bytes) value = reader.text(reader.endOfBytes(end));
    else if (field === 2 && type === WIRE.varint) value = reader.varint() !== 0;
    else if (field === 3 && type === WIRE.varint) value = reader.signedVarint();
    else if (field === 4 && type === WIRE.fixed64) value = reader.double();
    else if ((field === 5 || field === 6) && type === WIRE.bytes && limits.depth < DEEPEST) {
      const inside = reader.endOfBytes(end);
      limits.depth += 1;
      value = field === 5 ? readList(reader, inside, limits) : readMapping(reader, inside, limits);
      limits.depth -= 1;
    } else if (field === 7 && type === WIRE.bytes) {
      const to = reader.endOfBytes(end);
      value = `(${to - reader.at} bytes)`;
      reader.at = to;
    } else reader.skip(end);
  }
  return value;
}

/** One KeyValue. @throws MalformedMessage */
export function readKeyValue(
  reader: WireReader,
  end: number,
  limits: Limits = noneUsed(),
): readonly [key: string, value: PlainValue] {
  let key = '';
  let value: PlainValue = null;
  while (reader.next(end)) {
    if (reader.is(1, WIRE.bytes)) key = reader.text(reader.endOfBytes(end));
    else if (reader.is(2, WIRE.bytes)) value = readAnyValue(reader, reader.endOfBytes(end), limits);
    else reader.skip(end);
  }
  return [key, value];
}

function noneUsed(): Limits {
  return { depth: 0, left: MOST_VALUES };
}

function readList(reader: WireReader, end: number, limits: Limits): PlainValue {
  const values: PlainValue[] = [];
  while (reader.next(end)) {
    if (reader.is(1, WIRE.bytes) && limits.left > 0) {
      limits.left -= 1;
      values.push(readAnyValue(reader, reader.endOfBytes(end), limits));
    } else reader.skip(end);
  }
  return values;
}

function readMapping(reader: WireReader, end: number, limits: Limits): PlainValue {
  const entries: (readonly [string, PlainValue])[] = [];
  while (reader.next(end)) {
    if (reader.is(1, WIRE.bytes) && limits.left > 0) {
      limits.left -= 1;
      entries.push(readKeyValue(reader, reader.endOfBytes(end), limits));
    } else reader.skip(end);
  }
  // Not by assignment: a key may be called __proto__.
  return Object.fromEntries(entries);
}

/** A message of nothing but attributes in field 1, such as a resource. @throws MalformedMessage */
export function readAttributes(
  reader: WireReader,
  end: number,
  field: number,
): readonly (readonly [string, PlainValue])[] {
  const attributes: (readonly [string, PlainValue])[] = [];
  while (reader.next(end)) {
    if (reader.is(field, WIRE.bytes) && attributes.length < MOST_VALUES)
      attributes.push(readKeyValue(reader, reader.endOfBytes(end)));
    else reader.skip(end);
  }
  return attributes;
}

/** The same out of JSON. @throws MalformedJson */
export function jsonAnyValue(value: unknown, depth = 0): PlainValue {
  if (!isObject(value) || depth > DEEPEST) return null;
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (typeof intValue === 'number' || typeof doubleValue === 'number')
    return (intValue ?? doubleValue) as number;
  if (typeof intValue === 'string' && /^-?\d+$/.test(intValue)) return Number(intValue);
  if (isObject(arrayValue)) return listOf(arrayValue, 'values').map((each) => jsonAnyValue(each, depth + 1));
  if (isObject(kvlistValue)) return Object.fromEntries(jsonAttributes(kvlistValue, 'values', depth + 1));
  return typeof bytesValue === 'string' ? `(${Math.floor((bytesValue.length * 3) / 4)} bytes)` : null;
}

/** A list of KeyValue. @throws MalformedJson */
export function jsonAttributes(
  parent: Json,
  key: string,
  depth = 0,
): readonly (readonly [string, PlainValue])[] {
  return listOf(parent, key).flatMap((each) =>
    typeof each.key === 'string' ? [[each.key, jsonAnyValue(each.value, depth)] as const] : [],
  );
}

/** A text as it is, anything else as JSON. */
export function plainValueText(value: PlainValue): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
