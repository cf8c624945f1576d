/**
 * How late the starts of an open load are, and what keeping the time costs: a timer of Node, turning in the event
 * loop for the last milliseconds, and spangate's alarm (a sleeping thread), for Poisson arrivals. Nothing is sent.
 *
 *   npm run build && node bench/pacing.mjs [seconds each]
 */

import { quantileSorted } from '../build/quantile.js';
import { seededRandom } from '../build/random.js';
import { Alarm } from '../build/runner/load/alarm.js';
import { exactGaps } from '../build/runner/load/arrivals.js';

const RATES = [100, 400, 1500];
const seconds = Number(process.argv[2] ?? 3);

const WAYS = {
  'setTimeout alone': async (due, start) => {
    while (!start())
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due() - performance.now())));
  },
  'setTimeout, then setImmediate': async (due, start) => {
    while (!start()) {
      const left = due() - performance.now();
      await new Promise((resolve) => (left > 2 ? setTimeout(resolve, left - 1) : setImmediate(resolve)));
    }
  },
  alarm: async (due, start) => {
    let ring;
    const alarm = new Alarm(() => ring(), console.error);
    while (!start()) {
      await new Promise((resolve) => {
        ring = resolve;
        alarm.set(due());
      });
    }
    await alarm[Symbol.asyncDispose]();
  },
};

for (const rate of RATES) {
  for (const [name, way] of Object.entries(WAYS)) console.log(await measure(rate, name, way));
}

async function measure(rate, name, way) {
  const gaps = exactGaps('poisson', { rate, count: Math.round(rate * seconds) }, seededRandom(1));
  const lateness = [];
  const from = performance.now();
  const cpu = process.cpuUsage();
  let next = 0;
  let due = from + 1000 * gaps[0];
  const start = () => {
    while (next < gaps.length && due <= performance.now()) {
      lateness.push(performance.now() - due);
      next += 1;
      due += 1000 * (gaps[next] ?? 0);
    }
    return next === gaps.length;
  };
  await way(() => due, start);
  const { user, system } = process.cpuUsage(cpu);
  const share = (user + system) / 1000 / (performance.now() - from);
  lateness.sort((a, b) => a - b);
  const late = [0.5, 0.9, 0.99].map((q) => quantileSorted(lateness, q).toFixed(2).padStart(6));
  return `${String(rate).padStart(5)}/s  ${name.padEnd(30)} late by p50, p90, p99 ${late.join(' ')} ms   ${(100 * share).toFixed(1).padStart(5)} % of a core`;
}
