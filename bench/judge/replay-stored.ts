/**
 * Counts the verdicts of gates against a stored baseline on recorded runs of the example.
 *
 *   npm run bench:judge-stored
 */
import { defaultPolicy } from '../../src/config/defaults.ts';
import type { Measurement } from '../../src/measurement.ts';
import { readRuns, storedGates } from './stored-runs.ts';

const folder = new URL('../../../judge/runs/', import.meta.url);
const same = readRuns(folder, 'same-');
const slow = readRuns(folder, 'slow-function-');

count('same code', same, same, null);
count('summarize slower', same, slow, 'summarize');

function count(
  name: string,
  baselines: readonly Measurement[],
  candidates: readonly Measurement[],
  span: string | null,
): void {
  const verdicts: Record<string, number> = {};
  let gates = 0;
  let found = 0;
  let wrong = 0;
  let confirmed = 0;
  for (const gate of storedGates(baselines, candidates, defaultPolicy('standard'))) {
    const { verdict, rows } = gate.comparison;
    const failed = rows.filter((row) => row.outcome === 'fail');
    gates += 1;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    if (gate.confirmed) confirmed += 1;
    if (failed.some((row) => row.span?.name === span)) found += 1;
    if (failed.some((row) => row.span?.name !== span)) wrong += 1;
  }
  const list = Object.entries(verdicts).map(([verdict, times]) => `${verdict} ${times}`);
  console.log(
    `${name}: ${gates} gates: ${list.join(', ')}; measured twice ${confirmed}; ` +
      `${span === null ? '' : `found ${found}; `}wrong rows in ${wrong}`,
  );
}
