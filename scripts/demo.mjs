/**
 * The demonstration of the README: records the baseline of the example service on this machine, gates the unchanged
 * service (green), then the service with an N+1 query (red, by name). A slower function is shown side by side, where
 * times are judged that another hour or another machine would hide. Fails where the gate does not do what it promises.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(root, 'examples', 'express-orders');
const scratch = mkdtempSync(join(tmpdir(), 'spangate-demo-'));
const began = Date.now();

try {
  rmSync(join(example, '.spangate', 'demo-baseline.json'), { force: true });

  say('Recording the baseline of examples/express-orders');
  spangate(['baseline', 'record'], { exitCode: 0 });

  say('The gate on the unchanged service: green');
  spangate(['gate'], { exitCode: 0 });

  say('The gate on the service with an N+1 query: red');
  expectFailed('get order', 'SELECT products', failing(['gate'], { REGRESSION: 'n-plus-one' }));

  say('The service beside itself with a function that is 60 % slower: red');
  expectFailed('customer summary', 'summarize', failing(['ab', '--env-b', 'REGRESSION=slow-function']));

  say(
    `Done in ${Math.round((Date.now() - began) / 1000)} s: green when nothing changed, red for what did, by name.`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function failing(args, env = {}) {
  const file = join(scratch, 'result.json');
  spangate([...args, '--output', file], { env, exitCode: 1 });
  return JSON.parse(readFileSync(file, 'utf8'));
}

function expectFailed(operation, span, result) {
  const failed = result.comparisons.flatMap(({ rows }) => rows.filter((row) => row.outcome === 'fail'));
  const named = failed.some((row) => row.operation === operation && row.span?.name.includes(span));
  if (!named) fail(`no failed row names ${span} of ${operation}: ${failed.map((row) => row.id).join('; ')}`);
}

function spangate(args, { env = {}, exitCode }) {
  const command = [join(root, 'build', 'bin.js'), ...args, '--config', 'spangate.demo.yml'];
  const { status, error } = spawnSync(process.execPath, command, {
    cwd: example,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  if (status !== exitCode) fail(`exit code ${status} where ${exitCode} was expected`);
}

function say(text) {
  process.stdout.write(`\n\u25b6 ${text}\n\n`);
}

function fail(why) {
  throw new Error(`the demonstration failed: ${why}`);
}
