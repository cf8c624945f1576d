/**
 * Replays recorded rounds as whole gates, in worker threads: false alarms, what is found, and what it takes.
 *
 *   npm run bench:judge-gates -- [options]
 *
 *   --source recordings     `recordings`, or folders of the bank (repeatable), e.g. bench/judge/bank/pricing-quiet-interleaved
 *   --gates 10000           gates of unchanged code, for each source and profile
 *   --power 400             gates for each known change; 0: none
 *   --profile standard      standard or strict (repeatable)
 *   --plan 1,2,5            rounds to screen, to confirm, and at most
 *   --limit p50=3,5,0.05    floor %, limit %, at-least ms, in place of the profile's (repeatable)
 *   --budget 240            seconds
 *   --instances 4           of each arm
 *   --clock 16,32           seconds of a gate outside its rounds, and of a round: `node bench/live-gates.mjs summary`
 *   --only none             changes whose name has this in it
 *   --span search.rank      spans that are changed, by a part of their key; default: all of 0.2 ms and more
 *   --batches 20            resamples of the rounds, whose spread gives the interval
 *   --threads 2
 *   --seed 1
 *   --out bench/results/judge-gates.jsonl   lines are appended
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { defaultPolicy, type ProfileName } from '../../src/config/defaults.ts';
import type { Policy, Quantity, TogetherRounds } from '../../src/config.ts';
import { readBank } from './bank.ts';
import { addTally, type Cell, type Change, emptyTally, runBatch, type Tally } from './cells.ts';
import {
  type GateClock,
  type GateDesign,
  type RecordedRound,
  roundsOfBank,
  roundsOfRecordings,
} from './gates.ts';
import { wilson } from './intervals.ts';
import { readRecordings } from './recordings.ts';

interface Job {
  readonly source: string;
  readonly profile: ProfileName;
  readonly limits: readonly string[];
  readonly together: TogetherRounds;
  readonly instances: number;
  readonly clock: GateClock | null;
  readonly cell: Cell;
  readonly batch: number;
  readonly gates: number;
}

function serve(): void {
  const banks = new Map<string, readonly RecordedRound[]>();
  parentPort?.on('message', (job: Job | null) => {
    if (job === null) process.exit(0);
    const bank = banks.get(job.source) ?? roundsOf(job.source);
    banks.set(job.source, bank);
    const design: GateDesign = {
      policy: policyOf(job.profile, job.limits),
      together: job.together,
      instances: job.instances,
      ...(job.clock && { clock: job.clock }),
    };
    parentPort?.postMessage(runBatch(bank, design, job));
  });
}

function policyOf(profile: ProfileName, changed: readonly string[]): Policy {
  const policy = defaultPolicy(profile);
  const limits = { ...policy.limits };
  for (const text of changed) {
    const [quantity, parts = ''] = text.split('=') as [Quantity, string?];
    const [warn = 0, fail = 0, milliseconds = 0] = parts.split(',').map(Number);
    limits[quantity] = {
      ...limits[quantity],
      warn: warn / 100,
      fail: fail / 100,
      atLeast: milliseconds / 1000,
    };
  }
  return { ...policy, limits };
}

function roundsOf(source: string): readonly RecordedRound[] {
  if (source !== 'recordings') return roundsOfBank(readBank(resolve(source)));
  return roundsOfRecordings(readRecordings(new URL('../../../judge/recordings/', import.meta.url), 'k8_'));
}

/** The shifts of the aims, and what lies about them. */
const CHANGES: readonly { readonly change: Change; readonly name: string }[] = [
  ...[0.03, 0.05, 0.06, 0.1, 0.12, 0.25].map((share) => ({
    change: { kind: 'slower', share } as const,
    name: `span +${Math.round(100 * share)} %`,
  })),
  ...[0.06, 0.12, 0.25].map((share) => ({
    change: { kind: 'tenth', share } as const,
    name: `tail alone +${Math.round(100 * share)} %`,
  })),
  ...[0.15, 0.3].map((share) => ({
    change: { kind: 'hundredth', share } as const,
    name: `slowest hundredth alone +${Math.round(100 * share)} %`,
  })),
  ...[0.005, 0.01, 0.02].map((share) => ({
    change: { kind: 'errors', share } as const,
    name: `errors +${100 * share} points`,
  })),
  { change: { kind: 'call' }, name: 'one more call' },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      source: { type: 'string', multiple: true, default: ['recordings'] },
      gates: { type: 'string', default: '10000' },
      power: { type: 'string', default: '400' },
      profile: { type: 'string', multiple: true, default: ['standard'] },
      plan: { type: 'string', default: '1,2,5' },
      budget: { type: 'string', default: '240' },
      instances: { type: 'string', default: '4' },
      batches: { type: 'string', default: '20' },
      threads: { type: 'string', default: '2' },
      seed: { type: 'string', default: '1' },
      clock: { type: 'string' },
      only: { type: 'string' },
      span: { type: 'string', default: '' },
      limit: { type: 'string', multiple: true, default: [] },
      out: { type: 'string', default: 'bench/results/judge-gates.jsonl' },
    },
  });
  const [screen = 2, confirm = 3, atMost = 7] = values.plan.split(',').map(Number);
  const together: TogetherRounds = {
    instances: Number(values.instances),
    screen,
    confirm,
    atMost,
    durationSeconds: 0,
    budgetSeconds: Number(values.budget),
    probe: null,
  };
  const clock = values.clock === undefined ? null : clockOf(values.clock);
  const workers = Array.from({ length: Number(values.threads) }, () => new Worker(new URL(import.meta.url)));
  mkdirSync(dirname(resolve(values.out)), { recursive: true });
  console.log(HEADER);
  for (const source of values.source) {
    const recorded = roundsOf(source).length;
    for (const profile of values.profile as ProfileName[]) {
      const wanted = [
        { name: 'none', change: { kind: 'none' } as const, gates: Number(values.gates) },
        ...CHANGES.map((each) => ({ ...each, gates: Number(values.power) })),
      ].filter(({ gates, name }) => gates > 0 && (!values.only || name.includes(values.only)));
      for (const { name, change, gates } of wanted) {
        const cell: Cell = { change, atLeast: 0.0002, span: values.span, seed: Number(values.seed) };
        const job = {
          source,
          profile,
          limits: values.limit,
          together,
          instances: Number(values.instances),
          clock,
          cell,
        };
        const batches = Math.min(gates, Number(values.batches));
        const tallies = await spread(workers, batches, (batch) => ({
          ...job,
          batch,
          gates: Math.ceil(gates / batches),
        }));
        if (tallies.every((tally) => tally.gates === 0)) {
          console.log(
            `| ${basename(source)} | ${profile} | ${name}: no span is long enough and has that name |`,
          );
          continue;
        }
        const line = lineOf(
          {
            source: basename(source),
            recorded,
            profile,
            name,
            plan: values.plan,
            limits: values.limit,
            clock,
            span: values.span,
          },
          tallies,
        );
        appendFileSync(resolve(values.out), `${JSON.stringify(line)}\n`);
        console.log(tableRow(line));
      }
    }
  }
  for (const worker of workers) worker.postMessage(null);
}

