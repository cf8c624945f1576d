import { describe, expect, test } from 'vitest';
import { saturationWarnings } from '../../src/runner/dependency-warnings.ts';

describe('a dependency is saturated', () => {
  const codes = (cpu: number | null, busiestThread: number | null) =>
    saturationWarnings({ dependencies: [{ name: 'db', cpu, busiestThread }] }, 2).map(({ code }) => code);

  test('when one of its threads is always busy, or all cores are', () => {
    expect(codes(0.95, 0.95)).toEqual(['dependency-saturated']);
    expect(codes(1.85, 0.3)).toEqual(['dependency-saturated']);
    expect(codes(1.7, 0.85)).toEqual([]);
    expect(codes(null, null)).toEqual([]);
  });

  test('and is named', () => {
    const [thread] = saturationWarnings({ dependencies: [{ name: 'db', cpu: 0.7, busiestThread: 0.97 }] }, 2);
    expect(thread?.message).toMatch(
      /^The dependency db was saturated: it had a thread that was busy 97 % of/,
    );
    const [cores] = saturationWarnings({ dependencies: [{ name: 'db', cpu: 1.91, busiestThread: 0.5 }] }, 2);
    expect(cores?.message).toMatch(/^The dependency db was saturated: it used 1\.9 of 2 cores\. /);
  });

  test('which hides nothing where each arm has one', () => {
    const dependencies = [{ name: 'db', arm: 'head' as const, cpu: 1.9, busiestThread: 1 }];
    expect(saturationWarnings({ dependencies }, 2)).toEqual([]);
    expect(saturationWarnings({}, 2)).toEqual([]);
  });
});
