import { expect, test } from 'vitest';
import { environmentSize, paddedEnvironment } from '../../src/runner/environment-size.ts';

test('environments with other variables get equally large, in bytes and not in letters', () => {
  const small = { PORT: '10001' };
  const large = { PORT: '10002', GREETING: 'grüß Gott', EMPTY: '' };
  const size = Math.max(environmentSize(small), environmentSize(large));
  const sizes = [small, large].map((each) => environmentSize(paddedEnvironment(each, size)));
  expect(sizes[0]).toBe(sizes[1]);
  expect(paddedEnvironment(large, size)).toMatchObject(large);
});

test('a variable more counts with its pointer', () => {
  // Seven bytes of name and value, `=`, the byte that ends it, and eight of the pointer.
  expect(environmentSize({ A: '1', NAME: 'abc' })).toBe(environmentSize({ A: '1' }) + 7 + 2 + 8);
});
