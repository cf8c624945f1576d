/**
 * False alarms, live: records one baseline of the unchanged example, then gates the same code against it, again and
 * again. Each gate is appended to bench/results/green-gates.jsonl, so the bench can be stopped and resumed.
 *
 *   node bench/green-gates.mjs [gates=10] [config=spangate.yml] [neighbour]
 *
 * `neighbour` runs a program beside it that takes a core at random (0.2 to 3 s on, 0.2 to 3 s off).
 */
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(root, 'examples', 'express-orders');
const results = join(root, 'bench', 'results', 'green-gates.jsonl');
const [wanted = '10', config = 'spangate.yml', neighbour] = process.argv.slice(2);
mkdirSync(dirname(results), { recursive: true });

const series = `${config}${neighbour ? ' with a neighbour' : ''} ${new Date().toISOString().slice(0, 10)}`;
const done = existsSync(results)
  ? readFileSync(results, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map(JSON.parse)
      .filter((line) => line.series === series)
  : [];
const hog = neighbour ? spawn(process.execPath, ['-e', hogProgram()], { stdio: 'ignore' }) : null;
try {
  if (done.length === 0) spangate(['baseline', 'record', '--force']);
  for (let gate = done.length; gate < Number(wanted); gate += 1) {
    const began = Date.now();
    const { status, stdout } = spangate(['gate', '--format', 'json']);
    const result = JSON.parse(stdout);
    const rows = result.comparisons.flatMap((comparison) => comparison.rows);
    const line = {
      series,
      gate: gate + 1,
      verdict: result.verdict,
      exitCode: status,
      seconds: (Date.now() - began) / 1000,
      rows: rows.length,
      gated: rows.filter((row) => row.level === 'fail').length,
      screened: rows
        .filter((row) => row.reason === 'not-confirmed' || row.reason === 'screened')
        .map((row) => row.id),
      failed: rows.filter((row) => row.outcome === 'fail').map((row) => row.id),
      warned: rows.filter((row) => row.outcome === 'warn').map((row) => row.id),
      confirmed: result.comparisons.some((comparison) => comparison.confirmation !== null),
      warnings: result.comparisons.flatMap((comparison) =>
        comparison.warnings.map((warning) => warning.code),
      ),
      cpu: cpus()[0]?.model,
      node: process.version,
    };
    appendFileSync(results, `${JSON.stringify(line)}\n`);
    done.push(line);
    console.log(
      `gate ${line.gate}: ${line.verdict} in ${line.seconds.toFixed(0)} s${line.failed.length ? ` (${line.failed.join('; ')})` : ''}`,
    );
  }
} finally {
  hog?.kill('SIGKILL');
}

const count = (verdict) => done.filter((line) => line.verdict === verdict).length;
const seconds = done.map((line) => line.seconds).sort((a, b) => a - b);
console.log(
  `${done.length} gates of unchanged code: ${count('fail')} failed, ${count('inconclusive')} inconclusive, ${count('pass')} passed; ` +
    `median ${seconds[Math.floor(seconds.length / 2)]?.toFixed(0)} s. ` +
    `0 alarms in ${done.length} gates prove at most ${(100 * (1 - 0.05 ** (1 / done.length))).toFixed(1)} % (95 %).`,
);
process.exitCode = count('fail') > 0 ? 1 : 0;

function spangate(args) {
  return spawnSync(process.execPath, [join(root, 'build', 'bin.js'), ...args, '--config', config], {
    cwd: example,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function hogProgram() {
  return `
    const busy = (ms) => { const end = Date.now() + ms; while (Date.now() < end); };
    const loop = () => { busy(200 + Math.random() * 2800); setTimeout(loop, 200 + Math.random() * 2800); };
    process.ppid && setInterval(() => process.kill(process.ppid, 0), 1000); loop();`;
}
