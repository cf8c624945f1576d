/**
 * JSON for files that are kept in git: sorted keys, one fact a line so that a diff shows what changed, and no
 * character more than that. Indentation alone would be a quarter of a baseline; editors add it for who wants to read.
 */
import type { Json } from './columns.ts';

type JsonObject = { readonly [key: string]: Json };

/** What fits is written on one line. */
const LINE_LENGTH = 100;

/** Keys with an undefined value are left out, as `JSON.stringify` does. */
export function jsonText(value: Json): string {
  return `${lines(value)}\n`;
}

/** From the inside out: what is broken within is broken itself. */
function lines(value: Json): string {
  if (typeof value === 'number') return shortNumber(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) {
    const items = value.map(lines);
    return isScalars(value) || fits(items) ? `[${items.join(',')}]` : `[\n${items.join(',\n')}\n]`;
  }
  const fields = sortedEntries(value as JsonObject).map(
    ([key, item]) => `${JSON.stringify(key)}:${lines(item)}`,
  );
  return fits(fields) ? `{${fields.join(',')}}` : `{\n${fields.join(',\n')}\n}`;
}

function fits(parts: readonly string[]): boolean {
  let length = 1;
  for (const part of parts) {
    length += part.length + 1;
    if (length > LINE_LENGTH || part.includes('\n')) return false;
  }
  return true;
}

/** 0.00051234 as 51234e-8, which is the same number in two thirds of the space. */
function shortNumber(value: number): string {
  const plain = JSON.stringify(value);
  const small = /^(-?)0\.(0*)(\d+)$/.exec(plain);
  if (!small) return plain;
  const [, sign = '', zeros = '', digits = ''] = small;
  const short = `${sign}${digits}e-${zeros.length + digits.length}`;
  return short.length < plain.length ? short : plain;
}

/** A list of scalars, or of such lists: a line each would fill pages and say nothing. */
function isScalars(value: Json): boolean {
  if (Array.isArray(value)) return value.every(isScalars);
  return typeof value !== 'object' || value === null;
}

function sortedEntries(value: JsonObject): [string, Json][] {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}
