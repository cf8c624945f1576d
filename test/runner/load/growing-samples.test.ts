import { expect, it } from 'vitest';
import { GrowingSamples } from '../../../src/runner/load/growing-samples.ts';

it('keeps every number, in order, however many there are', () => {
  const samples = new GrowingSamples();
  const numbers = Array.from({ length: 5000 }, (_, index) => index / 7);
  for (const number of numbers) samples.push(number);
  expect([...samples.values()]).toEqual(numbers);
  expect(samples.length).toBe(5000);
  samples.clear();
  expect(samples.values()).toHaveLength(0);
});
