import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSpanKeyId, type SpanKey, spanKeyId } from '../src/measurement.ts';

const kinds = ['internal', 'server', 'client', 'producer', 'consumer'] as const;

describe('a span key', () => {
  test('reads well as one string', () => {
    expect(spanKeyId({ service: 'orders', kind: 'client', name: 'pg.query SELECT order_lines' })).toBe(
      'client:orders:pg.query SELECT order_lines',
    );
  });

  test('comes back from its string whatever the names hold', () => {
    const key: fc.Arbitrary<SpanKey> = fc.record({
      service: fc.string(),
      kind: fc.constantFrom(...kinds),
      name: fc.string({ unit: 'binary' }),
    });
    fc.assert(
      fc.property(key, (spanKey) => {
        expect(parseSpanKeyId(spanKeyId(spanKey))).toEqual(spanKey);
      }),
      { seed: 1 },
    );
  });

  test('is refused when it was made by somebody else', () => {
    expect(() => parseSpanKeyId('GET /orders')).toThrow('not a span key: "GET /orders"');
  });
});
