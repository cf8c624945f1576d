/**
 * OTLP's JSON, as lenient as its senders are different: 64-bit numbers as text or number, enums as number or name.
 * What is unknown is left alone.
 */

/** The text is no JSON, or not a request of this kind. */
export class MalformedJson extends Error {
  constructor(what: string) {
    super(what);
    this.name = 'MalformedJson';
  }
}

export type Json = Readonly<Record<string, unknown>>;

/** @throws MalformedJson */
export function parseRequest(text: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MalformedJson((error as Error).message);
  }
  if (!isObject(value)) throw new MalformedJson('the request is not an object');
  return value;
}

/** @throws MalformedJson where something else than a list of objects is there */
export function listOf(parent: Json, key: string): readonly Json[] {
  const list = parent[key] ?? [];
  if (!Array.isArray(list)) throw new MalformedJson(`${key} is not a list`);
  for (const entry of list)
    if (!isObject(entry)) throw new MalformedJson(`${key} has an entry that is no object`);
  return list as readonly Json[];
}

export interface JsonResource {
  readonly service: string;
  readonly pid: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * What a resource says of who sent; empty and 0 where it does not.
 *
 * @param kept further attributes that are asked for
 */
export function resourceOf({ resource }: Json, kept: readonly string[] = []): JsonResource {
  let service = '';
  let pid = 0;
  const attributes: Record<string, string> = {};
  if (isObject(resource)) {
    for (const { key, value } of listOf(resource, 'attributes')) {
      const plain = plainOf(value);
      if (key === 'service.name' && plain !== null) service = String(plain);
      else if (key === 'process.pid' && typeof plain === 'number') pid = plain;
      else if (typeof key === 'string' && kept.includes(key) && plain !== null)
        attributes[key] = String(plain);
    }
  }
  return { service, pid, ...(Object.keys(attributes).length > 0 && { attributes }) };
}

const DIGITS = /^\d{1,20}$/;

/** High and low word of nanoseconds; 0 for what is none. A number has lost its last digits already. */
export function wordsOf(value: unknown): [number, number] {
  const isNumber = typeof value === 'number' && Number.isFinite(value) && value >= 0;
  if (!isNumber && !(typeof value === 'string' && DIGITS.test(value))) return [0, 0];
  const nanoseconds = BigInt.asUintN(64, BigInt(isNumber ? Math.trunc(value) : (value as string)));
  return [Number(nanoseconds >> 32n), Number(nanoseconds & 0xffff_ffffn)];
}

/** The number of an enum; `names` in the order of their numbers, without their prefix. */
export function enumOf(value: unknown, prefix: string, names: readonly string[]): number {
  if (typeof value === 'number') return Math.trunc(value) || 0;
  if (typeof value !== 'string') return 0;
  return Math.max(0, names.indexOf(value.replace(prefix, '')));
}

/** A text or a number of an AnyValue; null for any other. */
export function plainOf(value: unknown): string | number | null {
  if (!isObject(value)) return null;
  if (typeof value.stringValue === 'string') return value.stringValue;
  const { intValue, doubleValue } = value;
  if (typeof intValue === 'number') return intValue;
  if (typeof intValue === 'string' && /^-?\d+$/.test(intValue)) return Number(intValue);
  return typeof doubleValue === 'number' ? doubleValue : null;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
