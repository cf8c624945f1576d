import { expect, test } from 'vitest';
import { recordable } from '../../src/baseline/recordable.ts';
import { EXIT } from '../../src/errors.ts';
import { fullMeasurement } from './full-measurement.ts';

const COMPLETE = fullMeasurement({ rounds: 1, instances: 1, operations: 1, spans: 1, requests: 5 });

test('a complete measurement may become a baseline', () => {
  expect(() => recordable(COMPLETE, { force: false })).not.toThrow();
});

test.each([
  ['degraded', 'The measurement of default is degraded'],
  ['failed', 'The measurement of default has no valid round'],
] as const)('one that is %s may not, and says why', (status, expected) => {
  expect(() => recordable({ ...COMPLETE, status }, { force: false })).toThrow(
    expect.objectContaining({
      code: 'not-recordable',
      message: expect.stringContaining(expected),
      detail: ['Latency had not settled.'],
      exitCode: EXIT.couldNotMeasure,
    }),
  );
});

test('unless somebody insists', () => {
  expect(() => recordable({ ...COMPLETE, status: 'degraded' }, { force: true })).not.toThrow();
});
