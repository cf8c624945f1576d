import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearestWord } from '../../src/config/nearest-word.ts';

const KEYS = [
  'setup',
  'start',
  'ready',
  'start-timeout',
  'stop-timeout',
  'directory',
  'env',
  'weight',
  'GET',
  'PUT',
];

describe('nearestWord', () => {
  test.each([
    ['wieght', 'weight'],
    ['startTimeout', 'start-timeout'],
    ['start_timeout', 'start-timeout'],
    ['get', 'GET'],
    ['redy', 'ready'],
    ['evn', 'env'],
  ])('%s means %s', (word, meant) => {
    expect(nearestWord(word, KEYS)).toBe(meant);
  });

  test.each(['', 'x', 'colour', 'image', 'retries'])('%j means none of them', (word) => {
    expect(nearestWord(word, KEYS)).toBeNull();
  });
});

describe('editDistance', () => {
  // Published examples: Wagner & Fischer's kitten/sitting, and the transposition of optimal string alignment.
  test.each([
    ['kitten', 'sitting', 3],
    ['', 'abc', 3],
    ['ca', 'ac', 1],
    ['ca', 'abc', 3],
    ['same', 'same', 0],
  ])('of %s and %s is %d', (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
  });

  test('is symmetric, zero only for equal words, and at most the longer length', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (left, right) => {
        const distance = editDistance(left, right);
        expect(distance).toBe(editDistance(right, left));
        expect(distance === 0).toBe(left === right);
        expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(left.length - right.length));
      }),
      { seed: 20_260_102 },
    );
  });
});
