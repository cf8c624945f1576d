/**
 * How long the permutation test takes: 60 rows, 5,001 labelings, 16 instances in two rounds, and 40 in five.
 *
 *   npm run bench:judge-speed
 */
import { labelingsOf } from '../../src/compare/statistics/labelings.ts';
import { maxT } from '../../src/compare/statistics/max-t.ts';
import { seededRandom } from '../../src/random.ts';

const ROUND = { baseline: 4, candidate: 4 };
const ROWS = 60;

for (const count of [2, 5]) {
  const times = Array.from({ length: 9 }, (_, seed) => time(count, seed)).sort((left, right) => left - right);
  console.log(
    `${ROWS} rows, ${8 * count} instances: median ${(times[4] ?? 0).toFixed(0)} ms, slowest ${(times[8] ?? 0).toFixed(0)} ms`,
  );
}

function time(count: number, seed: number): number {
  const random = seededRandom(seed);
  const rounds = Array.from({ length: count }, () => ROUND);
  const rows = Array.from({ length: ROWS }, () => ({
    values: Array.from({ length: 8 * count }, () => random()),
    class: 'p50',
    inFamily: true,
  }));
  const began = performance.now();
  maxT(rows, labelingsOf(rounds, random));
  return performance.now() - began;
}
