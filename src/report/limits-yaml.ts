/** Suggested limits as a piece of `spangate.yml`, ready to paste. */
import type { SuggestedRule } from '../compare/suggested-rules.ts';

/** Text that ends with a line feed; empty where there are no rules. */
export function limitsYaml(rules: readonly SuggestedRule[]): string {
  if (rules.length === 0) return '';
  return ['limits:', '  rules:', ...rules.map((rule) => `    - ${ruleText(rule)}`), ''].join('\n');
}

function ruleText({ operation, span, service, kind, limits, why }: SuggestedRule): string {
  const globs = Object.entries({ operation, span, service, kind }).flatMap(([key, text]) =>
    text === undefined ? [] : [`${key}: ${quoted(text)}`],
  );
  const parts = Object.entries(limits).map(
    ([quantity, limit]) => `${quantity}: ${limit === 'warn' ? limit : percentText(limit)}`,
  );
  const comment = why === 'restores' ? ' # as before, for its spans' : '';
  return `{ ${[...globs, ...parts].join(', ')} }${comment}`;
}

/** A share as the configuration takes it, without the noise of binary fractions. */
function percentText(share: number): string {
  return `${Number((share * 100).toPrecision(4))}%`;
}

/** What a reader cannot see, and what a CI runner takes for a command; the string stays the same. */
const ESCAPED = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Cf}]|(?<=#)#/gu;

/** Double quotes of YAML know all escapes of JSON, and `\U` for what is beyond sixteen bits. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const digits = code.toString(16);
    return code > 0xffff ? `\\U${digits.padStart(8, '0')}` : `\\u${digits.padStart(4, '0')}`;
  });
}
