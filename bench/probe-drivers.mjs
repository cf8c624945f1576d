/**
 * Which driver is more even for short slots on one instance: autocannon with a connection each, or the block driver
 * with as many requests in flight. One server that waits 3 ms and computes for about 0.3 ms, slots in turns, the
 * driver that begins drawn anew each time. Prints mean and spread of throughput, p50 and p90.
 *
 *   npm run build && node bench/probe-drivers.mjs [slots of each=20] [seconds=0.75] [connections=8]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { quantileSorted } from '../build/quantile.js';
import { runClosedLoad } from '../build/runner/load/closed-load.js';
import { runInterleavedLoad } from '../build/runner/load/interleaved-load.js';
import { createWorkload } from '../build/runner/load/workload.js';

const [slots, seconds, connections] = ['20', '0.75', '8'].map((other, at) =>
  Number(process.argv[2 + at] ?? other),
);

const SERVER = `
  const { createServer } = require('node:http');
  createServer((request, response) => setTimeout(() => {
    let sum = 0;
    for (let i = 0; i < 300_000; i += 1) sum += Math.sqrt(i);
    response.end(String(sum));
  }, 3)).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

const server = spawn(process.execPath, ['-e', SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
try {
  const [line] = await once(server.stdout, 'data');
  const target = { instance: 0, url: `http://127.0.0.1:${Number(line)}` };
  const found = { autocannon: [], block: [] };
  await slot('autocannon', target, 1);
  await slot('block', target, 2);
  for (let index = 0; index < slots; index += 1) {
    for (const driver of Math.random() < 0.5 ? ['autocannon', 'block'] : ['block', 'autocannon']) {
      found[driver].push(await slot(driver, target, index + 3));
    }
  }
  console.log(
    `${slots} slots of ${seconds} s each, ${connections} at once, load average ${(await import('node:os')).loadavg()[0].toFixed(1)}`,
  );
  console.log(
    '| driver | throughput | spread | p50 | spread | p90 | spread | CPU of the generator |\n|---|---:|---:|---:|---:|---:|---:|---:|',
  );
  for (const [driver, results] of Object.entries(found)) {
    const part = (name) => figures(results.map((result) => result[name]));
    const { throughput, p50, p90, cpu } = {
      throughput: part('throughput'),
      p50: part('p50'),
      p90: part('p90'),
      cpu: part('cpu'),
    };
    console.log(
      `| ${driver} | ${throughput.mean.toFixed(0)}/s | ${throughput.spread} | ${(1000 * p50.mean).toFixed(2)} ms | ${p50.spread} | ${(1000 * p90.mean).toFixed(2)} ms | ${p90.spread} | ${cpu.mean.toFixed(2)} |`,
    );
  }
} finally {
  server.kill();
}

async function slot(driver, target, serial) {
  const load = {
    model: 'closed',
    service: 'api',
    connections,
    timeoutSeconds: 5,
    login: null,
    maxWrites: 0,
    seed: 1,
    directory: '/',
    requests: [
      {
        name: 'root',
        method: 'GET',
        path: '/',
        headers: {},
        body: null,
        bodyFile: null,
        expect: [],
        save: {},
        weight: 1,
        writes: false,
      },
    ],
  };
  const options = {
    load,
    workload: createWorkload(load, { readFile: () => new Uint8Array() }),
    targets: [target],
    runTag: serial,
    seed: serial,
    warmUp: { kind: 'fixed', seconds: seconds / 3 },
    durationSeconds: seconds,
    signal: new AbortController().signal,
  };
  const result = await (driver === 'block'
    ? runInterleavedLoad({ ...options, inFlight: connections })
    : runClosedLoad(options));
  const latencies = result.instances[0].operations[0].latencies.toSorted();
  return {
    throughput: result.instances[0].throughput,
    p50: quantileSorted(latencies, 0.5),
    p90: quantileSorted(latencies, 0.9),
    cpu: result.generatorCpu,
  };
}

function figures(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1),
  );
  return { mean, spread: `${((100 * deviation) / mean).toFixed(1)} %` };
}
