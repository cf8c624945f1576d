/**
 * What the concurrency probe sees of the example: pairs of rounds (screening, confirming) of two builds, each ended by
 * the probe, judged by the rows of the probe alone. Every trial is appended to bench/results/concurrency-probe.jsonl,
 * so that the bench can be stopped and resumed; the table is made of all trials of the file with the same settings.
 *
 *   npm run build && node bench/concurrency-probe.mjs [trials=10] [regressions=none,pool-of-one,global-mutex,blocked-loop]
 *
 * Environment: CONNECTIONS (8), SLOT (seconds, 1), INSTANCES (of each arm, 4), CONFIG (spangate.yml).
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judgeConcurrency } from '../build/compare/concurrency.js';
import { loadConfig } from '../build/config/config-file.js';
import { createProcessRegistry } from '../build/runner/process-registry.js';
import { openTogether } from '../build/runner/together/open-together.js';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(root, 'examples', 'express-orders');
const results = join(root, 'bench', 'results', 'concurrency-probe.jsonl');
mkdirSync(dirname(results), { recursive: true });

const trials = Number(process.argv[2] ?? 10);
const regressions = (process.argv[3] ?? 'none,pool-of-one,global-mutex,blocked-loop').split(',');
const settings = {
  config: process.env.CONFIG ?? 'spangate.yml',
  connections: Number(process.env.CONNECTIONS ?? 8),
  slotSeconds: Number(process.env.SLOT ?? 1),
  instances: Number(process.env.INSTANCES ?? 4),
};
const series = `${JSON.stringify(settings)} ${new Date().toISOString().slice(0, 10)}`;
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort(new Error(signal)));

for (let trial = 0; trial < trials; trial += 1) {
  // In turns, so that a machine that changes meets all of them.
  for (const regression of regressions) {
    const done = readLines().filter((line) => line.regression === regression).length;
    if (done > trial) continue;
    const line = await runTrial(regression, trial);
    appendFileSync(results, `${JSON.stringify(line)}\n`);
    console.error(
      `${regression} ${trial + 1}: ${line.verdict} (${line.failed.join('; ') || 'no row'}), ${line.seconds.toFixed(0)} s`,
    );
  }
}
printTable(readLines());

function readLines() {
  if (!existsSync(results)) return [];
  const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean).map(JSON.parse);
  return lines.filter((line) => line.series === series);
}

async function runTrial(regression, trial) {
  const began = Date.now();
  const config = await loadConfig({ cwd: example, path: settings.config, env: process.env });
  const [given] = config.scenarios;
  const together = {
    ...given.rounds.together,
    instances: settings.instances,
    durationSeconds: 2,
    probe: { connections: settings.connections, slotSeconds: settings.slotSeconds },
  };
  const rounds = { ...given.rounds, warmUp: { kind: 'fixed', seconds: 4 }, together };
  const scenario = { ...given, rounds };
  const directory = mkdtempSync(join(tmpdir(), 'spangate-probe-'));
  const stages = {};
  // Without `await using`, which Node 20 cannot read.
  const registry = createProcessRegistry({ runId: `probe${process.pid}`, signal: stop.signal });
  let run;
  try {
    run = await openTogether({
      base: { arm: 'base', scenario, commit: null },
      head: { arm: 'head', scenario, commit: null },
      seed: 1000 * trial + 17 * regressions.indexOf(regression) + 1,
      inherited: process.env,
      registry,
      directory,
      progress: { step() {}, round() {}, phase() {}, live() {} },
      now: () => new Date(),
      tool: 'bench',
      env: { head: { REGRESSION: regression === 'none' ? '' : regression }, base: { REGRESSION: '' } },
    });
    for (const stage of ['screen', 'confirm']) {
      await run.measureRound({ stage, probe: true });
      stages[stage] = run.measurements(stage);
    }
  } finally {
    await run?.[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  }
  const { screen, confirm } = stages;
  const first = judgeConcurrency({ baseline: screen.base, candidate: screen.head, policy: scenario.policy });
  const second = judgeConcurrency({
    baseline: confirm.base,
    candidate: confirm.head,
    policy: scenario.policy,
  });
  const rows = judgeConcurrency({
    baseline: screen.base,
    candidate: screen.head,
    baselineConfirmation: confirm.base,
    confirmation: confirm.head,
    policy: scenario.policy,
  });
  const failed = rows.filter((row) => row.outcome === 'fail').map((row) => row.id);
  return {
    series,
    regression,
    trial,
    verdict: failed.length > 0 ? 'fail' : rows.some(isOpen) ? 'inconclusive' : 'pass',
    failed,
    suspects: { screen: suspects(first), confirm: suspects(second) },
    values: { screen: valuesOf(first), confirm: valuesOf(second) },
    generator: [screen, confirm].map(({ head }) => head.probes[0].conditions),
    warnings: [...new Set([screen, confirm].flatMap(({ head }) => head.warnings.map(({ code }) => code)))],
    load: loadavg()[0],
    cpu: cpus()[0]?.model,
    node: process.version,
    seconds: (Date.now() - began) / 1000,
  };
}

function isOpen({ verdict, reason }) {
  return verdict === 'inconclusive' && (reason === 'screened' || reason === 'not-confirmed');
}

function suspects(rows) {
  return rows.filter((row) => row.reason === 'screened').map((row) => row.id);
}

function valuesOf(rows) {
  const short = (values) => values.map((value) => Number(value.toPrecision(4)));
  return Object.fromEntries(
    rows.map((row) => [
      row.id.replace(' | concurrency', ''),
      [short(row.values.baseline), short(row.values.candidate)],
    ]),
  );
}

function printTable(lines) {
  console.log(series);
  console.log(
    '\n| regression | trials | failed | inconclusive | suspect in one stage | throughput base | head | spread |',
  );
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|');
  for (const regression of regressions) {
    const own = lines.filter((line) => line.regression === regression);
    if (own.length === 0) continue;
    const counted = (verdict) => own.filter((line) => line.verdict === verdict).length;
    const stages = own.flatMap((line) => [line.values.screen, line.values.confirm]);
    const suspect = own
      .flatMap(({ suspects: found }) => [found.screen, found.confirm])
      .filter((each) => each.length > 0);
    const sides = [0, 1].map((side) => stages.map((values) => median(values['- | - | throughput'][side])));
    const spread = median(stages.map((values) => spreadOf(values['- | - | throughput'][0])));
    console.log(
      `| ${regression} | ${own.length} | ${counted('fail')} | ${counted('inconclusive')} | ${suspect.length} of ${stages.length} | ${median(sides[0]).toFixed(0)}/s | ${median(sides[1]).toFixed(0)}/s | ${(100 * spread).toFixed(1)} % |`,
    );
  }
  console.log('\nRows, median over trials (base -> head):');
  for (const regression of regressions) {
    const own = lines.filter((line) => line.regression === regression);
    for (const id of Object.keys(own[0]?.values.screen ?? {})) {
      const sides = [0, 1].map((side) =>
        median(
          own.flatMap(({ values }) =>
            [values.screen, values.confirm].flatMap((each) => (each[id] ? [median(each[id][side])] : [])),
          ),
        ),
      );
      const found = own.filter((line) => line.failed.some((failed) => failed.startsWith(`${id} |`))).length;
      console.log(
        `${regression.padEnd(14)} ${id.padEnd(60)} ${sides.map((value) => value.toPrecision(3)).join(' -> ')}  failed ${found}/${own.length}`,
      );
    }
  }
}

/** Standard deviation over the mean. */
function spreadOf(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) / mean;
}

function median(values) {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
