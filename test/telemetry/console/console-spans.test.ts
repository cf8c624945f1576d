import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/random.ts';
import { ConsoleSpans } from '../../../src/telemetry/console/console-spans.ts';
import {
  type InspectedValue,
  readInspected,
  UnreadablePrint,
} from '../../../src/telemetry/console/inspected-value.ts';
import { parentIdOf, spanIdOf } from '../../../src/telemetry/span-table.ts';
import { fieldsOf, tableOf } from '../otlp/sdk-spans.ts';

/** Standard output of real SDKs: of `service-that-prints.mjs` and `printer.py`, among their fixtures. */
function recorded(name: string): string {
  return readFileSync(new URL(`fixtures/${name}.txt`, import.meta.url), 'utf8');
}

function read(text: string): ConsoleSpans {
  const spans = new ConsoleSpans('printing');
  for (const line of text.split('\n')) spans.line(line);
  spans.end();
  return spans;
}

const OUTPUTS = ['node-1.30', 'node-2.12', 'python'];

describe.each(OUTPUTS)('what the SDK of %s prints', (name) => {
  const output = recorded(name);
  const spans = read(output);
  const table = tableOf(spans.files());

  test('becomes spans with names, kinds, errors and times', () => {
    expect([spans.count, spans.unreadable]).toEqual([2, 0]);
    expect(fieldsOf(table)).toMatchObject([
      { name: 'price', kind: 'internal', status: 'error', errorType: 'RangeError' },
      { name: 'GET /orders/:id', kind: 'server', errorType: '503', httpStatus: 503, derivedName: true },
    ]);
    const [price, get] = fieldsOf(table);
    expect(price?.durationSeconds).toBeCloseTo(0.000_250_5, 6);
    expect(get?.durationSeconds).toBeCloseTo(0.007, 9);
    expect(table.epochSeconds + (get?.startSeconds ?? 0)).toBeCloseTo(1_790_000_000.123, 5);
    expect(parentIdOf(table, 0)).toBe(spanIdOf(table, 1));
    expect(parentIdOf(table, 1)).toBe('b7ad6b7169203331');
  });

  test('is read in the colours that FORCE_COLOR asks Node for', () => {
    const coloured = output
      .replace(/'[^'\n]*'/g, (text) => `\u001b[32m${text}\u001b[39m`)
      .replace(/(?<=: )\d+(?=,?$)/gm, (text) => `\u001b[33m${text}\u001b[39m`);
    expect(coloured).not.toBe(output);
    expect(fieldsOf(tableOf(read(coloured).files()))).toEqual(fieldsOf(table));
  });

  test('is one lost span where it is cut off in a span, wherever that is', () => {
    const lines = output.split('\n');
    const first = lines.indexOf('{');
    const end = lines.indexOf('}', first);
    // The last lines say nothing of a span alone, but its beginning was there.
    for (let length = first + 8; length < end; length += 1) {
      const cut = read(lines.slice(0, length).join('\n'));
      expect([cut.count, cut.unreadable], `${length} lines`).toEqual([0, 1]);
    }
  });

  test('is read where whole lines of others came between', () => {
    const mixed = output.replace(/\n/g, '\nINFO another line\n\n');
    const found = read(mixed);
    expect([found.count, found.unreadable]).toEqual([2, 0]);
  });

  test('is lost and counted where two prints have run into each other', () => {
    const lines = output.split('\n');
    const first = lines.indexOf('{');
    const half = lines.slice(first, first + 12);
    // The second begins in the middle of a line of the first.
    const broken = [...half.slice(0, -1), `${half.at(-1)}{`, ...lines.slice(first + 1)].join('\n');
    const found = read(broken);
    expect(found.count + found.unreadable).toBe(2);
    expect(found.unreadable).toBe(1);
  });

  test('gives spans or losses, and no error, however it is damaged: 8,000 times', () => {
    const random = seededRandom(20_261_128);
    const below = (limit: number) => Math.floor(random() * limit);
    let lost = 0;
    for (let round = 0; round < 8_000; round += 1) {
      let text = output;
      for (let change = 1 + below(4); change > 0; change -= 1) {
        const at = below(text.length);
        const piece = ['{', '}', "'", '"', '\n', '[', ',', '\\', '<ref *1> ', '\n}\n', '\n{\n', ''][
          below(12)
        ];
        text = text.slice(0, at) + piece + text.slice(at + below(6));
      }
      const found = read(text);
      lost += found.unreadable;
      expect(found.count).toBeLessThanOrEqual(2);
      expect(found.unreadable).toBeLessThanOrEqual(6);
      if (round % 100 === 0) tableOf(found.files());
    }
    expect(lost).toBeGreaterThan(500);
  }, 120_000);
});

