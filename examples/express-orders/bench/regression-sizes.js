/**
 * How big each regression is: the unchanged and the regressed service run side by side, each on a database of its own
 * in one server, and get the same requests in turn. Prints a table in Markdown.
 *
 *   node bench/regression-sizes.js [requests a service]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { REGRESSIONS } from '../src/regressions.js';
import { summarize } from '../src/summary.js';

const REQUESTS = Number(process.argv[2] ?? 1500);
const WARM_UP = Math.ceil(REQUESTS / 2);

const ROUTES = {
  'GET /orders?page=': (i) => `/orders?page=${1 + (i % 50)}`,
  'GET /orders/:id': (i) => `/orders/${1 + ((i * 37) % 6000)}`,
  'GET /products/:sku': (i) => `/products/OFF-${100 + (i % 60)}`,
  'GET /customers/:id/summary': (i) => `/customers/${1 + ((i * 37) % 500)}/summary`,
  'POST /orders': () => '/orders',
};

const CASES = [
  ['(none)', '', 'GET /orders/:id', latency],
  ['slow-function', 'slow-function', 'GET /customers/:id/summary', latency],
  ['slow-function', 'slow-function', 'summarize', functionTime],
  ['n-plus-one', 'n-plus-one', 'GET /orders/:id', latency],
  ['dropped-index', 'dropped-index', 'GET /orders/:id', latency],
  ['dropped-index', 'dropped-index', 'GET /customers/:id/summary', latency],
  ['slow-query', 'slow-query', 'GET /orders?page=', latency],
  ['new-lock', 'new-lock', 'POST /orders', latency],
  ['errors', 'errors', 'GET /orders/:id', errorShare],
  ['no-cache', 'no-cache', 'GET /products/:sku', latency],
  ['pool-of-one', 'pool-of-one', 'POST /orders', throughput],
  ['global-mutex', 'global-mutex', 'GET /orders/:id', throughput],
];

const database = await startDatabase();
console.log('| regression | measured | unchanged | regressed | ratio |\n|---|---|---:|---:|---:|');
for (const [name, regression, route, measure] of CASES) {
  const services = [await startService(database, 0, ''), await startService(database, 1, regression)];
  const { what, unit, digits, values } = await measure(services, route);
  const [unchanged, regressed] = values;
  const shown = values.map((value) => `${value.toFixed(digits)} ${unit}`).join(' | ');
  const ratio = unchanged === 0 ? '' : (regressed / unchanged).toFixed(2);
  console.log(`| ${name} | ${route}: ${what} | ${shown} | ${ratio} |`);
  for (const service of services) await service.stop();
}
await database.stop();

/** One request in flight in all. Which service comes first changes from pair to pair. */
async function latency(services, route) {
  const times = services.map(() => []);
  for (let i = -WARM_UP; i < REQUESTS; i += 1) {
    const path = ROUTES[route](i + WARM_UP);
    for (const which of i % 2 === 0 ? [0, 1] : [1, 0]) {
      const began = performance.now();
      await services[which].ask(path);
      if (i >= 0) times[which].push(performance.now() - began);
    }
  }
  return { what: 'p50', unit: 'ms', digits: 2, values: times.map(median) };
}

/** Ten requests in flight, one service after the other, in short turns. */
async function throughput(services, route) {
  const seconds = services.map(() => 0);
  const turn = 200;
  for (let sent = -WARM_UP; sent < REQUESTS; sent += turn) {
    for (const which of [0, 1]) {
      const began = performance.now();
      let next = 0;
      const client = async () => {
        while (next < turn) await services[which].ask(ROUTES[route](next++));
      };
      await Promise.all(Array.from({ length: 10 }, client));
      if (sent >= 0) seconds[which] += (performance.now() - began) / 1000;
    }
  }
  const answered = Math.ceil(REQUESTS / turn) * turn;
  return { what: 'ten at once', unit: '/s', digits: 0, values: seconds.map((sum) => answered / sum) };
}

