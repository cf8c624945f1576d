/**
 * The peers' rules on the rounds that the gates are drawn from, each with five rounds of both arms side by side, which
 * is as much as a red gate of ours measures, and up to thirty earlier rounds as its history.
 *
 *   npm run bench:judge-peers -- [--source recordings] [--gates 400] [--rounds 5] [--out bench/results/judge-peers.jsonl]
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { hasEnoughSamples } from '../../src/compare/enough-samples.ts';
import type { Pair } from '../../src/compare/judgement.ts';
import { pairsOf } from '../../src/compare/rows.ts';
import { isTimed } from '../../src/compare/series.ts';
import { defaultPolicy } from '../../src/config/defaults.ts';
import type { Instance, Measurement } from '../../src/measurement.ts';
import { seededRandom, shuffled } from '../../src/random.ts';
import { readBank } from './bank.ts';
import {
  type Injection,
  NO_INJECTION,
  type RecordedRound,
  roundsOfBank,
  roundsOfRecordings,
} from './gates.ts';
import { slower, type Target, targetsOf } from './injections.ts';
import { wilson } from './intervals.ts';
import { PEERS, type PeerRow, type PeerSample } from './peers.ts';
import { measurementOf, readRecordings } from './recordings.ts';

const { values } = parseArgs({
  options: {
    source: { type: 'string', multiple: true, default: ['recordings'] },
    gates: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'bench/results/judge-peers.jsonl' },
  },
});
const POLICY = defaultPolicy('standard');
const SHIFTS = [0, 0.06, 0.12, 0.25];
const MOST_HISTORY = 30;
/** Coefficient of variation of single durations within an instance of the recordings; a usual one of web services. */
const REQUEST_SPREAD = 0.4;

mkdirSync(dirname(resolve(values.out)), { recursive: true });
console.log(
  `| source (rounds) | rule | false alarms of whole gates | ${SHIFTS.slice(1)
    .map((s) => `+${100 * s} %`)
    .join(' | ')} | seconds |`,
);
console.log(
  `|---|---|---|${SHIFTS.slice(1)
    .map(() => '---|')
    .join('')}---|`,
);
for (const source of values.source) replay(source);

function replay(source: string): void {
  const bank = roundsOf(source);
  const gates = Number(values.gates);
  const used = Math.min(Number(values.rounds), Math.floor(bank.length / 2));
  const seconds = bank.slice(0, used).reduce((sum, round) => sum + round.seconds, 0);
  const hits = new Map(Object.keys(PEERS).map((name) => [name, SHIFTS.map(() => 0)]));
  for (const [index, shift] of SHIFTS.entries()) {
    const random = seededRandom(Number(values.seed) + index);
    const targets = targetsOf(bank[0] as RecordedRound, 0.0002);
    for (let gate = 0; gate < gates; gate += 1) {
      const target = targets[gate % targets.length] as Target;
      const injection = shift === 0 ? NO_INJECTION : slower(target, shift);
      const rows = peerRows(shuffled(bank, random), { used, injection, random });
      for (const [name, rule] of Object.entries(PEERS)) {
        const flagged = rows.filter(({ row }) => rule(row));
        // A change is found where a row of its operation is flagged; without one, any flagged row is a false alarm.
        const counts =
          shift === 0 ? flagged.length > 0 : flagged.some(({ pair }) => pair.operation === target.operation);
        const list = hits.get(name);
        if (counts && list) list[index] = (list[index] ?? 0) + 1;
      }
    }
  }
  for (const [name, list] of hits) {
    const [alarms = 0, ...found] = list;
    const interval = wilson(alarms, gates);
    const line = {
      source: basename(source),
      recorded: bank.length,
      rule: name,
      gates,
      alarms,
      interval,
      shifts: SHIFTS.slice(1),
      found,
      seconds,
    };
    appendFileSync(resolve(values.out), `${JSON.stringify(line)}\n`);
    const share = (count: number): string => `${((100 * count) / gates).toFixed(1)} %`;
    console.log(
      `| ${line.source} (${bank.length}) | ${name} | ${share(alarms)} (${(100 * interval.lower).toFixed(1)} to ` +
        `${(100 * interval.upper).toFixed(1)}) | ${found.map(share).join(' | ')} | ${seconds.toFixed(0)} |`,
    );
  }
}

function roundsOf(source: string): readonly RecordedRound[] {
  if (source !== 'recordings') return roundsOfBank(readBank(resolve(source)));
  return roundsOfRecordings(readRecordings(new URL('../../../judge/recordings/', import.meta.url), 'k8_'));
}

interface Drawn {
  readonly pair: Pair;
  readonly row: PeerRow;
}

function peerRows(
  rounds: readonly RecordedRound[],
  { used, injection, random }: { used: number; injection: Injection; random: () => number },
): Drawn[] {
  const base: Record<string, readonly Instance[]> = {};
  const head: Record<string, readonly Instance[]> = {};
  for (const { id, instances } of rounds.slice(0, used)) {
    const order = shuffled(instances, random);
    base[id] = order.slice(0, order.length / 2);
    head[id] = order.slice(order.length / 2).map(injection.change);
  }
  const earlier = rounds
    .slice(used, used + MOST_HISTORY)
    .map(({ id, instances }) =>
      seriesById(measurementOf(id, { [id]: instances.slice(0, instances.length / 2) })),
    );
  return pairsOf(measurementOf('base', base), measurementOf('head', head), POLICY)
    .filter((pair) => pair.limit.level === 'fail' && isTimed(pair.quantity) && hasEnoughSamples(pair))
    .map((pair) => ({
      pair,
      row: {
        base: sampleOf(pair, 'baseline'),
        head: sampleOf(pair, 'candidate'),
        history: earlier.flatMap((run) => run.get(pair.id) ?? []),
      },
    }));
}

/** The mean over the instances of a run, by row. */
function seriesById(measurement: Measurement): ReadonlyMap<string, number> {
  return new Map(
    pairsOf(measurement, measurement, POLICY)
      .filter((pair) => pair.baseline.length > 0)
      .map((pair) => [
        pair.id,
        pair.baseline.reduce((sum, observation) => sum + observation.value, 0) / pair.baseline.length,
      ]),
  );
}

/**
 * The recordings keep quantiles and no single requests, so the deviation of the requests is a usual one. Twice of it
 * would not help a test that takes thousands of requests for independent.
 */
function sampleOf(pair: Pair, side: 'baseline' | 'candidate'): PeerSample {
  const series = pair[side];
  const list = series.map((observation) => observation.value);
  const average = list.reduce((sum, value) => sum + value, 0) / list.length;
  const count = series.reduce((sum, observation) => sum + observation.count, 0);
  return { values: list, requests: { count, mean: average, deviation: REQUEST_SPREAD * average } };
}