test('objects that a service prints, and are no spans, are left alone', () => {
  const found = read(inspect({ orders: [1, 2], deep: { a: { b: { c: {} } } } }, { compact: false }));
  expect([found.count, found.unreadable, found.files()]).toEqual([0, 0, []]);
});

test('a print without ids or times is lost, not a span', () => {
  const found = read("{\n  traceId: 'abc',\n  name: 'a',\n  id: '12',\n  timestamp: NaN,\n  duration: 1\n}");
  expect([found.count, found.unreadable]).toEqual([0, 1]);
  expect(found.files()).toMatchObject([{ rowCount: 0, dropped: 1 }]);
});

test('a print that says how it was sampled stands for so many', () => {
  const node = recorded('node-2.12').replaceAll('traceState: undefined', "traceState: 'ot=th:c'");
  const python = recorded('python').replaceAll(
    '"trace_state": "[]"',
    '"trace_state": "[\'{key=ot, value=th:8}\']"',
  );
  expect(tableOf(read(node).files()).adjustedCounts).toEqual(Float64Array.from([4, 4]));
  expect(tableOf(read(python).files()).adjustedCounts).toEqual(Float64Array.from([2, 2]));
});

function plain(value: InspectedValue): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, each]) => [key, plain(each as InspectedValue)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

test('plain data is read as it was, from util.inspect as from JSON', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom("it's", 'a "b"', '`\'"', 'x\ny\n'.repeat(40), '\u001b[31m', '\\', '... 3 more items'),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value)),
    fc.boolean(),
    fc.constant(null),
  );
  const keys = fc.oneof(fc.constantFrom('a', 'http.route', "it's", '\n'), fc.string({ minLength: 1 }));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(
        keys.filter((key) => key !== '__proto__'),
        tie('tree'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }));
  fc.assert(
    fc.property(tree, fc.constantFrom(3, false, true), (value, compact) => {
      expect(plain(readInspected(inspect(value, { depth: null, compact })))).toEqual(value);
      expect(plain(readInspected(JSON.stringify(value, null, 4)))).toEqual(value);
    }),
    { seed: 33, numRuns: 1500 },
  );
});

test.each([
  [
    'a class',
    inspect({
      a: new (class Trace {
        id = 1;
      })(),
    }),
    { a: { id: 1 } },
  ],
  ['what is too deep', inspect({ a: { b: {}, c: [[]] } }, { depth: 0 }), { a: null }],
  [
    'functions, symbols and dates',
    inspect({ f() {}, s: Symbol('x'), d: new Date(0), n: 1n }),
    { f: null, s: null, d: null, n: 1 },
  ],
  [
    'a circle',
    (() => {
      const a: Record<string, unknown> = { x: 1 };
      a.self = a;
      return inspect(a);
    })(),
    { x: 1, self: null },
  ],
  ['a long list', inspect({ l: Array.from({ length: 102 }, () => 0) }, { maxArrayLength: 2 }), { l: [0, 0] }],
  ['a long text', inspect({ t: 'abc' }, { maxStringLength: 1 }), { t: 'a' }],
])('%s is read as far as it is plain data', (_, text, expected) => {
  expect(plain(readInspected(text))).toEqual(expected);
});

test.each([
  ['nothing', '', /something else than a value/],
  ['a text without end', "{ a: 'b", /a text without its end/],
  ['a key twice', '{ a: 1, a: 2 }', /a key twice/],
  ['two values', '{} {}', /more text/],
  ['a hundred thousand brackets', '[ '.repeat(100_000), /too deep a value/],
  ['a hundred thousand references', '<>'.repeat(100_000), /something else than a value/],
])('%s is unreadable, with its place', (_, text, message) => {
  expect(() => readInspected(text)).toThrow(UnreadablePrint);
  expect(() => readInspected(text)).toThrow(message);
  expect(() => readInspected(text)).toThrow(/at character \d+$/);
});
