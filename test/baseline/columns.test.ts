import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeColumn, encodeColumn, type Json } from '../../src/baseline/columns.ts';

const SEED = { seed: 20_261_122, numRuns: 500 };

/** As it comes back from a file: without -0. */
function fromFile<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value));
}

/** Records that share most of their fields, as instances do. */
const alike = fc.letrec<{ value: Json; record: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom('same', 'each', 'fields', 'items', 'in', null, true),
    fc.array(fc.integer(), { maxLength: 3 }),
    fc.array(tie('record'), { maxLength: 3 }),
    tie('record'),
  ),
  record: fc.dictionary(
    fc.constantFrom('p50', 'p90', 'same', 'each', 'fields', 'in', '__proto__'),
    tie('value'),
    {
      maxKeys: 4,
    },
  ),
})).record;

describe('decoding gives back what was encoded', () => {
  test('of records that are alike', () => {
    fc.assert(
      fc.property(fc.array(alike, { maxLength: 6 }), (records) => {
        const list = fromFile(records);
        expect(decodeColumn(fromFile(encodeColumn(list)), list.length)).toStrictEqual(list);
      }),
      SEED,
    );
  });

  test('of any JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 6 }), (values) => {
        const list = fromFile(values) as Json[];
        expect(decodeColumn(fromFile(encodeColumn(list)), list.length)).toStrictEqual(list);
      }),
      SEED,
    );
  });

  test('of numbers with five digits, to the last bit', () => {
    const digits = fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: -12, max: 6 }));
    fc.assert(
      fc.property(fc.array(digits, { minLength: 1, maxLength: 20 }), (numbers) => {
        const list = numbers.map(([digit, exponent]) => Number(`${digit}e${exponent}`));
        expect(decodeColumn(fromFile(encodeColumn(list)), list.length)).toStrictEqual(list);
      }),
      SEED,
    );
  });
});

describe('a list is stored', () => {
  test('by field', () => {
    expect(encodeColumn([{ calls: 1 }, { calls: 2 }])).toEqual({ fields: { calls: [1, 2] } });
  });

  test('once where all values are the same', () => {
    expect(encodeColumn([{ unit: 's' }, { unit: 's' }])).toEqual({ same: { unit: 's' } });
  });

  test('with positions where a field is not in every record', () => {
    expect(encodeColumn([{ a: 1 }, { a: 2, b: 3 }, { a: 4, b: 5 }])).toEqual({
      fields: { a: [1, 2, 4], b: { in: [1, 2], each: [3, 5] } },
    });
  });

  test('by position where its values are lists of records', () => {
    expect(
      encodeColumn([
        [{ a: 1 }, { b: 1 }],
        [{ a: 2 }, { b: 1 }],
      ]),
    ).toEqual({
      items: [{ fields: { a: [1, 2] } }, { same: { b: 1 } }],
    });
  });

  test('as whole multiples where that is shorter', () => {
    const durations = [0.000_512_34, 0.000_51, 0.001_234_5, 0.000_498_7, 0.000_500_01, 0.000_499_99];
    expect(encodeColumn(durations)).toEqual({
      exponent: -8,
      each: [51_234, 51_000, 123_450, 49_870, 50_001, 49_999],
    });
    expect(encodeColumn([0.5, 0.25])).toEqual([0.5, 0.25]);
  });
});

test.each<[string, unknown]>([
  ['a list that is too short', [1]],
  ['nothing', null],
  ['a text', 'x'],
  ['an object of none of its forms', { values: [1, 2] }],
  ['fractions that are no numbers', { exponent: -2, each: ['1', '2'] }],
  ['an exponent that is no number', { exponent: '-2', each: [1, 2] }],
  ['fields of a record that is not there', { fields: { a: { in: [0, 7], each: [1, 2] } } }],
  ['fields that are no columns', { fields: { a: 1 } }],
])('%s is no column of two values', (_, column) => {
  expect(() => decodeColumn(column, 2)).toThrow(TypeError);
});
