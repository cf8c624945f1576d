import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SpanIdSet } from '../../src/telemetry/span-id-set.ts';

test('it says of every id whether it was there, as a set of texts does', () => {
  // Few words, so that ids meet again and chains are long.
  const word = fc.oneof(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 0, max: 0xffff_ffff }));
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 400 }), (ids) => {
      const set = new SpanIdSet(4);
      const texts = new Set(['0 0']);
      for (const [high, low] of ids) {
        const key = `${high} ${low}`;
        expect(set.add(high, low)).toBe(!texts.has(key));
        texts.add(key);
      }
    }),
    { seed: 4, numRuns: 200 },
  );
});
