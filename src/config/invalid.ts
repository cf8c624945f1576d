/** The one error that lists every mistake of a configuration file, each with its line and a caret below it. */

import { EXIT, UserError } from '../errors.ts';
import { pathText } from '../schema.ts';
import type { Mistake } from './mistakes.ts';
import type { ConfigSource, SyntaxMistake } from './source.ts';

/**
 * @param file as it is to be shown, relative to where the user is
 * @param mistakes in any order
 */
export function configInvalid(
  file: string,
  source: ConfigSource,
  mistakes: readonly (Mistake | SyntaxMistake)[],
): UserError {
  const placed = mistakes.map((mistake) => {
    if (!('path' in mistake)) return { ...mistake, hasExcerpt: true };
    const path = pathText(mistake.path);
    const message = path === '' ? mistake.message : `${path}: ${mistake.message}`;
    return {
      ...source.position(mistake.path, mistake.part),
      message,
      // What is missing altogether is on no line.
      hasExcerpt: source.holds(mistake.path),
    };
  });
  placed.sort((a, b) => a.line - b.line || a.column - b.column);
  // What is wrong in a section at the top is wrong in every scenario, and is said once.
  const entries = new Map<string, readonly string[]>();
  for (const { line, column, message, hasExcerpt } of placed) {
    const lines = hasExcerpt ? excerpt(source.line(line), line, column) : [];
    entries.set(`${file}:${line}:${column} ${message}`, lines);
  }
  return new UserError({
    code: 'config-invalid',
    what: `${file} has ${entries.size === 1 ? 'a mistake' : `${entries.size} mistakes`}.`,
    detail: [...entries].flatMap(([first, rest]) => [first, ...rest]),
    hint: 'Correct the file and run the command again; docs/configuration.md is the reference of all keys.',
    exitCode: EXIT.usage,
  });
}

/** Characters of a line that are shown; JSON may be one long line. */
const EXCERPT_WIDTH = 100;

function excerpt(text: string, line: number, column: number): readonly string[] {
  if (text.trim() === '') return [];
  const from = column <= EXCERPT_WIDTH ? 0 : column - EXCERPT_WIDTH / 2;
  const shown = text
    .slice(from, from + EXCERPT_WIDTH)
    .replaceAll('\t', ' ')
    .trimEnd();
  const margin = `${line} | `;
  return [`    ${margin}${shown}`, `    ${' '.repeat(margin.length - 2)}| ${' '.repeat(column - 1 - from)}^`];
}
