import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summarizeSql } from '../../../src/telemetry/preload/sql-summary.ts';

const CASES = JSON.parse(
  readFileSync(new URL('../fixtures/sql-summaries.json', import.meta.url), 'utf8'),
) as [string, string][];

describe('the summary of', () => {
  test.each(CASES)('%s', (statement, summary) => {
    expect(summarizeSql(statement)).toBe(summary);
  });
});

test('does not depend on literals, white space, comments and case of keywords', () => {
  const literal = fc.oneof(
    fc.integer().map(String),
    fc.string().map((text) => `'${text.replaceAll("'", "''").replaceAll('\\', '')}'`),
  );
  const gap = fc.constantFrom(' ', '\n\t', ' /* FROM nowhere */ ', ' -- JOIN nothing\n');
  fc.assert(
    fc.property(literal, literal, gap, fc.boolean(), (left, right, space, upper) => {
      const words = ['select', '*', 'from', '"orders"', 'where', 'a', '=', left, 'and', 'b', '=', right];
      const statement = words
        .map((word) => (upper && /^\w+$/.test(word) ? word.toUpperCase() : word))
        .join(space);
      expect(summarizeSql(statement)).toBe('SELECT orders');
    }),
    { seed: 20_26, numRuns: 500 },
  );
});

test('survives any text, in time and with a short answer', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      'select',
      'from',
      'with',
      '(',
      ')',
      ',',
      "'",
      '"',
      '$$',
      '$a$',
      '/*',
      '*/',
      '--',
      '\\',
      '`',
      '[',
      ';',
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(summarizeSql(`SELECT ${pieces.join(' ')}`).length).toBeLessThan(400);
    }),
    { seed: 20_26, numRuns: 1_000 },
  );
});

test.each(["'", "\\'", '"', '`', '$', '$a$', '/*', '--', '(', '[', 'a.', 'a,', '\\'])(
  'is not slow on %s, many times over',
  (piece) => {
    const start = performance.now();
    summarizeSql(`SELECT * FROM ${piece.repeat(50_000)}`);
    // A backtracking expression would take minutes.
    expect(performance.now() - start).toBeLessThan(2_000);
  },
);
