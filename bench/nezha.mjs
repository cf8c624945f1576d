/**
 * On the labelled faults of the Nezha set: whether the service with the fault is the one that the traces blame first.
 * Each fault is appended to bench/results/nezha.jsonl, so the bench can be stopped and resumed.
 *
 *   git clone https://github.com/IntelligentDDS/Nezha   # MIT
 *   npm run bench:nezha -- <its .git directory>
 *
 * As in the set's own evaluation, the fault-free minute of the day is compared with the minute that begins two minutes
 * after the one of the injection. Where a clone lacks that file, the minute before it is taken; where it lacks the
 * fault-free minute of a day, that of the other day of the same system. Each line says which files were used.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { blamedServices } from './build/bench/trace-sets/blamed-services.js';
import { nezhaSpans, serviceOfPod } from './build/bench/trace-sets/nezha-spans.js';
import { appendResult, readResults } from './result-lines.mjs';

const git = process.argv[2];
const file = fileURLToPath(new URL('results/nezha.jsonl', import.meta.url));
const SYSTEMS = [
  {
    name: 'Online Boutique',
    days: ['2022-08-22', '2022-08-23'],
    normal: { '2022-08-22': '03_51', '2022-08-23': '17_00' },
    published: 'Nezha 92.86 % and 96.43 %, MicroRank 41.07 % and 48.21 %, TraceAnomaly 30.35 % and 33.92 %',
  },
  {
    name: 'Train Ticket',
    days: ['2023-01-29', '2023-01-30'],
    normal: { '2023-01-29': '08_50', '2023-01-30': '11_39' },
    published: 'Nezha 86.67 % and 97.78 %, MicroRank 15.56 % and 24.44 %, TraceAnomaly 13.33 % and 28.89 %',
  },
];
function show(path) {
  try {
    return execFileSync('git', ['--git-dir', git ?? '', 'show', `HEAD:${path}`], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return null;
  }
}
function first(paths) {
  for (const path of paths) {
    const text = show(path);
    if (text !== null) return { path, text };
  }
  return null;
}
function minuteAfter(time, minutes) {
  const at = new Date(Date.parse(`${time.replace(' ', 'T')}Z`) + minutes * 60_000).toISOString();
  return { day: at.slice(0, 10), minute: at.slice(11, 16).replace(':', '_') };
}
function measured(system, day, fault) {
  const days = [day, ...system.days.filter((each) => each !== day)];
  const normal = system.normal;
  const base = first(days.map((each) => `construct_data/${each}/trace/${normal[each]}_trace.csv`));
  const head = first(
    [2, 1].map((later) => {
      const after = minuteAfter(fault.inject_time, later);
      return `rca_data/${after.day}/trace/${after.minute}_trace.csv`;
    }),
  );
  const service = serviceOfPod(fault.inject_pod);
  const blamed = base && head ? blamedServices(nezhaSpans(base.text), nezhaSpans(head.text)) : [];
  const rank = blamed.findIndex((each) => each.service === service) + 1;
  return {
    ...{ system: system.name, injected: fault.inject_time, type: fault.inject_type, service },
    ...{ base: base?.path ?? null, head: head?.path ?? null, rank: rank === 0 ? null : rank },
    blamed: blamed.slice(0, 5).map((each) => each.service),
  };
}
function summary(lines) {
  for (const { name, published } of SYSTEMS) {
    const own = lines.filter(({ system }) => system === name);
    const read = own.filter(({ base, head }) => base !== null && head !== null);
    console.log(`\n${name}: ${own.length} faults, traces of ${read.length} read`);
    const groups = [
      ['all', read],
      ...[...new Set(read.map(({ type }) => type))]
        .sort()
        .map((type) => [type, read.filter((line) => line.type === type)]),
    ];
    for (const [label, group] of groups) {
      const within = (most) => {
        const found = group.filter(({ rank }) => rank !== null && rank <= most).length;
        return `${found} (${((100 * found) / Math.max(1, group.length)).toFixed(1)} %)`;
      };
      console.log(
        `  ${label.padEnd(16)} ${String(group.length).padStart(3)}  first ${within(1)}, among three ${within(3)}, among five ${within(5)}`,
      );
    }
    console.log(`  published, first and among three of all faults: ${published}`);
  }
}
const key = ({ system, injected }) => `${system} ${injected}`;
if (git !== undefined) {
  const done = new Set(readResults(file).map(key));
  for (const system of SYSTEMS) {
    for (const day of system.days) {
      const list = show(`rca_data/${day}/${day}-fault_list.json`);
      if (list === null)
        throw new Error(`no fault list of ${day} in ${git}; give the .git directory of a clone of the set`);
      const faults = Object.values(JSON.parse(list)).flat();
      for (const fault of faults) {
        if (done.has(key({ system: system.name, injected: fault.inject_time }))) continue;
        appendResult(file, measured(system, day, fault));
      }
    }
  }
}
summary(readResults(file));