async function errorShare(services, route) {
  const values = [];
  for (const service of services) {
    let failed = 0;
    for (let i = 0; i < REQUESTS; i += 1) if ((await service.ask(ROUTES[route](i))) >= 500) failed += 1;
    values.push((100 * failed) / REQUESTS);
  }
  return { what: 'errors', unit: '%', digits: 1, values };
}

/** In this process, without a service: what the span `summarize` holds. */
async function functionTime() {
  const regressed = (await REGRESSIONS['slow-function'].change()).summarize;
  const purchases = Array.from({ length: 60 }, (_, i) => ({
    orderId: i >> 2,
    placedAt: new Date(Date.UTC(2025, i % 12, 5)),
    name: 'Ash Bread Knife',
    category: ['kitchen', 'garden', 'office'][i % 3],
    weightGrams: 200 + i,
    quantity: 1 + (i % 12),
    unitPriceCents: 1299 + i * 7,
  }));
  const times = [[], []];
  for (let i = -WARM_UP; i < REQUESTS; i += 1) {
    for (const [which, work] of [summarize, regressed].entries()) {
      const began = performance.now();
      work({ name: 'Ada Weber', tier: 'gold', country: 'AT' }, purchases);
      if (i >= 0) times[which].push(performance.now() - began);
    }
  }
  return { what: 'p50', unit: 'ms', digits: 3, values: times.map(median) };
}

function median(times) {
  return times.sort((a, b) => a - b)[times.length >> 1];
}

async function startDatabase() {
  const port = await freePort();
  const server = await startScript('db/start.js', { PORT: String(port) }, /is ready/);
  const script = (name, number) =>
    runScript(`db/${name}.js`, {
      SPANGATE_DEPENDENCY_DB_PORT: String(port),
      SPANGATE_DATABASE: number === undefined ? 'spangate_template' : `spangate_i${number}`,
    });
  await script('migrate');
  await script('seed');
  return { port, script, stop: server.stop };
}

async function startService(database, number, regression) {
  await database.script('reset', number);
  const url = `postgres://postgres@127.0.0.1:${database.port}/spangate_i${number}`;
  const env = { PORT: '0', DATABASE_URL: url, REGRESSION: regression };
  const { line, stop } = await startScript('src/server.js', env, /listens on/);
  const agent = new Agent({ keepAlive: true });
  let orders = 0;
  const ask = (path) =>
    new Promise((resolve, reject) => {
      const method = path === '/orders' ? 'POST' : 'GET';
      const headers = method === 'POST' ? { 'content-type': 'application/json' } : {};
      request(
        { agent, port: line.split(':').at(-1), host: '127.0.0.1', path, method, headers },
        (response) => {
          response.resume().on('end', () => resolve(response.statusCode));
        },
      )
        .on('error', reject)
        .end(method === 'POST' ? newOrder(orders++) : undefined);
    });
  return {
    ask,
    stop() {
      agent.destroy();
      return stop();
    },
  };
}

function newOrder(i) {
  const lines = ['KIT', 'WOR'].map((shelf, j) => ({
    sku: `${shelf}-${100 + ((i * 7 + j) % 60)}`,
    quantity: 1,
  }));
  return JSON.stringify({ customerId: 1 + (i % 500), key: `bench-${i}`, lines });
}

/** Starts a script and waits for the line that says that it is ready. */
async function startScript(file, env, ready) {
  const child = spawnScript(file, env, ['ignore', 'pipe', 'ignore']);
  for await (const line of createInterface(child.stdout)) {
    if (!ready.test(line)) continue;
    child.stdout.resume();
    const stop = async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    };
    return { line, stop };
  }
  throw new Error(`${file} ended before it was ready`);
}

async function runScript(file, env) {
  const [code] = await once(spawnScript(file, env, 'inherit'), 'exit');
  if (code !== 0) throw new Error(`${file} failed`);
}

function spawnScript(file, env, stdio) {
  const cwd = new URL('..', import.meta.url);
  return spawn(process.execPath, [file], { cwd, env: { ...process.env, ...env }, stdio });
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
