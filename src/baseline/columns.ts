/**
 * A list of records that look alike, stored by field: `[{p50: 1}, {p50: 2}]` is `{"fields": {"p50": [1, 2]}}`. Twenty
 * instances with the same fifty spans repeat every name twenty times otherwise. Nothing is lost: decoding gives the
 * same list again, whatever JSON it holds.
 */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export type Column =
  /** One value after the other. */
  | readonly Json[]
  | ({
      /** Positions in the list above that have this field; absent where all have it. */
      readonly in?: readonly number[];
    } & (
      | { readonly same: Json }
      /** As a bare list; the form with `in`. */
      | { readonly each: readonly Json[] }
      /** Numbers as whole multiples of a power of ten: 51234 for 0.00051234 where it is -8. */
      | { readonly exponent: number; readonly each: readonly number[] }
      | { readonly fields: { readonly [key: string]: Column } }
      /** Lists of one length, stored by position. */
      | { readonly items: readonly Column[] }
    ));

type JsonObject = { readonly [key: string]: Json };

export function encodeColumn(values: readonly Json[]): Column {
  const [first] = values;
  if (first === undefined) return [];
  const text = JSON.stringify(first);
  if (values.every((value) => JSON.stringify(value) === text)) return { same: first };
  if (values.every(isObject)) return { fields: encodeFields(values) };
  if (values.every(isTable) && new Set(values.map((value) => value.length)).size === 1) {
    return { items: encodeItems(values) };
  }
  return (values.every(isNumber) && encodeFractions(values)) || values;
}

/** @throws TypeError when `column` is not one of `length` values */
export function decodeColumn(column: unknown, length: number): readonly Json[] {
  if (Array.isArray(column)) return checkLength(column, length);
  if (isObject(column)) {
    if ('same' in column) return new Array<Json>(length).fill(column.same as Json);
    if ('exponent' in column) return decodeFractions(column, length);
    if ('each' in column) return checkLength(column.each, length);
    if (isObject(column.fields)) return decodeFields(column.fields, length);
    if (Array.isArray(column.items)) return decodeItems(column.items, length);
  }
  throw new TypeError('a column is neither a list nor has "same", "each", "fields" or "items"');
}

/** Null where whole multiples would not be shorter, or not exact. */
function encodeFractions(values: readonly number[]): Column | null {
  const exponent = Math.min(...values.map(lastDecimal));
  if (exponent >= 0) return null;
  const each = values.map((value) => Math.round(value / 10 ** exponent));
  const column = { exponent, each };
  const isExact = values.every((value, at) => Object.is(scaled(each[at] ?? 0, exponent), value));
  return isExact && JSON.stringify(column).length < JSON.stringify(values).length ? column : null;
}

function decodeFractions({ exponent, each }: JsonObject, length: number): readonly Json[] {
  const values = checkLength(each, length);
  if (isNumber(exponent) && values.every(isNumber)) return values.map((value) => scaled(value, exponent));
  throw new TypeError('a column with "exponent" holds something else than numbers');
}

/** The number nearest to the decimal fraction; a product would be off in the last place. */
function scaled(value: number, exponent: number): number {
  return Number(`${value}e${exponent}`);
}

/** Exponent of the last decimal digit that the number is written with: -3 for 0.125, 0 for 40. */
function lastDecimal(value: number): number {
  const [, fraction = '', exponent = '0'] = /^-?\d+(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  return Math.min(0, Number(exponent) - fraction.length);
}

function encodeFields(values: readonly JsonObject[]): Record<string, Column> {
  const keys = new Set(values.flatMap((value) => Object.keys(value)));
  return Object.fromEntries(
    [...keys].map((key) => {
      const positions = values.flatMap((value, at) => (Object.hasOwn(value, key) ? [at] : []));
      const column = encodeColumn(positions.map((at) => values[at]?.[key] ?? null));
      return [key, positions.length === values.length ? column : withPositions(column, positions)];
    }),
  );
}

function withPositions(column: Column, positions: readonly number[]): Column {
  return isList(column) ? { in: positions, each: column } : { ...column, in: positions };
}

function encodeItems(values: readonly (readonly JsonObject[])[]): Column[] {
  return (values[0] ?? []).map((_, at) => encodeColumn(values.map((value) => value[at] ?? null)));
}

function decodeFields(fields: JsonObject, length: number): readonly Json[] {
  const entries: [string, Json][][] = Array.from({ length }, () => []);
  for (const [key, column] of Object.entries(fields)) {
    const positions = isObject(column) && Array.isArray(column.in) ? column.in : [...entries.keys()];
    for (const [index, value] of decodeColumn(column, positions.length).entries()) {
      const target = entries[positions[index] as number];
      if (!target) throw new TypeError(`column ${JSON.stringify(key)} is about a record that does not exist`);
      target.push([key, value]);
    }
  }
  // Not by assignment: a span may be called __proto__.
  return entries.map((pairs) => Object.fromEntries(pairs));
}

function decodeItems(items: readonly Json[], length: number): readonly Json[] {
  const columns = items.map((item) => decodeColumn(item, length));
  return Array.from({ length }, (_, at) => columns.map((column) => column[at] ?? null));
}

function checkLength(values: Json | undefined, length: number): readonly Json[] {
  if (isList(values) && values.length === length) return values;
  throw new TypeError(`a column does not have ${length} values`);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** A list of records; a list of numbers is better read in one piece. */
function isTable(value: Json): value is readonly JsonObject[] {
  return isList(value) && value.length > 0 && value.every(isObject);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
