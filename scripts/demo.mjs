/**
 * The demonstration of the README: records the baseline of the example service on this machine, gates the unchanged
 * service (green), then the service with an N+1 query and with a slower function (red). Fails where the gate does not
 * do what it promises.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const example = join(root, 'examples', 'express-orders');
const began = Date.now();

rmSync(join(example, '.spangate', 'demo-baseline.json'), { force: true });

say('Recording the baseline of examples/express-orders');
spangate(['baseline', 'record'], {}, 0);

say('The gate on the unchanged service: green');
spangate(['gate'], {}, 0);

say('The gate on the service with an N+1 query and a slower function: red');
const red = spangate(['gate'], { REGRESSION: 'n-plus-one,slow-function' }, 1);
for (const name of ['SELECT order_lines', 'summarize']) {
  if (!red.includes(name)) fail(`the report does not name ${name}`);
}

say(
  `Done in ${Math.round((Date.now() - began) / 1000)} s: green when nothing changed, red for what did, by name.`,
);

function spangate(args, env, expected) {
  const command = [join(root, 'build', 'bin.js'), ...args, '--config', 'spangate.demo.yml'];
  const { status, stdout, error } = spawnSync(process.execPath, command, {
    cwd: example,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
  });
  if (error) throw error;
  process.stdout.write(stdout);
  if (status !== expected) fail(`exit code ${status} where ${expected} was expected`);
  return stdout;
}

function say(text) {
  process.stdout.write(`\n\u25b6 ${text}\n\n`);
}

function fail(why) {
  process.stderr.write(`\ndemo: ${why}\n`);
  process.exit(1);
}
