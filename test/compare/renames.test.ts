import { describe, expect, test } from 'vitest';
import { type RenameSide, renamesOf } from '../../src/compare/renames.ts';

const ROOT = 'server:shop:GET /a';

/** Spans by id: parent, calls in 100 traces, median duration. */
type Spans = Readonly<Record<string, readonly [parent: string | null, calls: number, median: number]>>;

function side(spans: Spans): RenameSide {
  const edges: Record<string, Record<string, { calls: number }>> = {};
  for (const [id, [parent, calls]] of Object.entries(spans)) {
    if (parent !== null) edges[parent] = { ...edges[parent], [id]: { calls } };
  }
  return { traces: 100, edges, ids: Object.keys(spans), medianOf: (id) => spans[id]?.[2] ?? null };
}

function renames(before: Spans, after: Spans): readonly string[] {
  return renamesOf(side(before), side(after)).map(({ from, to }) => `${from.name} -> ${to.name}`);
}

const root = { [ROOT]: [null, 100, 10] } as const;

describe('a span that is gone and one that is new', () => {
  const old = { ...root, 'client:shop:query a': [ROOT, 200, 2] } as const;

  test('may be one under another name, at the same place', () => {
    expect(renames(old, { ...root, 'client:shop:query b': [ROOT, 200, 2.1] })).toEqual([
      'query a -> query b',
    ]);
  });

  test.each<[string, Spans]>([
    ['is called more often', { ...root, 'client:shop:query b': [ROOT, 300, 2] }],
    ['takes much longer', { ...root, 'client:shop:query b': [ROOT, 200, 5] }],
    ['is of another kind', { ...root, 'internal:shop:query b': [ROOT, 200, 2] }],
    ['is of another service', { ...root, 'client:shop-v2:query a': [ROOT, 200, 2] }],
    [
      'is one of two that are alike',
      { ...root, 'client:shop:query b': [ROOT, 200, 2], 'client:shop:query c': [ROOT, 200, 2] },
    ],
    [
      'calls something itself',
      {
        ...root,
        'client:shop:query b': [ROOT, 200, 2],
        [`internal:shop:${'x'}`]: ['client:shop:query b', 200, 1],
      },
    ],
  ])('is another span where the new one %s', (_, after) => {
    expect(renames(old, after)).toEqual([]);
  });

  test('is found below a parent that was renamed as well', () => {
    const before: Spans = {
      'server:shop:GET /a': [null, 100, 10],
      'client:shop:q1': ['server:shop:GET /a', 100, 2],
    };
    const after: Spans = {
      'server:shop:GET /b': [null, 100, 10],
      'client:shop:q2': ['server:shop:GET /b', 100, 2],
    };
    expect(renames(before, after)).toEqual(['GET /a -> GET /b', 'q1 -> q2']);
  });
});
