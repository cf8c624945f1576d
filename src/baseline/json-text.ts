/** JSON for files that are kept in git: sorted keys, one fact a line, and numbers as short as they can be written. */
import type { Json } from './columns.ts';

/** What fits is written on one line. */
const LINE_LENGTH = 100;

export function jsonText(value: Json): string {
  return `${broken(value, '')}\n`;
}

/** Keys with an undefined value are left out, as `JSON.stringify` does. */
function broken(value: Json, indent: string): string {
  const line = inline(value);
  if (line.length <= LINE_LENGTH || isFlatList(value) || typeof value !== 'object' || value === null)
    return line;
  const inner = `${indent} `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => inner + broken(item, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = sortedEntries(value as { readonly [key: string]: Json });
  const lines = entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${broken(item, inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}

function inline(value: Json): string {
  if (typeof value === 'number') return shortNumber(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(',')}]`;
  const entries = sortedEntries(value as { readonly [key: string]: Json });
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${inline(item)}`).join(',')}}`;
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

function isFlatList(value: Json): boolean {
  return Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

function sortedEntries(value: { readonly [key: string]: Json }): [string, Json][] {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
}
