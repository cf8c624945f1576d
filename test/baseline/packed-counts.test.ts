import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packCounts, unpackCounts } from '../../src/baseline/packed-counts.ts';

test('unpacking gives back what was packed', () => {
  const count = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 }), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(count, { maxLength: 200 }), (counts) => {
      expect(unpackCounts(packCounts(counts))).toEqual(counts);
    }),
    { seed: 20_261_122 },
  );
});

// LEB128 of 624485 is E5 8E 26: https://en.wikipedia.org/wiki/LEB128#Encode_unsigned_integer
test('counts are LEB128, and a zero says how many more follow', () => {
  expect(Buffer.from(packCounts([624_485, 0, 0, 0, 1]), 'base64').toString('hex')).toBe(
    'e58e26' + '0002' + '01',
  );
});

test.each([
  ['a number that does not end', Buffer.from([0x85])],
  ['a zero without a length', Buffer.from([0x05, 0x00])],
  ['more zeros than any histogram has', Buffer.from([0x00, 0xff, 0xff, 0xff, 0xff, 0x0f])],
])('%s is damage', (_, bytes) => {
  expect(() => unpackCounts(bytes.toString('base64'))).toThrow(TypeError);
});
