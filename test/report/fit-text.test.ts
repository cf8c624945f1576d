import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { pad, shortenEnd, shortenMiddle, wrap } from '../../src/report/fit-text.ts';

describe('a text that is too wide', () => {
  const CASES = [
    {
      text: 'pg.query SELECT order_lines',
      width: 27,
      middle: 'pg.query SELECT order_lines',
      end: 'pg.query SELECT order_lines',
    },
    { text: 'pg.query SELECT order_lines', width: 15, middle: 'pg.quer…r_lines', end: 'pg.query SELEC…' },
    { text: '注文の一覧を取得する', width: 9, middle: '注文…する', end: '注文の一…' },
    { text: 'ab', width: 1, middle: '…', end: '…' },
    { text: 'ab', width: 0, middle: '', end: '' },
    { text: '👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', width: 5, middle: '👩‍👩‍👧‍👦…👩‍👩‍👧‍👦', end: '👩‍👩‍👧‍👦👩‍👩‍👧‍👦…' },
  ];
  for (const { text, width, middle, end } of CASES) {
    it(`of ${text} in ${width} columns is ${middle}, or ${end}`, () => {
      expect(shortenMiddle(text, width)).toBe(middle);
      expect(shortenEnd(text, width)).toBe(end);
    });
  }

  it('never stays too wide, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        fc.integer({ min: 0, max: 40 }),
        (text, width) => {
          expect(stringWidth(shortenMiddle(text, width))).toBeLessThanOrEqual(width);
          expect(stringWidth(shortenEnd(text, width))).toBeLessThanOrEqual(width);
        },
      ),
      { seed: 8 },
    );
  });

  it('is not read to its end where nobody will see it', () => {
    expect(shortenMiddle(`${'a'.repeat(5_000_000)}z`, 5)).toBe('aa…az');
  });
});

describe('wrapping', () => {
  it('keeps a figure and its unit on one line', () => {
    expect(wrap('it took 1.02 ms, or 61 % more', 13)).toEqual(['it took', '1.02 ms, or', '61 % more']);
  });

  it('cuts words that are longer than a line', () => {
    expect(wrap('a abcdefgh b', 4)).toEqual(['a', 'abcd', 'efgh', 'b']);
  });

  it('of nothing is nothing', () => {
    expect(wrap('  ', 10)).toEqual([]);
  });
});

describe('padding', () => {
  it('counts columns, not characters', () => {
    expect([pad('注文', 6, 'left'), pad('注文', 6, 'right'), pad('too long', 3, 'left')]).toEqual([
      '注文  ',
      '  注文',
      'too long',
    ]);
  });
});
