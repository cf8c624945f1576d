import { describe, expect, test } from 'vitest';
import { saturationWarnings } from '../../src/runner/dependency-warnings.ts';

describe('a dependency is saturated', () => {
  const db = { name: 'db', cpu: 0, demand: 0, busiestThread: 0 };
  const codes = (use: Partial<typeof db> | { cpu: null; demand: null; busiestThread: null }) =>
    saturationWarnings({ dependencies: [{ ...db, ...use }] }, 2).map(({ code }) => code);

  test('when one of its threads does all the work, and has no rest', () => {
    expect(codes({ cpu: 0.95, demand: 1, busiestThread: 0.95 })).toEqual(['dependency-saturated']);
    expect(codes({ cpu: 0.6, demand: 0.96, busiestThread: 0.95 })).toEqual(['dependency-saturated']);
    expect(codes({ cpu: 0.85, demand: 0.9, busiestThread: 0.85 })).toEqual([]);
  });

  test('but not when each of two connections has a thread to itself', () => {
    expect(codes({ cpu: 1.7, demand: 1.9, busiestThread: 0.95 })).toEqual([]);
  });

  test('when it has all cores and would take more', () => {
    expect(codes({ cpu: 1.85, demand: 3, busiestThread: 0.4 })).toEqual(['dependency-saturated']);
    expect(codes({ cpu: 1.85, demand: 2.1, busiestThread: 0.4 })).toEqual([]);
    expect(codes({ cpu: 1.5, demand: 3, busiestThread: 0.4 })).toEqual([]);
  });

  test('never where nothing is known', () => {
    expect(codes({ cpu: null, demand: null, busiestThread: null })).toEqual([]);
  });

  test('and is named', () => {
    const messageOf = (use: Partial<typeof db>) =>
      saturationWarnings({ dependencies: [{ ...db, ...use }] }, 2)[0]?.message;
    expect(messageOf({ cpu: 0.7, demand: 1, busiestThread: 0.97 })).toMatch(
      /^The dependency db was saturated: it had a thread that was busy 97 % of the time\. /,
    );
    expect(messageOf({ cpu: 1.91, demand: 3 })).toMatch(
      /^The dependency db was saturated: it used 1\.9 of 2 cores, and waited for more\. /,
    );
  });

  test('also where there are several', () => {
    const full = { cpu: 1, demand: 1, busiestThread: 1 };
    const dependencies = ['cache', 'queue'].map((name) => ({ name, ...full }));
    const [warning, ...others] = saturationWarnings({ dependencies }, 2);
    expect(others).toEqual([]);
    expect(warning?.message).toMatch(/dependency cache was saturated: .* dependency queue was saturated: /);
  });

  test('which hides nothing where each arm has one', () => {
    const dependencies = [{ name: 'db', arm: 'head' as const, cpu: 1, demand: 1, busiestThread: 1 }];
    expect(saturationWarnings({ dependencies }, 2)).toEqual([]);
    expect(saturationWarnings({}, 2)).toEqual([]);
  });
});
