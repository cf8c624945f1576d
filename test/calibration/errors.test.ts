/** Error rates of whole gates side by side: a round to screen, two to confirm, and further ones while they are open. */
import { describe, expect, test } from 'vitest';
import { judgeErrorRates, TOGETHER_RULES } from '../../src/compare/error-rates.ts';
import type { Judgement, Pair } from '../../src/compare/judgement.ts';
import type { Observation } from '../../src/compare/series.ts';
import { type Random, seededRandom } from '../../src/random.ts';
import { pairOf } from '../compare/pairs.ts';

const INSTANCES = 4;
/** Of one request to an instance in a round of 24 s: the PostgreSQL example beside a neighbour. */
const REQUESTS = 140;
/** Rows that have no error, and the client's and the server's row of the request that has. */
const ROWS = 30;
const AT_MOST = 5;

describe('the error rates of a gate', () => {
  test.each([0.000_2, 0.001, 0.005, 0.02, 0.1])('of equal builds hardly ever fail: %d', (rate) => {
    const { failed, rounds } = play(2000, { base: rate, head: rate });
    // Six of 2,000 is an upper bound of 0.6 % (95 %); the bound by the two stages is 0.03 %, or 0.1 % from no error.
    expect(failed).toBeLessThanOrEqual(2);
    expect(rounds).toBeLessThan(2.2);
  });

  test.each([
    { base: 0, head: 0.01, found: 0.95 },
    { base: 0, head: 0.02, found: 0.99 },
    { base: 0.01, head: 0.05, found: 0.9 },
  ])('fail from $base to $head', ({ found, ...rates }) => {
    const { failed } = play(400, rates);
    expect(failed / 400).toBeGreaterThanOrEqual(found);
  });
});

function play(gates: number, rates: { readonly base: number; readonly head: number }) {
  const random = seededRandom(20_261_128);
  let failed = 0;
  let rounds = 0;
  for (let gate = 0; gate < gates; gate += 1) {
    const played = playGate(rates, random);
    if (played.found?.outcome === 'fail') failed += 1;
    rounds += played.rounds;
  }
  return { failed, rounds: rounds / gates };
}

function playGate(rates: { readonly base: number; readonly head: number }, random: Random) {
  const screen = drawnRounds(rates, { from: 0, count: 1 }, random);
  let found = judge(screen);
  if (found?.reason !== 'screened') return { found, rounds: 1 };
  let confirm = drawnRounds(rates, { from: 1, count: 2 }, random);
  let rounds = 3;
  for (;;) {
    found = judge(screen, confirm);
    const isOpen = found?.reason === 'not-confirmed' && (found.shift ?? 0) >= 0.001;
    if (!isOpen || rounds === AT_MOST) return { found, rounds };
    const more = drawnRounds(rates, { from: rounds, count: 1 }, random);
    confirm = {
      ...confirm,
      baseline: [...confirm.baseline, ...more.baseline],
      candidate: [...confirm.candidate, ...more.candidate],
    };
    rounds += 1;
  }
}

function judge(pair: Pair, again?: Pair): Judgement | undefined {
  const server = (each: Pair) => ({ ...each, id: 'server' });
  const still = Array.from({ length: ROWS }, (_, index) => ({
    ...withoutErrors(pair),
    id: `other ${index}`,
  }));
  const confirmations = again
    ? new Map([
        [again.id, again],
        ['server', server(again)],
      ])
    : new Map<string, Pair>();
  return judgeErrorRates([pair, server(pair), ...still], confirmations, TOGETHER_RULES).get(pair.id);
}

function withoutErrors(pair: Pair): Pair {
  const none = (each: Observation): Observation => ({ ...each, value: 0, events: 0 });
  return { ...pair, baseline: pair.baseline.map(none), candidate: pair.candidate.map(none) };
}

function drawnRounds(
  { base, head }: { readonly base: number; readonly head: number },
  { from, count }: { readonly from: number; readonly count: number },
  random: Random,
): Pair {
  const side = (rate: number) =>
    Array.from({ length: count * INSTANCES }, (_, index): Observation => {
      let events = 0;
      for (let request = 0; request < REQUESTS; request += 1) if (random() < rate) events += 1;
      const round = `round ${from + Math.floor(index / INSTANCES)}`;
      return { round, value: events / REQUESTS, count: REQUESTS, events };
    });
  return pairOf('error-rate', { baseline: side(base), candidate: side(head) }, { level: 'fail' });
}
