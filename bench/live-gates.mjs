/**
 * The gate live, as a classifier: real gates of unchanged code (A/A) and of code with a known regression (A/B), side
 * by side, with a neighbour that takes CPU at random. Each gate is appended to bench/results/live-gates.jsonl, so the
 * bench can be stopped and resumed; nothing else should run meanwhile. Rounds of unchanged code go into the bank
 * (bench/judge/bank) as well.
 *
 *   npm run build && npx tsc -p bench
 *   node bench/live-gates.mjs [minutes=60] [only=aa|ab|<name of a case>] [quiet]
 *   node bench/live-gates.mjs summary
 *
 * Cases take turns, the one that lacks the largest share of its gates first, so that a bench that was stopped has some
 * of each. The services in Python need 3.10 and newer, with the packages of their requirements in `.venv`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { plainText } from '../build/report/phrase.js';
import { viewOf } from '../build/report/view.js';
import { appendResult, groupResults, readResults } from './result-lines.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, 'bench', 'results', 'live-gates.jsonl');

/** By service, as they were when the bench began. */
const hashes = new Map();

const bank = join(root, 'bench', 'judge', 'bank');
// The schemas are found beside the folder of the sources, which is a built one here.
if (!existsSync(join(root, 'bench', 'build', 'schemas'))) {
  symlinkSync(join(root, 'schemas'), join(root, 'bench', 'build', 'schemas'));
}
const { startHogs } = await import('./build/bench/judge/hog.js');
const { keepGate } = await import('./build/bench/judge/keep-gate.js');

const SERVICES = {
  orders: { folder: join(root, 'examples', 'express-orders') },
  pricing: { folder: join(root, 'bench', 'services', 'pricing') },
  chain: { folder: join(root, 'bench', 'services', 'chain') },
  python: { folder: join(root, 'examples', 'python-orders'), scenario: 'flask' },
  shop: { folder: join(root, 'examples', 'shop') },
};

/**
 * `guilty`: what must be among the failing rows. `told`: what the first line of the report has to say, in one place or
 * another; that is what the README of the example says that a gate should say. 30 and 10 gates: docs/statistics.md.
 */
const CASES = [
  { name: 'aa pricing', service: 'pricing' },
  { name: 'aa orders', service: 'orders' },
  { name: 'aa chain', service: 'chain' },
  { name: 'aa python', service: 'python' },
  ab('six percent', 'pricing', 'six-percent', {
    guilty: /price\.lines \| p50/,
    told: [/\bpricing\b/, /price\.lines/],
  }),
  ab('dropped index', 'orders', 'dropped-index', {
    guilty: /order_lines/,
    told: [/\borders\b/, /pg\.query SELECT (orders )?order_lines products/],
  }),
  ab('n+1', 'orders', 'n-plus-one', {
    guilty: /SELECT products.*calls/,
    told: [/\borders\b/, /pg\.query SELECT products/],
  }),
  ab('errors', 'orders', 'errors', {
    guilty: /get order.*error-rate/,
    told: [/GET \/orders\/:id|get order/, /error/],
  }),
  ab('pool of one', 'orders', 'pool-of-one', {
    guilty: /concurrency/,
    told: [/\borders\b/, /pg-pool\.connect/],
  }),
  ab('global mutex', 'orders', 'global-mutex', {
    guilty: /concurrency/,
    told: [/GET \/orders|get order|list orders/, /concurren/],
  }),
  ab('slow query', 'orders', 'slow-query', {
    guilty: /pg\.query/,
    told: [/\borders\b/, /pg\.query SELECT orders customers/],
  }),
  ab('new lock', 'orders', 'new-lock', {
    guilty: /./,
    told: [/\borders\b/, /pg\.query SELECT stock products/],
  }),
  ab('slow function', 'orders', 'slow-function', {
    guilty: /summarize/,
    told: [/\borders\b/, /\bsummarize\b/],
  }),
  ab('no cache', 'orders', 'no-cache', {
    guilty: /SELECT products.*calls/,
    told: [/\borders\b/, /pg\.query SELECT products/],
  }),
  ab('blocked loop', 'orders', 'blocked-loop', {
    guilty: /concurrency/,
    told: [/POST \/orders|create order/, /concurren/],
  }),
  ab('shop slow function', 'shop', 'slow-function', {
    guilty: /price order/,
    told: [/\borders\b/, /price order/],
  }),
  ab('shop n+1', 'shop', 'n-plus-one', {
    guilty: /SELECT products.*calls/,
    told: [/\borders\b/, /postgresql SELECT products/],
  }),
  ab('shop errors', 'shop', 'errors', {
    guilty: /error-rate/,
    told: [/GET \/orders/, /\borders\b/, /error/],
  }),
];

