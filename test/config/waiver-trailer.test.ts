import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUANTITIES } from '../../src/config/defaults.ts';
import { type WaiverFields, waiverMistake } from '../../src/config/waiver-fields.ts';
import { parseWaiverTrailer, waiverTrailerText } from '../../src/config/waiver-trailer.ts';

const FIELDS: WaiverFields = {
  operation: null,
  span: null,
  service: null,
  quantity: 'p50',
  reason: 'known',
  expires: '2026-12-31',
};

describe('a trailer that accepts a regression', () => {
  it.each<[string, readonly Partial<WaiverFields>[]]>([
    [
      'p50 of "pg.query SELECT orders" in "list orders" until 2026-12-31: index moved to the replica',
      [{ span: 'pg.query SELECT orders', operation: 'list orders', reason: 'index moved to the replica' }],
    ],
    ['p50 of summarize until 2026-12-31: known', [{ span: 'summarize' }]],
    ['p90 in list until 2026-12-31: known', [{ quantity: 'p90', operation: 'list' }]],
    [
      'calls of "SELECT *" from orders-api until 2026-12-31: known',
      [{ quantity: 'calls', span: 'SELECT *', service: 'orders-api' }],
    ],
    [
      'error-rate of orders::load until 2026-12-31: known',
      [{ quantity: 'error-rate', span: 'orders::load' }],
    ],
    [
      'p50, p90 and p99 in list until 2026-12-31: known',
      [
        { quantity: 'p50', operation: 'list' },
        { quantity: 'p90', operation: 'list' },
        { quantity: 'p99', operation: 'list' },
      ],
    ],
    ['p50,p50 in list until 2026-12-31: known', [{ operation: 'list' }]],
    [
      'p90 under concurrency in list until 2026-12-31: known',
      [{ quantity: 'p90', under: 'concurrency', operation: 'list' }],
    ],
    [
      'throughput under concurrency until 2026-12-31: known',
      [{ quantity: 'throughput', under: 'concurrency' }],
    ],
    ['p50 of "a \\"b\\" \\\\ c" until 2026-12-31: known', [{ span: 'a "b" \\ c' }]],
    ['  p50 OF summarize  UNTIL  2026-12-31 :  known  ', [{ span: 'summarize' }]],
    [
      'p50 of "until" in "in" until 2028-02-29: see: #12',
      [{ span: 'until', operation: 'in', expires: '2028-02-29', reason: 'see: #12' }],
    ],
  ])('is read: %s', (text, expected) => {
    expect(parseWaiverTrailer(text)).toEqual({ waivers: expected.map((parts) => ({ ...FIELDS, ...parts })) });
  });

  it.each([
    ['', 'a quantity is missing; it ends there'],
    ['p5O of a until 2026-12-31: x', '"p5O" is no quantity, did you mean p50?'],
    ['latency of a until 2026-12-31: x', `"latency" is no quantity; there are ${QUANTITIES.join(', ')}`],
    ['p50 until 2026-12-31: x', 'a waiver names an operation, a span, or both'],
    [
      'p50 summarize until 2026-12-31: x',
      '`of` and a span, or `in` and an operation is missing; there is "summarize until 2026-12-31: x"',
    ],
    [
      'p50 of a b until 2026-12-31: x',
      '`until` and a day such as 2026-12-31 is missing; there is "b until 2026-12-31: x"',
    ],
    [
      'p50 of “a” until 2026-12-31: x',
      'the span behind `of`, bare or in straight double quotes, is missing; there is "“a” until 2026-12-31: x"',
    ],
    [
      'p50 of "a until 2026-12-31: x',
      'the span behind `of`, bare or in straight double quotes, is missing; there is "\\"a until 2026-12-31: x"',
    ],
    ['p50 of "" until 2026-12-31: x', 'the span behind `of` has no name'],
    ['p50 of a: x', '`until` and a day such as 2026-12-31 is missing; there is "x"'],
    [
      'p50 of a until tomorrow: x',
      'a day such as 2026-12-31 behind `until` is missing; there is "tomorrow: x"',
    ],
    ['p50 of a until 2026-02-30: x', 'there is no day 2026-02-30'],
    ['p50 of a until 2026-12-31', 'a colon and the reason behind the day is missing; it ends there'],
    ['p50 of a until 2026-12-31:  ', 'the reason is missing behind the colon'],
    ['p50 from api in list until 2026-12-31: x', 'a service is named with a span of it'],
    ['calls in list until 2026-12-31: x', 'there is no calls of a whole operation; name a span'],
    ['throughput of a until 2026-12-31: x', 'there is no throughput of a span; name an operation alone'],
    [
      'p50 under load in list until 2026-12-31: x',
      '`concurrency` behind `under` is missing; there is "load in list until 2026-12-31: x"',
    ],
  ])('is refused in words: %s', (text, mistake) => {
    expect(parseWaiverTrailer(text)).toEqual({ mistake });
  });

  const name = fc
    .string({ minLength: 1, maxLength: 40, unit: 'binary' })
    .filter((text) => text.trim() !== '');
  const fields = fc
    .record({
      operation: fc.option(name),
      span: fc.option(name),
      service: fc.option(name),
      quantity: fc.constantFrom(...QUANTITIES),
      reason: name.map((text) => text.trim()),
      expires: fc.constantFrom('2026-12-31', '2028-02-29'),
    })
    .filter((each) => waiverMistake(each) === null);

  it('says what was meant again, whatever the names hold', () => {
    fc.assert(
      fc.property(fields, (each) => {
        expect(parseWaiverTrailer(waiverTrailerText(each))).toEqual({ waivers: [each] });
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  const words = fc.constantFrom(
    ...[
      'p50',
      ',',
      'and',
      'under',
      'concurrency',
      'of',
      'from',
      'in',
      'until',
      '2026-12-31',
      ':',
      '"',
      '\\',
      'a',
    ],
    ...[' ', '\u0000', '\n', '__proto__', '2026-13-01', '\u202e', '"a b"'],
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(words, { maxLength: 20 }).map((list) => list.join(' ')),
  );

  it('of any text is either read or refused, and what is read is whole', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const found = parseWaiverTrailer(text);
        if ('mistake' in found) {
          expect(found.mistake).not.toBe('');
          return;
        }
        for (const waiver of found.waivers) {
          expect(waiverMistake(waiver)).toBeNull();
          expect(waiver.reason).not.toBe('');
        }
      }),
      { seed: 4, numRuns: 2000 },
    );
  });

  it('is read in a time that does not grow with its square', () => {
    const long = ['"\\"'.repeat(600), ' '.repeat(1900), `${'p50,'.repeat(450)}p50`];
    const started = performance.now();
    for (const text of long) for (let run = 0; run < 50; run += 1) parseWaiverTrailer(`p50 of ${text}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it.each(['README.md', 'docs/configuration.md'])('is read as %s shows it', (page) => {
    const text = readFileSync(join(import.meta.dirname, '../..', page), 'utf8');
    const lines = [...text.matchAll(/^Spangate-Accept: (.*)$/gm)].map(([, value = '']) => value);
    expect(lines.length).toBeGreaterThan(0);
    for (const value of lines) expect(parseWaiverTrailer(value)).toHaveProperty('waivers');
  });
});
