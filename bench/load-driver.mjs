/**
 * What a request costs the load generator: spangate's drivers beside plain autocannon, in one run and by turns, so
 * that the ratios hold on any machine. The figure is CPU time of this process a request; the server is another
 * process, and trivial. All but the open model send as fast as they can with two requests in flight; the open model
 * sends at a fixed rate, so that each request pays for waking up this process and the server too.
 *
 *   npm run build && node bench/load-driver.mjs [seconds a turn] [turns]
 */
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';

const CONNECTIONS = 2;
const OPEN_RATE = 1000;

if (process.send) serve();
else await main();

function serve() {
  const server = createServer((_request, response) => response.end('{"ok":true}'));
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());
}

async function main() {
  const seconds = Number(process.argv[2] ?? 2);
  const turns = Number(process.argv[3] ?? 5);
  const child = fork(fileURLToPath(import.meta.url));
  const port = await new Promise((resolve) => child.once('message', resolve));
  const url = `http://127.0.0.1:${port}`;
  const variants = {
    'autocannon, one fixed request': () => plainAutocannon(url, seconds, undefined),
    'autocannon, setupRequest for traceparent': () => plainAutocannon(url, seconds, mintTraceparent()),
    'spangate on autocannon': await spangate(url, seconds, 'autocannon'),
    'spangate, plain driver': await spangate(url, seconds, 'plain'),
    'spangate, interleaved': await spangate(url, seconds, 'interleaved'),
    [`spangate, open, ${OPEN_RATE} requests/s`]: await spangate(url, seconds, 'open'),
  };
  const costs = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  try {
    for (let turn = 0; turn <= turns; turn += 1) {
      for (const [name, run] of Object.entries(variants)) {
        const { requests, cpuSeconds, elapsed } = await run();
        // The first turn warms the generator's own code up.
        if (turn > 0) costs[name].push({ cost: (cpuSeconds / requests) * 1e6, rate: requests / elapsed });
      }
    }
  } finally {
    child.disconnect();
  }
  report(costs);
}

function report(costs) {
  const middle = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const base = middle(Object.values(costs)[0].map(({ cost }) => cost));
  for (const [name, list] of Object.entries(costs)) {
    const cost = middle(list.map((entry) => entry.cost));
    const rate = middle(list.map((entry) => entry.rate));
    console.log(
      `${name.padEnd(42)} ${cost.toFixed(1).padStart(6)} µs CPU a request  ${(cost / base).toFixed(2)} ×  ${Math.round(rate)} requests/s`,
    );
  }
}

function mintTraceparent() {
  let serial = 0;
  return (request) => {
    serial += 1;
    const id = serial.toString(16).padStart(32, '0');
    request.headers = { ...request.headers, traceparent: `00-${id}-${id.slice(16)}-01` };
    return request;
  };
}

async function plainAutocannon(url, seconds, setupRequest) {
  const from = performance.now();
  const cpu = process.cpuUsage();
  const requests = [setupRequest ? { setupRequest } : {}];
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds, requests });
  const { user, system } = process.cpuUsage(cpu);
  const elapsed = (performance.now() - from) / 1000;
  return { requests: result.requests.total, cpuSeconds: (user + system) / 1e6, elapsed };
}

async function spangate(url, seconds, driver) {
  const { createWorkload } = await import('../build/runner/load/workload.js');
  const { LoadControl } = await import('../build/runner/load/load-control.js');
  const { Connection } = await import('../build/runner/load/connection.js');
  const { driveAutocannon } = await import('../build/runner/load/autocannon-driver.js');
  const { drivePlain } = await import('../build/runner/load/plain-driver.js');
  const { runInterleavedLoad } = await import('../build/runner/load/interleaved-load.js');
  const { runOpenLoad } = await import('../build/runner/load/open-load.js');
  const request = {
    name: 'root',
    method: 'GET',
    path: '/orders?page=${int(1,50)}',
    headers: {},
    body: null,
    bodyFile: null,
    expect: [],
    save: {},
    weight: 1,
    writes: false,
  };
  const load = {
    model: 'closed',
    service: 'api',
    connections: CONNECTIONS,
    timeoutSeconds: 5,
    login: null,
    requests: [request],
    maxWrites: 0,
    seed: 1,
    directory: '/',
  };
  const workload = createWorkload(load, { readFile: () => new Uint8Array() });
  return async () => {
    const connections = Array.from({ length: CONNECTIONS }, () => new Connection(0));
    const options = {
      load,
      workload,
      targets: [{ instance: 0, url }],
      runTag: 1,
      warmUp: { kind: 'fixed', seconds: 0 },
      durationSeconds: seconds,
      signal: new AbortController().signal,
    };
    const driveEach = async (drive) => {
      const control = new LoadControl(options, connections, 0);
      await drive(control);
      return control.result(driver);
    };
    const ways = {
      autocannon: () => driveEach(driveAutocannon),
      plain: () => driveEach(drivePlain),
      interleaved: () => runInterleavedLoad({ ...options, seed: 1, inFlight: CONNECTIONS }),
      open: () => runOpenLoad({ ...options, seed: 1, rate: OPEN_RATE, arrivals: 'poisson' }),
    };
    const { instances, measuredSeconds, generatorCpu } = await ways[driver]();
    const { requests } = instances[0].operations[0];
    return { requests, cpuSeconds: generatorCpu * measuredSeconds, elapsed: measuredSeconds };
  };
}
