import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AttributeKeys } from '../../../src/telemetry/otlp/attribute-keys.ts';
import { ByteStrings, LONGEST, UNKNOWN_STRING } from '../../../src/telemetry/otlp/byte-strings.ts';

const encode = (text: string) => new TextEncoder().encode(text);

test('every string keeps the id that it got first, and its text', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 8 }), { maxLength: 60 }), (texts) => {
      const strings = new ByteStrings();
      const ids = new Map<string, number>();
      for (const text of [...texts, ...texts]) {
        const bytes = encode(`<${text}>`);
        const id = strings.idOf(bytes, 1, bytes.length - 1);
        expect(ids.get(text) ?? id).toBe(id);
        expect(strings.text(id)).toBe(new TextDecoder().decode(encode(text)));
        ids.set(text, id);
      }
      expect(new Set(ids.values()).size).toBe(ids.size);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('strings that are long, or came when there were 20,000, have a text and no id', () => {
  const strings = new ByteStrings();
  const long = encode('x'.repeat(LONGEST + 1));
  expect(strings.idOf(long, 0, long.length)).toBe(UNKNOWN_STRING);
  expect(strings.textOf(long, 0, long.length)).toHaveLength(LONGEST + 1);
  const ids = Array.from({ length: 20_100 }, (_, index) => {
    const bytes = encode(`name ${index}`);
    return strings.idOf(bytes, 0, bytes.length);
  });
  expect(ids.indexOf(UNKNOWN_STRING)).toBe(20_000);
  const [first, late] = [encode('name 5'), encode('name 20050')];
  expect(strings.text(strings.idOf(first, 0, first.length))).toBe('name 5');
  expect(strings.textOf(late, 0, late.length)).toBe('name 20050');
});

test('a string does not keep the request that it came with in memory', () => {
  const strings = new ByteStrings();
  const body = Buffer.from('..GET /..');
  const id = strings.idOf(body, 2, 7);
  body.fill(0);
  const again = encode('GET /');
  expect(strings.idOf(again, 0, again.length)).toBe(id);
});

test('a key is found by its bytes, and nothing else is', () => {
  const known = ['http.status_code', 'error.type', 'http.route', 'ü.key'];
  const keys = new AttributeKeys(known);
  const texts = fc.oneof(fc.constantFrom(...known, 'http.routf', 'xrror.type', ''), fc.string());
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = encode(`..${text}.`);
      expect(keys.find(bytes, 2, bytes.length - 1)).toBe(known.includes(text) ? text : null);
    }),
    { seed: 8, numRuns: 1000 },
  );
});
