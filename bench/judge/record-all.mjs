/**
 * Fills the bank in turns of five rounds, so that a bench that is stopped has some of each; the next call goes on.
 *
 *   npm run build && npx tsc -p bench && node bench/judge/record-all.mjs [minutes=60] [rounds=40] [only=<part of a folder's name>]
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const bank = join(root, 'bench', 'judge', 'bank');
const recorder = join(root, 'bench', 'build', 'bench', 'judge', 'record-bank.js');
const TURN = 5;

const SERVICES = {
  pricing: 'bench/services/pricing/spangate.yml',
  'express-orders': 'examples/express-orders/spangate.yml',
  chain: 'bench/services/chain/spangate.yml',
  'python-orders': 'examples/python-orders/spangate.yml',
  'pricing-one-route': 'bench/services/pricing/one-route.yml',
};

/** In order of what matters. */
const SERIES = [
  { name: 'pricing', model: 'interleaved', neighbour: false },
  { name: 'express-orders', model: 'interleaved', neighbour: false },
  { name: 'pricing', model: 'interleaved', neighbour: true },
  { name: 'express-orders', model: 'interleaved', neighbour: true },
  { name: 'pricing-one-route', model: 'interleaved', neighbour: true, duration: 30 },
  { name: 'chain', model: 'interleaved', neighbour: true },
  { name: 'python-orders', model: 'interleaved', neighbour: true },
  { name: 'chain', model: 'interleaved', neighbour: false },
  { name: 'python-orders', model: 'interleaved', neighbour: false },
  { name: 'pricing', model: 'closed', neighbour: false },
  { name: 'pricing', model: 'open', neighbour: false, rate: 400 },
];

const [minutes = '60', wanted = '40', only = ''] = process.argv.slice(2);
const ends = Date.now() + Number(minutes) * 60_000;
const failed = new Set();

for (;;) {
  const left = SERIES.filter(
    (series) => folderOf(series).includes(only) && !failed.has(series) && roundsOf(series) < Number(wanted),
  );
  const [next] = left.toSorted((one, other) => roundsOf(one) - roundsOf(other));
  const minutesLeft = (ends - Date.now()) / 60_000;
  if (!next || minutesLeft <= 0) break;
  const options = ['--name', next.name, '--model', next.model, '--bank', bank];
  if (next.neighbour) options.push('--neighbour');
  if (next.rate) options.push('--rate', String(next.rate));
  if (next.duration) options.push('--duration', String(next.duration));
  const upTo = Math.min(Number(wanted), roundsOf(next) + TURN);
  const limits = ['--rounds', String(upTo), '--minutes', String(minutesLeft)];
  const { status, signal } = spawnSync(
    process.execPath,
    [recorder, join(root, SERVICES[next.name]), ...options, ...limits],
    { cwd: root, stdio: 'inherit' },
  );
  if (signal || status === 130) break;
  if (status !== 0) {
    failed.add(next);
    console.error(`${folderOf(next)}: given up`);
  }
}
for (const series of SERIES) console.log(`${folderOf(series)}: ${roundsOf(series)} rounds`);

function folderOf({ name, neighbour, model }) {
  return `${name}-${neighbour ? 'neighbour' : 'quiet'}-${model}`;
}

function roundsOf(series) {
  const folder = join(bank, folderOf(series));
  return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json.gz')).length : 0;
}
