import { describe, expect, test } from 'vitest';
import { combinations, type Labelings, labelingsOf } from '../../../src/compare/statistics/labelings.ts';
import { seededRandom } from '../../../src/random.ts';

function listed({ columns, count }: Labelings): string[] {
  const each = columns.length / count;
  return Array.from({ length: count }, (_, index) =>
    [...columns.slice(index * each, (index + 1) * each)].sort((a, b) => a - b).join(' '),
  );
}

const FOUR = { baseline: 4, candidate: 4 };
const TWO = { baseline: 2, candidate: 2 };

describe('labelings', () => {
  test('are all of them, each once, where they are few', () => {
    const labelings = labelingsOf([TWO, TWO], seededRandom(1));
    expect(labelings).toMatchObject({ count: 36, complete: true });
    expect(new Set(listed(labelings)).size).toBe(36);
  });

  test('begin with the observed one', () => {
    expect(listed(labelingsOf([TWO, TWO], seededRandom(1)))[0]).toBe('2 3 6 7');
    expect(listed(labelingsOf([FOUR, FOUR, FOUR], seededRandom(1)))[0]).toBe(
      '4 5 6 7 12 13 14 15 20 21 22 23',
    );
  });

  test('are 5,000 drawn ones and the observed where there are more', () => {
    const labelings = labelingsOf([FOUR, FOUR, FOUR], seededRandom(1));
    expect(labelings).toMatchObject({ count: 5001, complete: false });
    expect(new Set(listed(labelings)).size).toBeGreaterThan(4900);
  });

  test('never take an instance out of its round', () => {
    for (const labeling of listed(labelingsOf([FOUR, FOUR, FOUR], seededRandom(2)))) {
      const columns = labeling.split(' ').map(Number);
      expect(new Set(columns).size).toBe(12);
      for (const round of [0, 1, 2]) {
        expect(columns.filter((column) => Math.floor(column / 8) === round)).toHaveLength(4);
      }
    }
  });

  test('drawn ones take every instance equally often', () => {
    const labelings = labelingsOf([FOUR, FOUR, FOUR], seededRandom(3));
    const times = new Array<number>(24).fill(0);
    for (const column of labelings.columns) times[column] = (times[column] ?? 0) + 1;
    // Binomial(5000, 1/2) has a standard deviation of 35; five of them are allowed.
    for (const count of times) expect(Math.abs(count - 2500)).toBeLessThan(177);
  });

  test('serve arms of different sizes', () => {
    const labelings = labelingsOf([{ baseline: 3, candidate: 2 }], seededRandom(1));
    expect(listed(labelings).sort()).toHaveLength(10);
    expect(listed(labelings)[0]).toBe('3 4');
  });

  test('of whole arms are two a round', () => {
    const labelings = labelingsOf([TWO, TWO, TWO], seededRandom(1), { swap: 'arms' });
    expect(listed(labelings)).toHaveLength(8);
    expect(listed(labelings)[0]).toBe('2 3 6 7 10 11');
    expect(listed(labelings)).toContain('0 1 4 5 8 9');
    expect(() => labelingsOf([{ baseline: 3, candidate: 2 }], seededRandom(1), { swap: 'arms' })).toThrow(
      RangeError,
    );
  });

  test('of whole arms are drawn where there are more than the limit', () => {
    const rounds = Array.from({ length: 14 }, () => TWO);
    const labelings = labelingsOf(rounds, seededRandom(1), { swap: 'arms' });
    expect(labelings.count).toBe(5001);
    for (const labeling of listed(labelings).slice(0, 50)) {
      const columns = labeling.split(' ').map(Number);
      for (let i = 0; i < columns.length; i += 2) {
        expect(Math.floor((columns[i] ?? 0) / 2)).toBe(Math.floor((columns[i + 1] ?? 0) / 2));
      }
    }
  });

  test('of one seed are always the same', () => {
    const first = labelingsOf([FOUR, FOUR, FOUR], seededRandom(7));
    expect(labelingsOf([FOUR, FOUR, FOUR], seededRandom(7)).columns).toEqual(first.columns);
  });
});

test('combinations are counted', () => {
  expect(combinations(8, 4)).toBe(70);
  expect(combinations(16, 8)).toBe(12_870);
  expect(combinations(5, 0)).toBe(1);
});
