/** Which of the example traces of many instances a Measurement keeps. */
import type { Exemplar } from '../measurement.ts';

/** Failed traces of different errors, of one operation. */
const MOST_ERRORS = 3;
/** Of a whole Measurement: some 150 kB of JSON. */
const MOST_SPANS = 1_200;

/**
 * Of each operation and kind the trace in the middle: every instance offers its own p50 and p95, and the median of
 * those is what the run was like. Of failed ones the slowest of each error type. Keeps the order of `offered`. Pure.
 */
export function chooseExemplars(offered: readonly Exemplar[]): readonly Exemplar[] {
  const groups = new Map<string, Exemplar[]>();
  for (const exemplar of offered) {
    const key = JSON.stringify([exemplar.operation, exemplar.why]);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(exemplar);
  }
  const chosen = new Set([...groups.values()].flatMap(chosenOf));
  let left = MOST_SPANS;
  return offered.filter((exemplar) => {
    if (!chosen.has(exemplar) || exemplar.spans.length > left) return false;
    left -= exemplar.spans.length;
    return true;
  });
}

function chosenOf(group: readonly Exemplar[]): readonly Exemplar[] {
  const sorted = group.toSorted((left, right) => right.duration - left.duration);
  if (group[0]?.why !== 'error') return sorted.slice(Math.floor(sorted.length / 2)).slice(0, 1);
  const byType = new Map<string, Exemplar>();
  for (const exemplar of sorted) {
    const type = exemplar.spans.find(({ errorType }) => errorType !== undefined)?.errorType ?? '';
    if (!byType.has(type)) byType.set(type, exemplar);
  }
  return [...byType.values()].slice(0, MOST_ERRORS);
}
