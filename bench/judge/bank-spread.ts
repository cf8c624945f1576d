/**
 * What the rounds of the bank are like: spread between instances of one code, whether the arms were exchangeable, what a
 * round costs, and the smallest change that a row shows.
 *
 *   npm run bench:bank-spread -- bench/judge/bank/*
 */
import { median } from 'simple-statistics';
import { hasEnoughSamples } from '../../src/compare/enough-samples.ts';
import { pairsOf } from '../../src/compare/rows.ts';
import { defaultPolicy } from '../../src/config/defaults.ts';
import type { Quantity } from '../../src/config.ts';
import { type BankRound, instancesOf, readBank } from './bank.ts';
import { measurementOf } from './recordings.ts';

const QUANTITIES: readonly Quantity[] = ['p50', 'p90', 'p95', 'p99', 'self'];

console.log(
  `| rounds of | seconds | requests an instance | rows | ${QUANTITIES.map((q) => `${q}: client, spans`).join(' | ')} | p50 matched, and plain of the same rows: client, spans | mean shift of the arms: p50, p90, p50 matched (t) |`,
);
console.log(`|---|---|---|---|${QUANTITIES.map(() => '---|').join('')}---|---|`);
for (const folder of process.argv.slice(2)) {
  const rounds = readBank(folder).filter((round) => round.invalid === undefined);
  if (rounds.length > 0) console.log(lineOf(folder.split('/').filter(Boolean).at(-1) ?? folder, rounds));
}

function lineOf(name: string, rounds: readonly BankRound[]): string {
  const policy = defaultPolicy('standard');
  const spreads = new Map<string, number[]>();
  const shifts = new Map<Quantity | 'matched', number[][]>();
  let rows = 0;
  for (const round of rounds) {
    const instances = instancesOf(round);
    const of = (arm: string) => instances.filter((_, index) => round.arms[index] === arm);
    const pairs = pairsOf(
      measurementOf('base', { round: of('base') }),
      measurementOf('head', { round: of('head') }),
      policy,
    ).filter(hasEnoughSamples);
    rows = pairs.filter((pair) => pair.limit.level === 'fail').length;
    const ofRound = new Map<Quantity | 'matched', number[]>();
    for (const { quantity, span, baseline, candidate } of pairs) {
      const base = baseline.map(({ value }) => Math.log(value));
      const head = candidate.map(({ value }) => Math.log(value));
      if (![...base, ...head].every(Number.isFinite)) continue;
      add(spreads, `${quantity} ${span === null ? 'client' : 'span'}`, Math.sqrt(pooled(base, head)));
      add(ofRound, quantity, mean(head) - mean(base));
      const [left, right] = [baseline, candidate].map((series) =>
        series.flatMap(({ matched }) => matched ?? []),
      );
      if (!left || !right || left.length + right.length < base.length + head.length) continue;
      const of = span === null ? 'client' : 'span';
      add(spreads, `matched ${of}`, Math.sqrt(pooled(left, right)));
      add(spreads, `plain ${of}`, Math.sqrt(pooled(base, head)));
      add(ofRound, 'matched', mean(right) - mean(left));
    }
    for (const [quantity, list] of ofRound) add(shifts, quantity, list);
  }
  const spread = (quantity: Quantity | 'matched' | 'plain', of: string): string => {
    const list = spreads.get(`${quantity} ${of}`);
    return list ? `${(100 * median(list)).toFixed(1)}` : '-';
  };
  const requests = rounds.flatMap((round) =>
    round.arms.map((_, index) =>
      Object.values(round.operations).reduce((sum, operation) => sum + (operation.requests[index] ?? 0), 0),
    ),
  );
  return `| ${[
    `${name} (${rounds.length})`,
    median(rounds.map((round) => round.roundSeconds)).toFixed(1),
    median(requests).toFixed(0),
    rows,
    ...QUANTITIES.map((quantity) => `${spread(quantity, 'client')}, ${spread(quantity, 'span')} %`),
    ['client', 'span'].map((of) => `${spread('matched', of)} (${spread('plain', of)})`).join(', '),
    `${shiftOf(shifts.get('p50'))}, ${shiftOf(shifts.get('p90'))}, ${shiftOf(shifts.get('matched'))}`,
  ].join(' | ')} |`;
}

/** Mean over rounds of the median shift of the rows of a round, and how many standard errors it is. */
function shiftOf(rounds: readonly (readonly number[])[] | undefined): string {
  if (!rounds || rounds.length < 2) return '-';
  const shifts = rounds.map((list) => median([...list]));
  const middle = mean(shifts);
  const squares = shifts.reduce((sum, shift) => sum + (shift - middle) ** 2, 0);
  const error = Math.sqrt(squares / (shifts.length - 1) / shifts.length);
  return `${(100 * middle).toFixed(2)} % (${(middle / error).toFixed(1)})`;
}

/** Variance within the arms. */
function pooled(base: readonly number[], head: readonly number[]): number {
  const squares = (list: readonly number[]): number => {
    const middle = mean(list);
    return list.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  };
  return (squares(base) + squares(head)) / (base.length + head.length - 2);
}

function mean(list: readonly number[]): number {
  return list.reduce((sum, value) => sum + value, 0) / list.length;
}

function add<K, T>(lists: Map<K, T[]>, key: K, value: T): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
