import { expect, test } from 'vitest';
import { errorChanges } from '../../src/compare/error-changes.ts';
import { placedInstances } from '../../src/compare/series.ts';
import { measurementOf } from './sketch.ts';

const QUERY = 'client:shop:query';

function instances(errors: number, latencyErrors = 0) {
  const spans = { [QUERY]: { duration: 0.001, errors: [errors] } };
  return placedInstances(
    measurementOf({ rounds: 1, operations: { 'GET /a': { latency: 0.01, errors: [latencyErrors], spans } } }),
  );
}

function said(before: readonly [number, number], after: readonly [number, number]): readonly string[] {
  const sides = { baseline: instances(...before), candidate: instances(...after) };
  return errorChanges('GET /a', sides).map(
    ({ span, errorType, count }) =>
      `${span?.name ?? 'client'} ${errorType} ${count.baseline} -> ${count.candidate}`,
  );
}

test('errors that are new are named with their type, those of most first', () => {
  expect(said([0, 0], [20, 8])).toEqual(['query Error 0 -> 40', 'client 500 0 -> 16']);
});

test('errors that became a few more, or are a handful, are not worth a line', () => {
  expect(said([20, 0], [30, 0])).toEqual([]);
  expect(said([0, 0], [2, 0])).toEqual([]);
});

test('errors that are gone are no news here', () => {
  expect(said([20, 8], [0, 0])).toEqual([]);
});