function clockOf(text: string): GateClock {
  const [fixed = Number.NaN, round = Number.NaN] = text.split(',').map(Number);
  if (!(fixed >= 0 && round > 0)) throw new Error(`--clock ${text}: two numbers of seconds, such as 16,32`);
  return { fixed, round };
}

/** Each worker takes the next batch when it is done with one. */
async function spread(
  workers: readonly Worker[],
  batches: number,
  job: (batch: number) => Job,
): Promise<Tally[]> {
  const tallies: Tally[] = [];
  let next = 0;
  const work = async (worker: Worker): Promise<void> => {
    while (next < batches) {
      const batch = next;
      next += 1;
      const answer = new Promise<Tally>((resolved, rejected) => {
        worker.once('message', (tally: Tally) => {
          worker.off('error', rejected);
          resolved(tally);
        });
        worker.once('error', rejected);
      });
      worker.postMessage(job(batch));
      tallies[batch] = await answer;
    }
  };
  await Promise.all(workers.map(work));
  return tallies;
}

interface About {
  readonly source: string;
  readonly recorded: number;
  readonly profile: string;
  readonly name: string;
  readonly plan: string;
  readonly limits: readonly string[];
  readonly clock: GateClock | null;
  readonly span: string;
}

function lineOf(about: About, tallies: readonly Tally[]) {
  const all = emptyTally();
  for (const tally of tallies) addTally(all, tally);
  const { seconds, open, why, ...counts } = all;
  const sorted = [...seconds].sort((left, right) => left - right);
  const hits = (tally: Tally): number => (about.name === 'none' ? tally.fail : tally.found);
  const shares = tallies.map((tally) => hits(tally) / tally.gates).sort((left, right) => left - right);
  return {
    ...about,
    ...counts,
    share: hits(all) / all.gates,
    /** As if the gates were independent. */
    interval: wilson(hits(all), all.gates),
    /** Lowest and highest of the resamples of the rounds. */
    resamples: tallies.length,
    lowest: shares[0] ?? 0,
    highest: shares.at(-1) ?? 0,
    secondsMean: seconds.reduce((sum, each) => sum + each, 0) / seconds.length,
    seconds95: sorted[Math.floor(0.95 * sorted.length)] ?? 0,
    coverage: all.intervals === 0 ? null : all.covering / all.intervals,
    open: Object.fromEntries(
      Object.entries(open)
        .sort((left, right) => right[1] - left[1])
        .slice(0, 6),
    ),
    why,
  };
}

const HEADER = [
  '| source (rounds) | profile, plan | change | gates | fails / found | resamples | wrong | inconclusive | pass | rounds | seconds, 95 of 100 | coverage |',
  '|---|---|---|---|---|---|---|---|---|---|---|---|',
].join('\n');

function tableRow(line: ReturnType<typeof lineOf>): string {
  const percent = (share: number): string => `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;
  const range = (low: number, high: number): string => `${percent(low)} to ${percent(high)}`;
  return `| ${[
    `${line.source} (${line.recorded})`,
    `${line.profile} ${line.plan}`,
    line.name,
    line.gates,
    `${percent(line.share)} (${range(line.interval.lower, line.interval.upper)})`,
    range(line.lowest, line.highest),
    percent(line.wrong / line.gates),
    percent(line.inconclusive / line.gates),
    percent(line.pass / line.gates),
    (line.rounds / line.gates).toFixed(2),
    `${line.secondsMean.toFixed(0)}, ${line.seconds95}`,
    line.coverage === null ? '-' : percent(line.coverage),
  ].join(' | ')} |`;
}

if (isMainThread) await main();
else serve();
