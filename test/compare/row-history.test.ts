/** The figures of a history against a second way to them, straight from docs/statistics.md. */
import { describe, expect, test } from 'vitest';
import { historyLimit, historyShifts } from '../../src/compare/history-shift.ts';
import { historiesOf, LEAST_RUNS } from '../../src/compare/row-history.ts';
import { pairsOf } from '../../src/compare/rows.ts';
import { isTimed } from '../../src/compare/series.ts';
import { holm } from '../../src/compare/statistics/holm.ts';
import { studentTUpperTail } from '../../src/compare/statistics/student-t.ts';
import type { Measurement } from '../../src/measurement.ts';
import { STANDARD } from './policies.ts';
import { measurementOf, type Sketch } from './sketch.ts';

const SPANS = Object.fromEntries(
  Array.from({ length: 8 }, (_, index) => [`client:api:query ${index}`, { duration: 0.001 * (index + 1) }]),
);

function run(seed: number, factor = 1, extra: Partial<Sketch> = {}): Measurement {
  return measurementOf({
    id: `run ${seed}`,
    seed,
    factor,
    spread: 0.03,
    operations: { 'list orders': { latency: 0.05, spans: SPANS } },
    ...extra,
  });
}

const runsOf = (count: number): Measurement[] =>
  Array.from({ length: count }, (_, index) => run(index + 1, Math.exp(0.1 * Math.sin(index))));

const timed = (baseline: Measurement, candidate: Measurement) =>
  pairsOf(baseline, candidate, STANDARD).filter((pair) => isTimed(pair.quantity));

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) /
    2
  );
}

/** Log of the median over instances of each run, by row. */
function table(runs: readonly Measurement[]): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const each of runs) {
    for (const pair of timed(each, each)) {
      const value = Math.log(median(pair.baseline.map((observation) => observation.value)));
      rows.set(pair.id, [...(rows.get(pair.id) ?? []), value]);
    }
  }
  return rows;
}

describe('ten and more runs', () => {
  const runs = runsOf(12);
  const candidate = run(99, 1.3);
  const pairs = timed(runs.at(-1) as Measurement, candidate);
  const p50 = pairs.filter((pair) => pair.quantity === 'p50');
  const histories = historiesOf(pairs, runs);
  const values = table(runs);

  test('have their median for the centre', () => {
    expect(p50).toHaveLength(9);
    for (const pair of p50) {
      expect(histories.rows.get(pair.id)?.centre).toBeCloseTo(median(values.get(pair.id) ?? []), 9);
      expect(histories.rows.get(pair.id)?.runs).toBe(12);
    }
  });

  test('have for their scale what is left when each run’s common move is off, shrunk to what is usual', () => {
    const centres = new Map(p50.map(({ id }) => [id, median(values.get(id) ?? [])]));
    const spans = p50.filter((pair) => pair.span !== null);
    const moves = runs.map((_, at) =>
      median(spans.map(({ id }) => (values.get(id)?.[at] ?? 0) - (centres.get(id) ?? 0))),
    );
    const scales = new Map(
      p50.map(({ id }) => {
        const own = (values.get(id) ?? []).map((value, at) => value - (moves[at] ?? 0));
        const deviation = median(own.map((value) => Math.abs(value - median(own))));
        return [id, 1.4826 * (12 / 11.2) * deviation];
      }),
    );
    const usual = median([...scales.values()].map((scale) => scale ** 2));
    const df = 0.37 * 11;
    for (const { id } of p50) {
      const shrunk = Math.sqrt((6 * usual + df * (scales.get(id) ?? 0) ** 2) / (6 + df));
      expect(histories.rows.get(id)?.scale).toBeCloseTo(shrunk, 9);
      expect(histories.rows.get(id)?.df).toBeCloseTo(6 + df, 9);
    }
  });

  test('give a prediction interval of one more run, and Holm’s p over the gated rows', () => {
    const shifts = historyShifts(p50, histories.rows);
    const expected = p50.map(({ id, candidate: series }) => {
      const history = histories.rows.get(id);
      if (!history) throw new Error(id);
      return { id, history, move: Math.log(median(series.map((each) => each.value))) - history.centre };
    });
    const common = median(expected.filter(({ id }) => !id.includes('| - |')).map(({ move }) => move));
    expect(common).toBeCloseTo(Math.log(1.3), 1);
    const tails = expected.map(({ history, move }) =>
      studentTUpperTail((move - common) / (history.scale * Math.sqrt(13 / 12)), history.df),
    );
    for (const [index, { id, history, move }] of expected.entries()) {
      const shift = shifts.get(id);
      expect(shift?.difference).toBeCloseTo(move, 9);
      expect(shift?.own).toBeCloseTo(move - common, 9);
      expect(shift?.error).toBeCloseTo(history.scale * Math.sqrt(13 / 12), 9);
      expect(shift?.pWorse).toBeCloseTo(holm(tails)[index] ?? 0, 9);
    }
  });

  test('widen a limit to four deviations, and never narrow it', () => {
    const limit = { level: 'fail', warn: 0.01, fail: 0.02, atLeast: 0 } as const;
    const history = { centre: 0, scale: 0.05, df: 9, runs: 12, series: [] };
    expect(historyLimit(limit, 'p50', history).fail).toBeCloseTo(Math.expm1(0.2), 9);
    expect(historyLimit(limit, 'throughput', history).fail).toBeCloseTo(-Math.expm1(-0.2), 9);
    expect(historyLimit({ ...limit, fail: 0.9 }, 'p50', history).fail).toBe(0.9);
    expect(historyLimit(limit, 'p50', { ...history, scale: 0.001 }).fail).toBe(0.1);
  });
});

describe('fewer runs', () => {
  test('make no history, and their spread is the sample standard deviation, in the middle over rows', () => {
    const runs = runsOf(LEAST_RUNS - 1);
    const pairs = timed(runs[0] as Measurement, run(99));
    const histories = historiesOf(pairs, runs);
    expect(histories.rows.size).toBe(0);
    const values = table(runs);
    const variances = pairs
      .filter((pair) => pair.quantity === 'p50')
      .map(({ id }) => {
        const row = values.get(id) ?? [];
        const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
        return row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (row.length - 1);
      });
    expect(histories.spreadOf('p50')?.deviation).toBeCloseTo(Math.sqrt(median(variances)), 9);
    expect(histories.spreadOf('p50')?.df).toBe(LEAST_RUNS - 2);
  });

  test('say nothing where there is only one', () => {
    const only = run(1);
    expect(historiesOf(timed(only, run(2)), [only]).spreadOf('p50')).toBeNull();
  });
});

test('runs from before a row changed its level for good do not count for that row', () => {
  const faster = { ...SPANS, 'client:api:query 7': { duration: 0.004 } };
  const runs = [
    ...runsOf(12),
    ...Array.from({ length: 12 }, (_, index) =>
      run(index + 50, 1, { operations: { 'list orders': { latency: 0.05, spans: faster } } }),
    ),
  ];
  const histories = historiesOf(timed(runs.at(-1) as Measurement, run(99)), runs);
  expect(histories.rows.get('list orders | client:api:query 7 | p50')?.runs).toBe(12);
  expect(histories.rows.get('list orders | client:api:query 6 | p50')?.runs).toBe(24);
});
