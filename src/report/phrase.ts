/**
 * Text as the view hands it to the formats: our own words, and names that came from outside. A name may hold
 * anything (it is chosen by the code under test), so each format decides how to make it harmless.
 */

export interface Name {
  readonly name: string;
  /** To be copied as it is, so it is not shortened as a name is. */
  readonly whole?: true;
}

export type Part = string | Name;

export type Phrase = readonly Part[];

export function name(text: string): Name {
  return { name: text };
}

/** Text that the reader is asked to copy. */
export function toCopy(text: string): Name {
  return { name: text, whole: true };
}

/** Longer text to copy is nobody's; it may hold names from outside. */
export const LONGEST_COPY = 1000;

/** Template tag: phrase`calls of ${name(span)} ${'1'} -> ${'11'}`. Phrases inside are joined in. */
export function phrase(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Name | Phrase)[]
): Phrase {
  const parts: Part[] = [];
  for (const [index, text] of strings.entries()) {
    if (text !== '') parts.push(text);
    const value = values[index];
    if (value === undefined || value === '') continue;
    if (typeof value === 'string') parts.push(value);
    else if (typeof value === 'number') parts.push(String(value));
    else if ('name' in value) parts.push(value);
    else parts.push(...value);
  }
  return parts;
}

export function joinPhrases(phrases: readonly Phrase[], separator: string): Phrase {
  return phrases.flatMap((part, index) => (index === 0 ? [...part] : [separator, ...part]));
}

/** The phrase as it is, names included. Not safe to print: see `safe-text.ts`. */
export function plainText(text: Phrase): string {
  return text.map((part) => (typeof part === 'string' ? part : part.name)).join('');
}
