import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../src/baseline/columns.ts';
import { jsonText } from '../../src/baseline/json-text.ts';
import { fromStored, isStored, type StoredBaseline, toStored } from '../../src/baseline/stored-form.ts';
import { summarize } from '../../src/baseline/summarize.ts';
import type { Measurement } from '../../src/measurement.ts';
import { validate } from '../../src/schema.ts';
import { fullMeasurement } from './full-measurement.ts';

/** What the issue of size is about: fifty spans, ten rounds of two instances, a thousand requests of each operation. */
const LARGE = fullMeasurement({ rounds: 10, instances: 2, operations: 8, spans: 50, requests: 1_000 });
const SMALL = fullMeasurement({ rounds: 3, instances: 2, operations: 2, spans: 5, requests: 40 });

function written(value: unknown): string {
  return jsonText(value as Json);
}

function readBack(measurement: Measurement): Measurement {
  return fromStored(JSON.parse(written(toStored(measurement))));
}

describe('a stored baseline', () => {
  test('stays below 200 kB, and a full measurement below 1 MB gzipped', () => {
    expect(written(toStored(summarize(LARGE))).length).toBeLessThan(200_000);
    expect(gzipSync(written(LARGE)).length).toBeLessThan(1_000_000);
  });

  test('is read back as the summary that was written, and is a measurement by the schema', () => {
    const summary = summarize(LARGE);
    const back = readBack(summary);
    expect(back).toStrictEqual(summary);
    expect(validate('measurement', back)).toEqual([]);
  });

  test('can hold a full measurement as well', () => {
    expect(readBack(SMALL)).toStrictEqual(SMALL);
  });

  test('keeps rounds that are empty, invalid, or of another size', () => {
    const [first, second, third] = SMALL.rounds;
    if (!first || !second || !third) throw new Error('three rounds');
    const rounds = [
      { ...first, instances: first.instances.slice(1) },
      { ...second, instances: [] },
      { ...third, invalid: { code: 'state-differs', message: 'Other data.' } },
    ];
    const uneven = summarize({ ...SMALL, rounds });
    expect(readBack(uneven)).toStrictEqual(uneven);
  });

  test('keeps spans, operations and errors that some instances have', () => {
    const [round] = SMALL.rounds;
    const [first, second] = round?.instances ?? [];
    if (!round || !first || !second) throw new Error('two instances');
    const [name = '', operation] = Object.entries(first.operations)[0] ?? [];
    if (!operation) throw new Error('an operation');
    const [id = '', span] = Object.entries(operation.spans)[0] ?? [];
    if (!span) throw new Error('a span');
    const odd = {
      ...first,
      operations: {
        ...first.operations,
        [name]: {
          ...operation,
          spans: {
            [id]: { calls: 0, errors: {} },
            'internal:api:__proto__': { ...span, errors: { Error: 2 } },
          },
        },
      },
    };
    const uneven = summarize({ ...SMALL, rounds: [{ ...round, instances: [odd, second] }] });
    expect(readBack(uneven)).toStrictEqual(uneven);
  });

  test('of the same measurement is the same text', () => {
    const again = fullMeasurement({ rounds: 3, instances: 2, operations: 2, spans: 5, requests: 40 });
    expect(written(toStored(again))).toBe(written(toStored(SMALL)));
  });
});

describe('a stored baseline that is damaged', () => {
  const stored = toStored(SMALL);

  test.each<[string, unknown]>([
    ['in how many instances a round has', { ...stored, rounds: [{ ...stored.rounds[0], instances: 1e9 }] }],
    ['in that number being none', { ...stored, rounds: [{ ...stored.rounds[0], instances: 'two' }] }],
    ['in rounds that are missing', { ...stored, rounds: stored.rounds.slice(1) }],
    ['in its columns', { ...stored, instances: { fields: { id: ['only one'] } } }],
    [
      'in packed counts',
      { ...stored, merged: { op: { latency: { positive: { offset: 0, bucketCounts: 'AA==' } } } } },
    ],
    ['in having no rounds', { ...stored, rounds: null }],
  ])('%s is refused', (_, data) => {
    if (!isStored(data)) throw new Error('still a stored baseline');
    expect(() => fromStored(data)).toThrow(TypeError);
  });

  test('is told from a measurement by its format alone', () => {
    expect(isStored(stored)).toBe(true);
    expect([SMALL, null, 'x', [], {}].some(isStored)).toBe(false);
  });
});

test('the columns of a stored baseline can be read by a person', () => {
  const column = (toStored(summarize(SMALL)) as StoredBaseline).instances;
  expect(column).toMatchObject({ fields: { id: ['r0i0', 'r0i1', 'r1i0', 'r1i1', 'r2i0', 'r2i1'] } });
});