function ab(name, service, regression, says) {
  return { name, service, regression, ...says };
}

const GATES = { aa: 30, ab: 10 };

/** What a verdict of two builds side by side comes from: with others of these, gates are other gates. */
const DECIDES = [
  ...['compare/arm-balance', 'compare/common-move', 'compare/concurrency', 'compare/concurrency-pairs'],
  ...['compare/constant-calls', 'compare/enough-samples', 'compare/error-rates', 'compare/gate-plan'],
  ...[
    'compare/gate-verdict',
    'compare/joined-pair',
    'compare/judgement',
    'compare/log-pairs',
    'compare/log-shift',
  ],
  ...['compare/metric-pairs', 'compare/moved-together', 'compare/new-loop', 'compare/pass-bound'],
  ...['compare/permutation-stage', 'compare/presence', 'compare/procedure', 'compare/rows', 'compare/series'],
  ...['compare/spending', 'compare/structure', 'compare/suspect', 'compare/tallies', 'compare/together'],
  ...['compare/together-row', 'compare/together-stages', 'compare/too-noisy', 'compare/varying-calls'],
  ...['config/defaults', 'runner/matched-medians', 'telemetry/block-durations'],
];

const [first = '60', only, quiet] = process.argv.slice(2);
if (first === 'summary') summary();
else await run(Number(first) * 60_000);

async function run(milliseconds) {
  const chosen = CASES.filter(({ name }) => !only || name === only || name.startsWith(only) || isAb(name));
  const neighbour = quiet !== 'quiet';
  const hogs = startHogs(neighbour ? [Date.now()] : []);
  const ends = Date.now() + milliseconds;
  try {
    while (Date.now() < ends) {
      const done = readResults(results);
      const count = (each) =>
        done.filter(
          (line) => line.case === each.name && line.frozen === frozen(each) && line.neighbour === neighbour,
        ).length;
      const share = (each) => count(each) / (each.regression ? GATES.ab : GATES.aa);
      const next = chosen.toSorted((left, right) => share(left) - share(right))[0];
      const line = gate(next, neighbour);
      appendResult(results, line);
      console.log(`${line.case} ${count(next) + 1} in ${line.seconds.toFixed(0)} s: ${line.headline}`);
    }
  } finally {
    hogs[Symbol.dispose]();
  }
  summary();
}

function isAb(name) {
  return only === 'ab' && !name.startsWith('aa');
}

