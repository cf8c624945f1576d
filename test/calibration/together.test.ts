/**
 * The judge as a classifier, on recorded rounds measured side by side: how often it cries wolf, and what it finds.
 * A quick, seeded part of `npm run bench:judge`, with the same code.
 */
import { describe, expect, test } from 'vitest';
import { type Change, gateTogether, type Outcome, TRIAL_POLICY } from '../../bench/judge/draws.ts';
import { measurementOf, type Recording, readRecordings, slowed } from '../../bench/judge/recordings.ts';
import { compare } from '../../src/compare/compare.ts';
import { seededRandom, shuffled } from '../../src/random.ts';

const folder = new URL('../../bench/judge/recordings/', import.meta.url);
const recordings = readRecordings(folder, 'k8_');
const DESIGN = { screenRounds: 2, confirmRounds: 3, policy: TRIAL_POLICY };
const same: Change = (instance) => instance;

function gates(draws: number, change: Change): Outcome[] {
  const random = seededRandom(1);
  return Array.from({ length: draws }, (_, seed) =>
    gateTogether(recordings, DESIGN, { random, change, seed }),
  );
}

describe('the judge on rounds measured together', () => {
  // 0 of 400 on record with 2 rounds, then 3, alpha 0.30 and 0.01: 0.3 % at most by construction.
  test('raises no false alarm in 60 gates of the same code', () => {
    const outcomes = gates(60, same);
    expect(outcomes.filter((outcome) => outcome.failed.length > 0)).toHaveLength(0);
    // The screening stage spends 30 % and no more: three binomial standard deviations are allowed.
    const confirmed = outcomes.filter((outcome) => outcome.roundsUsed > 2).length;
    expect(confirmed).toBeLessThanOrEqual(29);
  });

  // .88 on record. Two spans that differ in noise; 40 gates show at least .75 if the power is .88 (p = 0.99).
  test.each(['search.rank', 'users.serialize'])(
    'finds %s slower by a twentieth, and blames another span in one gate of forty at most',
    (span) => {
      const outcomes = gates(40, (instance) => slowed(instance, span, 1.05));
      const found = outcomes.filter((outcome) => outcome.failed.some((row) => row.span?.name === span));
      expect(found.length).toBeGreaterThanOrEqual(30);
      // What the confirming stage may spend here is 0.01 a gate.
      const wrong = outcomes.filter((outcome) => outcome.failed.some((row) => row.span?.name !== span));
      expect(wrong.length).toBeLessThanOrEqual(1);
    },
  );

  test('finds a span 10 % slower in every gate', () => {
    const outcomes = gates(20, (instance) => slowed(instance, 'db.find_orders', 1.1));
    const found = outcomes.filter((outcome) =>
      outcome.failed.some((row) => row.span?.name === 'db.find_orders'),
    );
    expect(found).toHaveLength(20);
  });

  test('finds a real busy wait of 5 % in the running service, in its span and the route above it', () => {
    const slow = readRecordings(folder, 'inj5_');
    const random = seededRandom(2);
    const gates = Array.from({ length: 10 }, (_, seed) => fixedArms(shuffled(slow, random), seed));
    const names = gates.map((rows) => new Set(rows.map((row) => row.span?.name)));
    expect(names.filter((each) => each.has('search.rank')).length).toBeGreaterThanOrEqual(8);
    const others = names.flatMap((each) => [...each].filter((name) => name !== 'search.rank'));
    expect(new Set(others)).toEqual(new Set(['GET /search']));
  });
});

/** Two rounds to screen and three to confirm, with the processes in the arms that they ran in. */
function fixedArms(chosen: readonly Recording[], seed: number) {
  const arm = (files: readonly Recording[], from: number) =>
    measurementOf(
      `arm ${from}`,
      Object.fromEntries(files.map(({ file, instances }) => [file, instances.slice(from, from + 4)])),
    );
  const comparison = compare({
    baseline: arm(chosen.slice(0, 2), 0),
    candidate: arm(chosen.slice(0, 2), 4),
    baselineConfirmation: arm(chosen.slice(2, 5), 0),
    confirmation: arm(chosen.slice(2, 5), 4),
    policy: TRIAL_POLICY,
    seed,
    createdAt: '',
    tool: 'judge',
    comparability: 'like',
  });
  return comparison.rows.filter((row) => row.outcome === 'fail');
}
