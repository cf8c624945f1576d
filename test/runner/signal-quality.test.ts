import { expect, test } from 'vitest';
import type { Scenario } from '../../src/config.ts';
import { logWarnings } from '../../src/runner/signal-quality.ts';
import { measurementOf } from '../compare/sketch.ts';

function codes(dropped: number, droppedBelowWarn: number) {
  const [round] = measurementOf({ rounds: 1, instances: 1, operations: { list: { latency: 1 } } }).rounds;
  if (!round) throw new Error('no round');
  const logs = { records: 9, withoutTrace: 0, dropped, droppedBelowWarn };
  const instances = round.instances.map((each) => ({ ...each, quality: { ...each.quality, logs } }));
  return logWarnings({ name: 'reads' } as Scenario, { round: { ...round, instances } }).map(
    ({ code }) => code,
  );
}

test('lost records that may be WARN or ERROR are told apart from those that take nothing from the counts', () => {
  expect(codes(0, 0)).toEqual([]);
  expect(codes(1, 0)).toEqual(['logs-dropped']);
  expect(codes(0, 7)).toEqual(['logs-cut']);
});
