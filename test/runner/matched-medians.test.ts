import { describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/random.ts';
import { LEAST_BLOCKS, matchedMedians } from '../../src/runner/matched-medians.ts';
import type { BlockLogs } from '../../src/telemetry/block-durations.ts';

const INSTANCES = 8;

/** Blocks whose content and moment cost up to twice as much, and requests that vary by a twentieth beside. */
function drawn(random: Random, blocks: number, factorOf: (instance: number) => number = () => 1) {
  const ofBlock = Array.from({ length: blocks }, () => Math.log(1 + random()));
  return Array.from(
    { length: INSTANCES },
    (_, instance) =>
      new Map(
        ofBlock.map((log, block) => [block, log + Math.log(factorOf(instance)) + 0.05 * (random() - 0.5)]),
      ),
  );
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

function plainMedians(instances: readonly BlockLogs[]): number[] {
  return instances.map((logs) => [...logs.values()].sort((a, b) => a - b)[Math.floor(logs.size / 2)] ?? 0);
}

describe('the medians of instances, matched request by request', () => {
  test('are as far apart as the instances are', () => {
    // Each is slower than the one before by a twentieth, in requests that cost the same everywhere.
    const costs = [3, 0.5, 7, 2, 11];
    const instances = Array.from({ length: INSTANCES }, (_, instance) => {
      const logs = Array.from({ length: 25 }, (_, block) =>
        Math.log((costs[block % 5] ?? 1) * 1.05 ** instance),
      );
      return new Map(logs.map((log, block) => [block, log]));
    });
    const levels = matchedMedians(instances) ?? [];
    for (let index = 1; index < INSTANCES; index += 1) {
      expect((levels[index] ?? 0) - (levels[index - 1] ?? 0)).toBeCloseTo(Math.log(1.05), 12);
    }
    expect(levels.reduce((sum, level) => sum + level, 0)).toBeCloseTo(0, 12);
  });

  test('show a change of half of the instances in full, and not drawn towards the rest', () => {
    const random = seededRandom(7);
    const before = drawn(seededRandom(7), 200);
    const after = drawn(random, 200, (instance) => (instance % 2 === 0 ? 1.06 : 1));
    const shift = (levels: readonly number[]) =>
      levels.reduce((sum, level, index) => sum + (index % 2 === 0 ? level : -level), 0) / (INSTANCES / 2);
    const found = shift(matchedMedians(after) ?? []) - shift(matchedMedians(before) ?? []);
    expect(found).toBeCloseTo(Math.log(1.06), 10);
  });

  test('vary less than plain medians where content and moment vary more than requests do', () => {
    const random = seededRandom(11);
    const plain: number[] = [];
    const matched: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const instances = drawn(random, 101);
      plain.push(spread(plainMedians(instances)));
      matched.push(spread(matchedMedians(instances) ?? []));
    }
    expect(meanOf(matched)).toBeLessThan(0.8 * meanOf(plain));
  });

  test('do not depend on the order of the instances', () => {
    const instances = drawn(seededRandom(3), 60);
    const levels = matchedMedians(instances) ?? [];
    const turned = matchedMedians([...instances].reverse()) ?? [];
    for (const [index, level] of [...turned].reverse().entries())
      expect(level).toBeCloseTo(levels[index] ?? Number.NaN, 12);
  });

  test('are of the blocks that all instances answered', () => {
    const instances = drawn(seededRandom(5), 60).map((logs) => new Map(logs));
    const whole = matchedMedians(instances.map((logs) => new Map([...logs].filter(([block]) => block > 9))));
    for (let block = 0; block < 10; block += 1) instances[block % INSTANCES]?.delete(block);
    expect(matchedMedians(instances)).toEqual(whole);
  });

  test.each([
    [
      'no block of which all have a value',
      (block: number, instance: number) => block % INSTANCES === instance,
    ],
    ['fewer complete blocks than a median needs', (block: number) => block < LEAST_BLOCKS - 1],
    ['more blocks that are incomplete', (block: number, instance: number) => instance > 0 || block % 3 === 0],
  ])('are not there with %s', (_, keeps) => {
    const instances = drawn(seededRandom(9), 90).map(
      (logs, instance) => new Map([...logs].filter(([block]) => keeps(block, instance))),
    );
    expect(matchedMedians(instances)).toBeNull();
  });

  test('leave blocks out in which a clock saw no time pass', () => {
    const instances = drawn(seededRandom(13), 60).map((logs) => new Map(logs));
    instances[2]?.set(4, Math.log(0));
    for (const level of matchedMedians(instances) ?? [Number.NaN]) expect(level).toBeTypeOf('number');
    expect((matchedMedians(instances) ?? [Number.NaN]).every(Number.isFinite)).toBe(true);
  });

  test('need an instance to be compared with', () => {
    expect(matchedMedians([])).toBeNull();
    expect(matchedMedians(drawn(seededRandom(1), 60).slice(0, 1))).toBeNull();
  });
});

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
