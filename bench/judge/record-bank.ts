/**
 * Records rounds of unchanged code side by side for the bank. Stop it at any time: rounds that are finished are kept,
 * and the next call goes on behind them.
 *
 *   npm run build && npm run bench:record-bank -- examples/express-orders/spangate.yml [options]
 *
 *   --rounds 40          rounds in the folder after it (those that are there count)
 *   --minutes 30         no further round is begun after so long
 *   --duration 24        measured seconds of a round
 *   --instances 4        of each arm
 *   --model interleaved  interleaved, closed or open
 *   --rate 300           requests a second in all, of the open model
 *   --neighbour          with two processes beside it that take CPU at random
 *   --name orders        of the example; default: its folder
 *   --seed 1
 *   --bank bench/judge/bank
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadModel, Scenario } from '../../src/config.ts';
import type { Measurement } from '../../src/measurement.ts';
import type { RunProgress } from '../../src/runner/run-progress.ts';
import { addToBank, bankRoundOf, folderOf, roundFiles } from './bank.ts';
import { startHogs } from './hog.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '600' },
    duration: { type: 'string', default: '24' },
    instances: { type: 'string', default: '4' },
    model: { type: 'string', default: 'interleaved' },
    rate: { type: 'string', default: '300' },
    neighbour: { type: 'boolean', default: false },
    name: { type: 'string' },
    seed: { type: 'string', default: '1' },
    bank: { type: 'string', default: 'bench/judge/bank' },
  },
});

/** The program as it is shipped; the bench's own copy has no preload beside it. */
function shipped<T>(path: string): Promise<T> {
  return import(new URL(`../../../../build/${path}`, import.meta.url).href) as Promise<T>;
}
const [{ loadConfig }, { openTogether }, { createProcessRegistry }, { setUpServices }, { TOOL }] =
  await Promise.all([
    shipped<typeof import('../../src/config/config-file.ts')>('config/config-file.js'),
    shipped<typeof import('../../src/runner/together/open-together.ts')>('runner/together/open-together.js'),
    shipped<typeof import('../../src/runner/process-registry.ts')>('runner/process-registry.js'),
    shipped<typeof import('../../src/runner/set-up.ts')>('runner/set-up.js'),
    shipped<typeof import('../../src/tool.ts')>('tool.js'),
  ]);

const SILENT: RunProgress = { step() {}, round() {}, phase() {}, live() {} };

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stop.abort(new Error(signal)));

const file = positionals[0];
if (file === undefined) throw new Error('which configuration? e.g. examples/express-orders/spangate.yml');
const example = values.name ?? basename(dirname(resolve(file)));
const scenario = await scenarioOf(resolve(file));
const neighbour = values.neighbour ? 'neighbour' : 'quiet';
const folder = folderOf(resolve(values.bank), { example, neighbour, model: scenario.load.model });
const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim() || null;
try {
  await record();
} catch (error) {
  // Finished rounds are in the bank; the one that was begun is not.
  if (!stop.signal.aborted) throw error;
  process.exitCode = 130;
}

async function record(): Promise<void> {
  const wanted = Number(values.rounds);
  const ends = performance.now() + Number(values.minutes) * 60_000;
  // Another seed for every call, so that a resumed bench does not repeat itself.
  const seed = Number(values.seed) * 1000 + roundFiles(folder).length;
  const directory = mkdtempSync(join(tmpdir(), 'spangate-bank-'));
  const registry = createProcessRegistry({ runId: `bank${process.pid}`, signal: stop.signal });
  try {
    await using _ = registry;
    using _hogs = startHogs(values.neighbour ? [seed + 1, seed + 2] : []);
    await setUpServices({
      scenario,
      registry,
      inherited: process.env,
      logDirectory: directory,
      progress: SILENT,
    });
    const source = { scenario, commit: null };
    await using run = await openTogether({
      base: { arm: 'base', ...source },
      head: { arm: 'head', ...source },
      seed,
      inherited: process.env,
      registry,
      directory,
      progress: SILENT,
      now: () => new Date(),
      tool: TOOL,
    });
    while (roundFiles(folder).length < wanted && performance.now() < ends && !stop.signal.aborted) {
      const began = performance.now();
      await run.measureRound({ stage: 'screen', probe: false });
      const seconds = (performance.now() - began) / 1000;
      const pair = run.measurements('screen');
      if (pair) keep([pair.base, pair.head], { seed, seconds });
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function keep(
  arms: readonly [Measurement, Measurement],
  { seed, seconds }: { seed: number; seconds: number },
): void {
  const round = bankRoundOf(arms, -1, {
    example,
    neighbour,
    model: scenario.load.model,
    tool: TOOL,
    commit,
    seed,
    roundSeconds: Number(seconds.toFixed(2)),
  });
  if (round === null) return;
  const written = addToBank(folder, round);
  const requests = arms.flatMap(({ rounds }) =>
    (rounds.at(-1)?.instances ?? []).map((instance) => instance.quality.requestsCompleted),
  );
  console.log(
    `${written}: ${seconds.toFixed(1)} s, ${Math.min(...requests)} to ${Math.max(...requests)} requests an instance` +
      `${round.invalid === undefined ? '' : `, invalid (${round.invalid})`}`,
  );
}

async function scenarioOf(path: string): Promise<Scenario> {
  const config = await loadConfig({ cwd: process.cwd(), path, env: process.env });
  const [first] = config.scenarios;
  if (!first) throw new Error(`${path} has no scenario`);
  const model = values.model as Exclude<LoadModel, 'auto'>;
  const { together } = first.rounds;
  return {
    ...first,
    load: {
      ...first.load,
      model,
      ...(model === 'open' && { open: { rate: Number(values.rate), arrivals: 'poisson' as const } }),
    },
    rounds: {
      ...first.rounds,
      together: {
        ...together,
        instances: Number(values.instances),
        durationSeconds: Number(values.duration),
        probe: null,
      },
    },
  };
}
