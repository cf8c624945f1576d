/**
 * Replays gates against a stored history, and counts false alarms and what is found.
 *
 *   npm run bench:judge-history [draws]
 */

import type { Row } from '../../src/compare/comparison.ts';
import { defaultPolicy } from '../../src/config/defaults.ts';
import { seededRandom } from '../../src/random.ts';
import { gateOfRecordings, gateOfRuns, type HistoryGate } from './history-gates.ts';
import { type Recording, readRecordings, slowed, spansOf } from './recordings.ts';
import { readRuns } from './stored-runs.ts';

const draws = Number(process.argv[2] ?? 400);
const policy = defaultPolicy('standard');
const recordings = readRecordings(new URL('../../../judge/recordings/', import.meta.url), 'k8_');
const runsFolder = new URL('../../../judge/runs/', import.meta.url);
const same = readRuns(runsFolder, 'same-');
const slow = readRuns(runsFolder, 'slow-function-');
/** Shorter ones cannot grow by the smallest shift that the profile flags, 0.05 ms. */
const LONG = spansOf(recordings[0] as Recording, 0.0002);

function count(
  name: string,
  times: number,
  gate: (draw: number) => { readonly gate: HistoryGate; readonly span: string | null },
): void {
  let alarms = 0;
  let found = 0;
  let wrong = 0;
  let confirmed = 0;
  const verdicts: Record<string, number> = {};
  const visible: number[] = [];
  for (let draw = 0; draw < times; draw += 1) {
    const { gate: made, span } = gate(draw);
    const { rows, verdict } = made.comparison;
    const failed = rows.filter((row) => row.outcome === 'fail');
    if (failed.length > 0) alarms += 1;
    if (span !== null && failed.some((row) => isOf(row, span))) found += 1;
    if (failed.some((row) => span === null || !isOf(row, span))) wrong += 1;
    if (made.confirmed) confirmed += 1;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    visible.push(
      ...rows.flatMap((row) =>
        row.quantity === 'p50' && row.level !== 'off' ? (row.minimumDetectable ?? []) : [],
      ),
    );
  }
  visible.sort((left, right) => left - right);
  const split = Object.entries(verdicts).map(([verdict, number]) => `${verdict} ${number}`);
  const middle = ((visible[Math.floor(visible.length / 2)] ?? 0) * 100).toFixed(0);
  console.log(
    `${name}: ${times} gates: fail ${alarms}, right span ${found}, wrong span ${wrong}, measured twice ${confirmed}; ` +
      `${split.join(', ')}; half of the p50 rows would show ${middle} %`,
  );
}

function isOf(row: Row, span: string): boolean {
  return row.span?.name === span;
}

for (const confirmation of ['fresh', 'hour'] as const) {
  for (const runs of (process.argv[3] ?? '5,10,12,30').split(',').map(Number)) {
    for (const factor of (process.argv[4] ?? '1,1.1,1.15,1.25,1.4').split(',').map(Number)) {
      const random = seededRandom(1);
      count(`${runs} runs of 4 instances, confirmation ${confirmation}, x${factor}`, draws, (draw) => {
        const span = LONG[draw % LONG.length] as string;
        const change =
          factor === 1
            ? undefined
            : (instance: Recording['instances'][number]) => slowed(instance, span, factor);
        const gate = gateOfRecordings(
          recordings,
          { runs, instances: 4, confirmation, policy },
          { random, change: change ?? ((instance) => instance) },
        );
        return { gate, span: factor === 1 ? null : span };
      });
    }
  }
}
for (const runs of [5, 10, 30]) {
  const random = seededRandom(1);
  count(`busy machine, same code, ${runs} runs`, draws, () => ({
    gate: gateOfRuns(same, same, { runs, policy, random }),
    span: null,
  }));
  count(`busy machine, function 45 % slower, ${runs} runs`, draws, () => ({
    gate: gateOfRuns(same, slow, { runs, policy, random }),
    span: 'summarize',
  }));
}
