/**
 * Whether the first line of a report names what somebody did: real gates of the examples, side by side with each of
 * their switchable regressions, and the service and span that the line has to name. Each gate is appended to
 * bench/results/why.jsonl, so the bench can be stopped and resumed; nothing else should run meanwhile.
 *
 *   npm run build
 *   node bench/why.mjs [minutes=30] [only=<start of a case's name>]
 *   node bench/why.mjs summary
 *
 * Cases take turns, the one with the fewest gates first. The shop needs Python 3.10 and newer.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { plainText } from '../build/report/phrase.js';
import { viewOf } from '../build/report/view.js';
import { appendResult, groupResults, readResults } from './result-lines.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const results = join(root, 'bench', 'results', 'why.jsonl');

/**
 * What the README of the example says that a gate should say. `span` is looked for in the first line, and `service`
 * with it; where several requests at a time are what is wrong, `also` is what the line has to say beside them.
 */
const CASES = [
  { example: 'express-orders', regression: 'slow-function', service: 'orders', span: /\bsummarize\b/ },
  {
    ...{ example: 'express-orders', regression: 'n-plus-one', service: 'orders' },
    span: /pg\.query SELECT products/,
  },
  {
    ...{ example: 'express-orders', regression: 'dropped-index', service: 'orders' },
    span: /pg\.query SELECT (orders )?order_lines products/,
  },
  {
    ...{ example: 'express-orders', regression: 'slow-query', service: 'orders' },
    span: /pg\.query SELECT orders customers/,
  },
  {
    ...{ example: 'express-orders', regression: 'new-lock', service: 'orders' },
    span: /pg\.query SELECT stock products/,
  },
  {
    ...{ example: 'express-orders', regression: 'errors', service: 'orders' },
    ...{ span: /GET \/orders\/:id|get order/, also: /error/ },
  },
  {
    ...{ example: 'express-orders', regression: 'no-cache', service: 'orders' },
    span: /pg\.query SELECT products/,
  },
  {
    ...{ example: 'express-orders', regression: 'pool-of-one', service: 'orders' },
    span: /pg-pool\.connect/,
  },
  {
    ...{ example: 'express-orders', regression: 'global-mutex', service: 'orders' },
    ...{ span: /GET \/orders|get order|list orders/, also: /concurren/ },
  },
  {
    ...{ example: 'express-orders', regression: 'blocked-loop', service: 'orders' },
    ...{ span: /POST \/orders|create order/, also: /concurren/ },
  },
  { example: 'shop', regression: 'slow-function', service: 'orders', span: /price order/ },
  { example: 'shop', regression: 'n-plus-one', service: 'orders', span: /postgresql SELECT products/ },
  {
    ...{ example: 'shop', regression: 'errors', service: 'orders' },
    ...{ span: /GET \/orders/, also: /error/ },
  },
].map((each) => ({ ...each, name: `${each.example} ${each.regression}` }));

const [first = '30', only = ''] = process.argv.slice(2);
if (first === 'summary') summary();
else run(Number(first) * 60_000);

function run(milliseconds) {
  const chosen = CASES.filter(({ name }) => name.startsWith(only));
  const ends = Date.now() + milliseconds;
  const state = stateOf();
  while (Date.now() < ends) {
    const done = readResults(results).filter((line) => line.state === state);
    const count = ({ name }) => done.filter((line) => line.case === name).length;
    const next = chosen.toSorted((left, right) => count(left) - count(right))[0];
    const line = gate(next, state);
    appendResult(results, line);
    console.log(
      `${line.case} ${count(next) + 1}: ${line.named ? 'named' : 'NOT named'} in ${line.seconds.toFixed(0)} s`,
    );
    console.log(`  ${line.line}`);
  }
  summary();
}

function gate(each, state) {
  const began = Date.now();
  const folder = join(root, 'examples', each.example);
  const args = ['ab', '--format', 'json', '--env-b', `REGRESSION=${each.regression}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'build', 'bin.js'), ...args], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  const result = stdout.trim().startsWith('{') ? JSON.parse(stdout) : null;
  const comparison = result?.comparisons[0];
  const line = result === null ? '' : plainText(viewOf(result).headline);
  return {
    case: each.name,
    state,
    at: new Date().toISOString(),
    verdict: result?.verdict ?? 'error',
    exitCode: status,
    seconds: (Date.now() - began) / 1000,
    named: isNamed(line, each),
    // Another finding than the first one may have it.
    anywhere: (comparison?.rows ?? []).some(
      (row) => row.outcome === 'fail' && isNamed(row.id, { ...each, also: /./ }),
    ),
    line,
    together: comparison?.together,
    seed: comparison?.seed,
    failed: (comparison?.rows ?? []).filter((row) => row.outcome === 'fail').map((row) => row.id),
    warnings: (comparison?.warnings ?? []).map((warning) => warning.code),
    ...(result === null && { stderr: stderr.slice(-2000) }),
    // A gate on a machine that has other work says little about times.
    loadAverage: Number(loadavg()[0]?.toFixed(1)),
    cpu: cpus()[0]?.model,
    node: process.version,
  };
}

function isNamed(line, { service, span, also = /./ }) {
  return span.test(line) && also.test(line) && new RegExp(`\\b${service}\\b`).test(line);
}

/** Gates by other sources, or of another example, are other gates. */
function stateOf() {
  const folders = ['src', 'examples/express-orders/src', 'examples/shop'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|js|py|yml)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !/[\\/](\.venv|node_modules|__pycache__)[\\/]/.test(file)),
  );
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 8);
}

function summary() {
  console.log(
    '| case | sources | gates | fail | named in the first line | among the failing rows | median s |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const [key, lines] of groupResults(readResults(results), (line) => `${line.case}\n${line.state}`)) {
    const seconds = lines.map((line) => line.seconds).sort((left, right) => left - right);
    const cells = [
      ...key.split('\n'),
      lines.length,
      lines.filter((line) => line.verdict === 'fail').length,
      lines.filter((line) => line.named).length,
      lines.filter((line) => line.anywhere).length,
      seconds[Math.floor(seconds.length / 2)].toFixed(0),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
