import { describe, expect, test } from 'vitest';
import { FAMILY_LIMIT, foldFamilies, foldIds, foldNumbers } from '../../src/telemetry/name-folding.ts';

test.each([
  ['load order', 'load order'],
  ['order 3f2504e0-4f89-41d3-9a0c-0305e82c3301 done', 'order :id done'],
  ['order 10423', 'order :id'],
  ['orders_20261122', 'orders_:id'],
  ['blob 9f86d081884c', 'blob :id'],
  ['deadbeefdeadbeef', 'deadbeefdeadbeef'],
  ['step 1042', 'step 1042'],
  ['sha256 of x', 'sha256 of x'],
  ['HTTP/2 x86', 'HTTP/2 x86'],
])('%s is %s', (name, folded) => {
  expect(foldIds(name)).toBe(folded);
});

test('all numbers are folded where there are too many names', () => {
  expect(foldNumbers('step 1042 of 7')).toBe('step :id of :id');
  expect(foldNumbers('load order')).toBe('load order');
});

describe('families of names', () => {
  const family = (count: number): string[] => Array.from({ length: count }, (_, index) => `step ${index}`);

  test('stay apart while they are few', () => {
    expect(foldFamilies([...family(FAMILY_LIMIT), 'other']).size).toBe(0);
  });

  test('are folded when they are many', () => {
    const folded = foldFamilies([...family(FAMILY_LIMIT + 1), 'other 1']);
    expect(folded.size).toBe(FAMILY_LIMIT + 1);
    expect(new Set(folded.values())).toEqual(new Set(['step :id']));
  });

  test('do not take a route with a parameter for a family', () => {
    expect(foldFamilies(['GET /orders/:id', 'GET /orders/7']).size).toBe(0);
  });

  test('follow where the recorder began to fold', () => {
    const names = [
      ...Array.from({ length: 600 }, (_, index) => `name ${'x'.repeat(index)}`),
      'step 1',
      'step :id',
    ];
    expect([...foldFamilies(names)]).toEqual([['step 1', 'step :id']]);
  });
});
