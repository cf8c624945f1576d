/** The result as JSON, for programs and for `spangate report`. */
import type { GateResult } from '../compare/comparison.ts';

/** What a reader looks for first; all other keys follow in alphabetical order. */
const FIRST_KEYS = [
  'schemaVersion',
  'verdict',
  'scenario',
  'tool',
  'createdAt',
  'mode',
  'id',
  'operation',
  'span',
];

/** Text that ends with a line feed. Equal results give equal texts, whatever the order in which they were built. */
export function jsonReport(result: GateResult): string {
  return jsonText(result);
}

/** `##[` in a log is a command to some CI runners; JSON can write the same string otherwise. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (_key, each: unknown) => sorted(each), 2);
  return `${text.replaceAll('##', '#\\u0023')}\n`;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const rank = (key: string) => (FIRST_KEYS.includes(key) ? FIRST_KEYS.indexOf(key) : FIRST_KEYS.length);
  const entries = Object.entries(value).sort(
    ([left], [right]) => rank(left) - rank(right) || (left < right ? -1 : 1),
  );
  return Object.fromEntries(entries);
}
