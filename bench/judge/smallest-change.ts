/**
 * The smallest change that rounds of the bank show nine times in ten, row by row, by the formula of `spangate calibrate`:
 * for a minute of measuring, and for one, three and five rounds.
 *
 *   npm run bench:smallest-change -- bench/judge/bank/*
 *   npm run bench:smallest-change -- --rows bench/judge/bank/express-orders-neighbour-interleaved
 *   npm run bench:smallest-change -- --round 42 bench/judge/bank/express-orders-neighbour-interleaved
 *
 * Rounds that a gate recorded say what the whole gate took by its rounds; `--round` gives the seconds of a round alone
 * (`node bench/live-gates.mjs summary`).
 */
import { parseArgs } from 'node:util';
import { median } from 'simple-statistics';
import type { CalibratedRow } from '../../src/compare/calibrated-row.ts';
import { calibrate } from '../../src/compare/calibration.ts';
import { DEFAULT_TOGETHER, defaultPolicy } from '../../src/config/defaults.ts';
import type { Quantity, TogetherRounds } from '../../src/config.ts';
import type { Instance } from '../../src/measurement.ts';
import { type BankRound, instancesOf, readBank } from './bank.ts';
import { measurementOf } from './recordings.ts';

const QUANTITIES: readonly Quantity[] = ['p50', 'p90'];
/** The last ones: enough to know how much a row varies. */
const MOST_ROUNDS = 12;
const ROUNDS = [1, 3, 5];

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rows: { type: 'boolean', default: false }, round: { type: 'string' } },
});

const head = [...ROUNDS.map((rounds) => `${rounds} ${rounds === 1 ? 'round' : 'rounds'}`), 'a minute'];
console.log(
  `| rounds of | seconds a round | quantity | ${values.rows ? 'row' : 'rows'} | ${head.join(' | ')} |\n|${'---|'.repeat(4 + head.length)}`,
);
for (const folder of positionals) {
  const rounds = readBank(folder).filter((round) => round.invalid === undefined);
  if (rounds.length > 1)
    print(folder.split('/').filter(Boolean).at(-1) ?? folder, rounds.slice(-MOST_ROUNDS));
}

function print(name: string, rounds: readonly BankRound[]): void {
  const seconds = Number(values.round ?? median(rounds.map(({ roundSeconds }) => roundSeconds)));
  const rows = rowsOf(rounds, seconds);
  for (const quantity of QUANTITIES) {
    const gated = rows.filter((row) => row.quantity === quantity && row.limit.level === 'fail');
    const known = gated.filter(({ noise }) => noise !== null);
    const start = [`${name} (${rounds.length})`, seconds.toFixed(0), quantity];
    if (values.rows) {
      for (const row of known) line([...start, row.id, ...changesOf(row, seconds).map(percent)]);
      continue;
    }
    const columns = known.map((row) => changesOf(row, seconds));
    const texts = head.map((_, at) => rangeOf(columns.map((changes) => changes[at] ?? 0)));
    line([...start, `${known.length} of ${gated.length}`, ...texts]);
  }
}

function line(cells: readonly string[]): void {
  console.log(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
}

/** In the order of the columns. */
function changesOf({ noise }: CalibratedRow, seconds: number): readonly number[] {
  const of = (rounds: number): number =>
    // A change is a share of the value; standard errors shrink on the log scale.
    Math.expm1(Math.log1p(noise?.perMinute ?? 0) * Math.sqrt(60 / seconds / rounds));
  return [...ROUNDS.map(of), noise?.perMinute ?? 0];
}

/** Smallest, middle and largest. */
function rangeOf(changes: readonly number[]): string {
  if (changes.length === 0) return '-';
  return `${percent(Math.min(...changes))}, **${percent(median([...changes]))}**, ${percent(Math.max(...changes))}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function rowsOf(rounds: readonly BankRound[], secondsPerRound: number): readonly CalibratedRow[] {
  const ofArm = (arm: 'base' | 'head') =>
    measurementOf(
      arm,
      Object.fromEntries(rounds.map((round, index) => [`${index}`, instancesIn(round, arm)])),
    );
  const { instances, screen, confirm, atMost } = DEFAULT_TOGETHER;
  const together: TogetherRounds = {
    ...{ instances, screen, confirm, atMost, durationSeconds: 24, budgetSeconds: 240, probe: null },
  };
  return calibrate({
    arms: { base: ofArm('base'), head: ofArm('head') },
    policy: defaultPolicy('standard'),
    profiles: [defaultPolicy('standard')],
    together,
    instances,
    exchangeable: 'instances',
    seconds: secondsPerRound * rounds.length,
    seed: 1,
    createdAt: '2026-01-01T00:00:00.000Z',
    tool: 'judge',
    warnings: [],
  }).rows;
}

function instancesIn(round: BankRound, arm: 'base' | 'head'): readonly Instance[] {
  return instancesOf(round).filter((_, index) => round.arms[index] === arm);
}
