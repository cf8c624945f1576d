/**
 * Whole gates of paired mode, step by step as they run, out of recorded rounds: a quick, seeded part of
 * `npm run bench:judge-gates`, with the same code.
 */
import { describe, expect, test } from 'vitest';
import {
  type DrawnGate,
  drawGate,
  type Injection,
  NO_INJECTION,
  roundsOfRecordings,
} from '../../bench/judge/gates.ts';
import { slower, targetsOf } from '../../bench/judge/injections.ts';
import { readRecordings } from '../../bench/judge/recordings.ts';
import { defaultPolicy } from '../../src/config/defaults.ts';
import { seededRandom } from '../../src/random.ts';

const folder = new URL('../../bench/judge/recordings/', import.meta.url);
const bank = roundsOfRecordings(readRecordings(folder, 'k8_'));
const together = {
  instances: 4,
  screen: 2,
  confirm: 3,
  atMost: 10,
  durationSeconds: 32,
  budgetSeconds: 1000,
  probe: null,
};

function gates(count: number, injection: (gate: number) => Injection): DrawnGate[] {
  const random = seededRandom(5);
  const design = { policy: defaultPolicy('standard'), together, instances: 4 };
  return Array.from({ length: count }, (_, gate) =>
    drawGate(bank, design, { random, injection: injection(gate), seed: gate }),
  );
}

describe('whole gates of paired mode', () => {
  const same = gates(40, () => NO_INJECTION);

  test('never fail unchanged code', () => {
    expect(same.filter(({ comparison }) => comparison.verdict === 'fail')).toEqual([]);
  });

  test('pass nearly all of it, by measuring on while rows are open', () => {
    // 5 of 100 stay inconclusive on record, of 10 rounds at most; two rounds alone left 74 of 100.
    const open = same.filter(({ comparison }) => comparison.verdict === 'inconclusive');
    expect(open.length).toBeLessThanOrEqual(8);
    expect(same.some(({ rounds }) => rounds.screen > together.screen)).toBe(true);
  });

  test('find a span of 0.2 ms and more that is 12 % slower, and blame no other operation', () => {
    const targets = targetsOf(bank[0] ?? { id: '', instances: [], seconds: 0, constant: {} }, 0.0002);
    expect(targets.length).toBeGreaterThan(4);
    const target = (gate: number) => targets[gate % targets.length] ?? { operation: '', span: '' };
    const slow = gates(2 * targets.length, (gate) => slower(target(gate), 0.12));
    const found = slow.filter((each, gate) =>
      each.failed.some((row) => row.operation === target(gate).operation),
    );
    expect(found.length).toBeGreaterThanOrEqual(slow.length - 1);
    const wrong = slow.flatMap((each, gate) =>
      each.failed.filter((row) => row.operation !== target(gate).operation).map((row) => row.id),
    );
    expect(wrong).toEqual([]);
  });

  test('take no round twice', () => {
    for (const { comparison, rounds } of same) {
      expect(comparison.together).toMatchObject({
        screenRounds: rounds.screen,
        confirmRounds: rounds.confirm,
      });
    }
  });
});
