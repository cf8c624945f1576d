/**
 * Replays recorded rounds as gates, and counts false alarms and what is found.
 *
 *   npm run bench:judge [draws]
 */

import { defaultPolicy } from '../../src/config/defaults.ts';
import type { Policy } from '../../src/config.ts';
import { seededRandom } from '../../src/random.ts';
import { type Change, gateStored, gateTogether, type Outcome, TRIAL_POLICY } from './draws.ts';
import { type Recording, readRecordings, slowed, spansOf } from './recordings.ts';

const draws = Number(process.argv[2] ?? 400);
const folder = new URL('../../../judge/recordings/', import.meta.url);
const recordings = readRecordings(folder, 'k8_');
const SPANS = spansOf(recordings[0] as Recording);

type Gate = (random: () => number, change: Change, seed: number) => Outcome;

function row(name: string, gate: Gate, factor: number, spans: readonly string[]): void {
  const random = seededRandom(1);
  let alarms = 0;
  let found = 0;
  let wrong = 0;
  let rounds = 0;
  const verdicts: Record<string, number> = {};
  const began = performance.now();
  for (let draw = 0; draw < draws; draw += 1) {
    const span = spans[draw % spans.length] as string;
    const change: Change =
      factor === 1 ? (instance) => instance : (instance) => slowed(instance, span, factor);
    const outcome = gate(random, change, draw);
    const right = outcome.failed.filter((each) => each.span?.name === span);
    if (outcome.failed.length > 0) alarms += 1;
    if (right.length > 0) found += 1;
    if (outcome.failed.length > right.length) wrong += 1;
    rounds += outcome.roundsUsed;
    const { verdict } = outcome.comparison;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  }
  const share = (count: number): string => (count / draws).toFixed(3);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const measured =
    factor === 1 ? `false alarms ${alarms}/${draws}` : `found ${share(found)}, wrong span ${share(wrong)}`;
  const split = Object.entries(verdicts).map(([verdict, count]) => `${verdict} ${share(count)}`);
  console.log(
    `${name}, x${factor}: ${measured}; rounds ${(rounds / draws).toFixed(2)}; ${split.join(', ')} (${seconds} s)`,
  );
}

const STANDARD = defaultPolicy('standard');
const together =
  (screenRounds: number, confirmRounds: number, policy: Policy = TRIAL_POLICY): Gate =>
  (random, change, seed) =>
    gateTogether(recordings, { screenRounds, confirmRounds, policy }, { random, change, seed });
const stored =
  (rounds: number, instances: number): Gate =>
  (random, change, seed) =>
    gateStored(recordings, { rounds, instances, policy: STANDARD }, { random, change, seed });

/** Shorter ones cannot grow by the smallest shift that the profile flags, 0.05 ms. */
const LONG = spansOf(recordings[0] as Recording, 0.0002);

for (const factor of [1, 1.03, 1.05, 1.1]) {
  row('together, limits of the trial, all spans, 2 then 3 rounds of 4+4', together(2, 3), factor, SPANS);
}
for (const factor of [1, 1.1, 1.25]) {
  row(
    'together, profile standard, spans from 0.2 ms, 2 then 3 rounds of 4+4',
    together(2, 3, STANDARD),
    factor,
    LONG,
  );
}
for (const [rounds, instances] of [
  [1, 8],
  [4, 2],
] as const) {
  for (const factor of [1, 1.25, 1.4, 1.6, 2]) {
    const name = `stored, profile standard, spans from 0.2 ms, ${rounds} recording(s), ${instances} instances of each`;
    row(name, stored(rounds, instances), factor, LONG);
  }
}
