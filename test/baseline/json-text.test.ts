import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../src/baseline/columns.ts';
import { jsonText } from '../../src/baseline/json-text.ts';

test('reading gives back what was written', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json = JSON.parse(JSON.stringify(value)) as Json;
      expect(JSON.parse(jsonText(json))).toStrictEqual(json);
    }),
    { seed: 20_261_122, numRuns: 500 },
  );
});

test('every number is read back to the last bit', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(JSON.parse(jsonText(value))).toBe(value === 0 ? 0 : value);
    }),
    { seed: 20_261_122, numRuns: 2_000 },
  );
});

test('keys are sorted, so that two writes of the same differ in nothing', () => {
  expect(jsonText({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}\n');
});

test('small fractions are written in their shortest form', () => {
  expect(jsonText([0.000_512_34, -0.000_5, 0.5, 0.012, 1.25, 40, 1e-9])).toBe(
    '[51234e-8,-5e-4,0.5,0.012,1.25,40,1e-9]\n',
  );
});

test('what does not fit on a line has a line for each of its fields', () => {
  const long = 'x'.repeat(60);
  expect(jsonText({ one: long, two: long })).toBe(`{\n"one":"${long}",\n"two":"${long}"\n}\n`);
});

test('a long list of numbers stays on one line', () => {
  const numbers = Array.from({ length: 200 }, (_, index) => index);
  expect(jsonText({ numbers, other: 1 }).split('\n')).toHaveLength(5);
});

test('what is undefined is left out', () => {
  expect(jsonText({ a: undefined, b: 1 } as unknown as Json)).toBe('{"b":1}\n');
});
