import { describe, expect, test } from 'vitest';
import type { LoadModel } from '../../src/config.ts';
import type { RoundConditions } from '../../src/measurement.ts';
import { roundFault } from '../../src/runner/round-fault.ts';

type Model = Exclude<LoadModel, 'auto'>;

const QUIET: RoundConditions = { generatorCpu: 0.3, generatorSaturated: false, steal: 0.01, pressure: 0.4 };
const PUNCTUAL = { rate: 200, achievedRate: 199.9, due: 1600, dropped: 0, lateShare: 0.01 };

function faultOf(
  model: Model,
  conditions: Partial<RoundConditions>,
  { together = true, errors = {} }: { together?: boolean; errors?: Record<string, number> } = {},
): string | null {
  const operation = {
    requests: 10,
    completed: 10,
    errors,
    latencies: Float64Array.of(0.01),
    unexpected: null,
  };
  const load = { instances: [{ instance: 0, operations: [operation], throughput: 1 }] };
  return roundFault({ model, together, conditions: { ...QUIET, ...conditions }, load })?.code ?? null;
}

describe('a round of two builds', () => {
  test.each<[Model]>([['interleaved'], ['closed'], ['open']])('counts on a quiet machine, %s', (model) => {
    expect(faultOf(model, { starts: PUNCTUAL })).toBeNull();
  });

  test.each<[Model]>([['interleaved'], ['closed'], ['open']])(
    'does not count where CPU was stolen, %s',
    (model) => {
      expect(faultOf(model, { steal: 0.21 })).toBe('cpu-stolen');
      expect(faultOf(model, { steal: 0.2 })).toBeNull();
      expect(faultOf(model, { steal: null })).toBeNull();
    },
  );

  test.each<[Model]>([['interleaved'], ['closed']])('does not count with a busy generator, %s', (model) => {
    expect(faultOf(model, { generatorSaturated: true })).toBe('generator-busy');
  });

  test.each<[Model]>([['interleaved'], ['closed'], ['open']])(
    'does not count where the generator failed, %s',
    (model) => {
      expect(faultOf(model, {}, { errors: { 'connection EMFILE': 1 } })).toBe('generator-failed');
      expect(
        faultOf(model, {}, { errors: { 'connection refused': 5, 'status 500': 5, timeout: 5 } }),
      ).toBeNull();
    },
  );

  test.each([
    ['starts were dropped', { dropped: 1 }],
    ['starts were late', { lateShare: 0.021 }],
    ['the rate was missed', { achievedRate: 197.9 }],
  ])('of the open model does not count where %s', (_what, starts) => {
    expect(faultOf('open', { starts: { ...PUNCTUAL, ...starts } })).toBe('starts-missed');
  });
});

describe('a round of one build', () => {
  test('counts on a busy machine too, which is only said', () => {
    const busy = { steal: 0.5, generatorSaturated: true };
    expect(faultOf('closed', busy, { together: false })).toBeNull();
  });

  test('of the open model needs its rate all the same', () => {
    const starts = { ...PUNCTUAL, dropped: 3 };
    expect(faultOf('open', { starts }, { together: false })).toBe('starts-missed');
  });
});