function gate(each, neighbour) {
  const began = Date.now();
  const args = ['ab', '--format', 'json'];
  // A variable that nobody reads: the same code, and something that `ab` can tell apart.
  args.push('--env-b', each.regression ? `REGRESSION=${each.regression}` : 'NOTHING=changed');
  const { folder, scenario } = SERVICES[each.service];
  if (scenario) args.push('--scenario', scenario);
  // What is there is of another case; rounds of a regression must not get into the bank.
  rmSync(join(folder, '.spangate', 'last-run'), { recursive: true, force: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build', 'bin.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  const result = stdout.trim().startsWith('{') ? JSON.parse(stdout) : null;
  const comparison = result?.comparisons[0];
  const headline = result === null ? '' : plainText(viewOf(result).headline);
  if (comparison?.together && !each.regression) keep(each, comparison, neighbour);
  const rows = comparison?.rows ?? [];
  const ids = (of) => rows.filter(of).map((row) => row.id);
  return {
    case: each.name,
    frozen: frozen(each),
    at: new Date().toISOString(),
    verdict: result?.verdict ?? 'error',
    exitCode: status,
    seconds: (Date.now() - began) / 1000,
    together: comparison?.together,
    seed: comparison?.seed,
    rows: rows.length,
    gated: rows.filter((row) => row.level === 'fail').length,
    failed: ids((row) => row.outcome === 'fail'),
    warned: ids((row) => row.outcome === 'warn'),
    open: ids(
      (row) => row.level === 'fail' && row.verdict === 'inconclusive' && row.reason !== 'too-few-samples',
    ),
    headline,
    told: each.told ? each.told.every((part) => part.test(headline)) : null,
    named: each.guilty ? ids((row) => row.outcome === 'fail').some((id) => each.guilty.test(id)) : null,
    warnings: (comparison?.warnings ?? []).map((warning) => warning.code),
    ...(result === null && { stderr: stderr.slice(-2000) }),
    neighbour,
    tool: comparison?.tool,
    commit: commit(),
    cpu: cpus()[0]?.model,
    node: process.version,
  };
}

function keep({ service }, { together, seed, tool }, neighbour) {
  const { folder, scenario = 'default' } = SERVICES[service];
  const rounds = together.screenRounds + together.confirmRounds;
  keepGate({
    folder: join(folder, '.spangate', 'last-run'),
    scenario,
    bank,
    facts: {
      example: basename(folder),
      neighbour: neighbour ? 'neighbour' : 'quiet',
      model: together.load,
      tool,
      commit: commit(),
      seed,
      roundSeconds: Number((together.seconds / Math.max(1, rounds)).toFixed(2)),
    },
  });
}

function commit() {
  return spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim() || null;
}

/** What the figures of a case depend on: gates under other settings, or of another judge, are other gates. */
function frozen({ service }) {
  // Asked for every line of the results, between two gates; code that changes meanwhile is not what runs.
  const hash = hashes.get(service) ?? hashOf(service);
  hashes.set(service, hash);
  return hash;
}

function hashOf(service) {
  const statistics = readdirSync(join(root, 'src', 'compare', 'statistics')).sort();
  const settings = [
    readFileSync(join(SERVICES[service].folder, 'spangate.yml'), 'utf8'),
    ...statistics.map((file) => codeOf(join(root, 'src', 'compare', 'statistics', file))),
    ...DECIDES.map((file) => codeOf(join(root, 'src', `${file}.ts`))),
  ];
  return createHash('sha256').update(settings.join('\n')).digest('hex').slice(0, 8);
}

/** Without comments: to word one better makes no other judge. */
function codeOf(file) {
  const text = readFileSync(file, 'utf8');
  return transformSync(text, { loader: 'ts', minifyWhitespace: true, legalComments: 'none' }).code;
}

function summary() {
  console.log(
    '| case | settings | gates | pass | fail | inconclusive | error | right row | right first line | median s | slowest s |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|---|');
  const groups = groupResults(
    readResults(results),
    (line) => `${line.case}${line.neighbour ? '' : ', quiet'}\n${line.frozen}`,
  );
  for (const [key, lines] of groups) {
    const of = (verdict) => lines.filter((line) => line.verdict === verdict).length;
    const seconds = lines.map((line) => line.seconds).sort((left, right) => left - right);
    const countOf = (field) => (lines[0][field] == null ? '-' : lines.filter((line) => line[field]).length);
    const cells = [
      ...key.split('\n'),
      lines.length,
      ...['pass', 'fail', 'inconclusive', 'error'].map(of),
      countOf('named'),
      countOf('told'),
      seconds[Math.floor(seconds.length / 2)].toFixed(0),
      seconds.at(-1).toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log('\n| service | settings | gates | s outside the rounds | s a round |\n|---|---|---|---|---|');
  for (const [key, lines] of groupResults(readResults(results), clockKey)) {
    const measured = lines.filter((line) => line.together);
    const clock = clockOf(measured);
    if (!clock) continue;
    const cells = [...key.split('\n'), measured.length, clock.fixed.toFixed(0), clock.round.toFixed(0)];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

/** Gates of one service under the same settings. */
function clockKey({ case: name, frozen, neighbour }) {
  const service = CASES.find((each) => each.name === name)?.service ?? name;
  return `${service}${neighbour ? '' : ', quiet'}\n${frozen}`;
}

/** Least squares of the wall time by the number of rounds; null where all had the same. */
function clockOf(lines) {
  const points = lines.map(({ seconds, together }) => [
    together.screenRounds + together.confirmRounds,
    seconds,
  ]);
  const middle = (position) => points.reduce((sum, point) => sum + point[position], 0) / points.length;
  const [rounds, seconds] = [middle(0), middle(1)];
  const spread = points.reduce((sum, [x]) => sum + (x - rounds) ** 2, 0);
  if (!(spread > 0)) return null;
  const round = points.reduce((sum, [x, y]) => sum + (x - rounds) * (y - seconds), 0) / spread;
  return { fixed: seconds - round * rounds, round };
}
