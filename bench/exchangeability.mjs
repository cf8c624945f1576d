/**
 * Are the arms exchangeable? Rounds of one build beside itself, by all load models in turn: the mean shift between
 * the arms has to be within its standard error. The spread between instances of identical code is the noise of the
 * model. Each round is appended to bench/results/exchangeability.jsonl, so the bench can be stopped and resumed.
 *
 *   npm run build && node bench/exchangeability.mjs [options]
 *     --rounds 40               of each model, those that are there already counted
 *     --config FILE             examples/express-orders/spangate.yml
 *     --models LIST             interleaved,closed,open
 *     --instances 4             of each arm
 *     --duration 8              seconds of a round
 *     --rate R                  of the open model, a second; 40 % of what the interleaved rounds reached
 *     --report                  only prints what is there
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadConfig } from '../build/config/config-file.js';
import { createProcessRegistry } from '../build/runner/process-registry.js';
import { openTogether } from '../build/runner/together/open-together.js';
import { armShifts, rowsOf } from './arm-shifts.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, 'bench', 'results', 'exchangeability.jsonl');
const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    config: { type: 'string', default: join(root, 'examples', 'express-orders', 'spangate.yml') },
    models: { type: 'string', default: 'interleaved,closed,open' },
    instances: { type: 'string', default: '4' },
    duration: { type: 'string', default: '8' },
    rate: { type: 'string' },
    report: { type: 'boolean', default: false },
  },
});
const file = resolve(options.config);
const service = relative(root, file);
const models = options.models.split(',');
const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => abort.abort(new Error(signal)));

if (!options.report) await measure();
for (const model of models) report(model);

async function measure() {
  const { scenarios } = await loadConfig({ cwd: dirname(file), env: process.env, path: file });
  const [scenario] = scenarios;
  mkdirSync(dirname(results), { recursive: true });
  for (;;) {
    const open = models.filter((model) => linesOf(model).length < Number(options.rounds));
    if (open.length === 0) return;
    // In turn, so that a change of the machine meets all models.
    for (const model of open) {
      const line = await measureRound(scenario, model);
      appendFileSync(results, `${JSON.stringify(line)}\n`);
      console.error(
        `${model} ${linesOf(model).length}/${options.rounds}: ${line.requests} requests, ${line.seconds.toFixed(1)} s${line.invalid === null ? '' : `, invalid: ${line.invalid}`}`,
      );
    }
  }
}

async function measureRound(scenario, model) {
  const began = performance.now();
  const directory = mkdtempSync(join(tmpdir(), 'spangate-bench-'));
  const seed = allLines().length + 1;
  const registry = createProcessRegistry({ runId: `bench${process.pid}n${seed}`, signal: abort.signal });
  const arm = { scenario: withModel(scenario, model), commit: null };
  const silent = () => {};
  try {
    const run = await openTogether({
      base: { ...arm, arm: 'base' },
      head: { ...arm, arm: 'head' },
      seed,
      inherited: process.env,
      registry,
      directory,
      progress: { step: silent, round: silent, phase: silent, live: silent },
      now: () => new Date(),
      tool: 'bench',
    });
    try {
      await run.measureRound({ stage: 'screen', probe: false });
      return lineOf(run.measurements('screen'), { model, seed, began, load: arm.scenario.load });
    } finally {
      await run[Symbol.asyncDispose]();
    }
  } finally {
    await registry[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  }
}

function lineOf(pair, { model, seed, began, load }) {
  const [round] = pair.head.rounds;
  const instances = [...pair.base.rounds[0].instances, ...round.instances];
  return {
    service,
    model,
    seed,
    startedAt: round.startedAt,
    seconds: (performance.now() - began) / 1000,
    measuredSeconds: round.measuredSeconds,
    instances: instances.length / 2,
    ...(load.open && { rate: load.open.rate }),
    requests: instances.reduce((sum, each) => sum + each.quality.requestsCompleted, 0),
    warm: round.warm,
    invalid: round.invalid?.code ?? null,
    conditions: round.conditions,
    cpu: pair.head.environment.cpuModel,
    node: pair.head.environment.serviceRuntime,
    rows: rowsOf(pair),
  };
}

function withModel(scenario, model) {
  const { open: _open, inFlight: _inFlight, ...load } = scenario.load;
  return {
    ...scenario,
    load: {
      ...load,
      model,
      connections: 1,
      ...(model === 'open' && { open: { rate: openRate(), arrivals: 'poisson' } }),
    },
    rounds: {
      ...scenario.rounds,
      together: {
        ...scenario.rounds.together,
        instances: Number(options.instances),
        durationSeconds: Number(options.duration),
        probe: null,
      },
    },
  };
}

/** The same for all rounds of a service: the first one settles it. */
function openRate() {
  if (options.rate) return Number(options.rate);
  const [known] = linesOf('open');
  if (known) return known.rate;
  const [first] = linesOf('interleaved');
  if (!first) throw new Error('give --rate, or measure interleaved rounds first');
  return Math.max(1, Math.round((0.4 * first.requests) / first.measuredSeconds));
}

function allLines() {
  if (!existsSync(results)) return [];
  return readFileSync(results, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function linesOf(model) {
  return allLines().filter((line) => line.service === service && line.model === model);
}

function report(model) {
  const lines = linesOf(model);
  const shifts = armShifts(lines);
  const valid = lines.filter((line) => line.invalid === null).length;
  console.log(`\n${service}, ${model}: ${valid} of ${lines.length} rounds can be used`);
  if (shifts.length === 0) return;
  const percent = (share) => `${(100 * share).toFixed(2)} %`;
  console.log('| row | quantile | mean shift | standard error | t | spread between instances |');
  console.log('|---|---|---|---|---|---|');
  for (const { row, quantile, shift, standardError, t, spread } of shifts) {
    console.log(
      `| ${row} | ${quantile} | ${percent(shift)} | ${percent(standardError)} | ${t.toFixed(2)} | ${percent(spread)} |`,
    );
  }
  for (const quantile of ['p50', 'p90']) {
    const own = shifts.filter((each) => each.quantile === quantile);
    const client = own.filter(({ row }) => row.endsWith('client'));
    const spans = own.filter(({ row }) => !row.endsWith('client'));
    const largest = Math.max(...own.map(({ t }) => Math.abs(t)));
    const beyond = own.filter(({ t }) => Math.abs(t) > 2).length;
    console.log(
      `${quantile}: largest |t| ${largest.toFixed(2)}, ${beyond} of ${own.length} rows beyond 2; ` +
        `median spread of the client ${percent(median(client))}, of spans ${percent(median(spans))}`,
    );
  }
}

function median(shifts) {
  const sorted = shifts.map(({ spread }) => spread).sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
