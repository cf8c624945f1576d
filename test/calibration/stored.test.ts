/** The judge as a classifier against a stored baseline: recorded runs of the same code, and known changes. */
import { describe, expect, test } from 'vitest';
import { type Change, gateStored, type Outcome } from '../../bench/judge/draws.ts';
import { gateOfRecordings } from '../../bench/judge/history-gates.ts';
import { readRecordings, slowed, spansOf } from '../../bench/judge/recordings.ts';
import { readRuns, storedGates } from '../../bench/judge/stored-runs.ts';
import { compare } from '../../src/compare/compare.ts';
import { defaultPolicy } from '../../src/config/defaults.ts';
import { seededRandom } from '../../src/random.ts';
import { STANDARD } from '../compare/policies.ts';
import { measurementOf, type Sketch } from '../compare/sketch.ts';

const recordings = readRecordings(new URL('../../bench/judge/recordings/', import.meta.url), 'k8_');
const same: Change = (instance) => instance;

/** Each recording is a run: baseline, candidate and confirmation are minutes apart on a busy machine. */
function gates(draws: number, change: (draw: number) => Change): Outcome[] {
  const random = seededRandom(3);
  const design = { rounds: 1, instances: 8, policy: STANDARD };
  return Array.from({ length: draws }, (_, seed) =>
    gateStored(recordings, design, { random, change: change(seed), seed }),
  );
}

describe('the judge against a stored baseline', () => {
  test('passes 120 gates of the same code', () => {
    const verdicts = gates(120, () => same).map((outcome) => outcome.comparison.verdict);
    expect(verdicts.filter((verdict) => verdict !== 'pass')).toEqual([]);
  });

  test('finds a span of 0.2 ms and more that got 60 % slower, and blames no other', () => {
    const spans = spansOf(recordings[0] ?? { file: '', instances: [] }, 0.0002);
    const outcomes = gates(
      4 * spans.length,
      (draw) => (instance) => slowed(instance, spans[draw % spans.length] ?? '', 1.6),
    );
    const found = outcomes.filter((outcome, draw) =>
      outcome.failed.some((row) => row.span?.name === spans[draw % spans.length]),
    );
    expect(found.length / outcomes.length).toBeGreaterThanOrEqual(0.95);
    const wrong = outcomes.filter((outcome, draw) =>
      outcome.failed.some((row) => row.span?.name !== spans[draw % spans.length]),
    );
    expect(wrong).toEqual([]);
  });

  test('finds a loop of queries in every gate, whatever the machine does', () => {
    const sketch = (seed: number, calls: number, factor: number): Sketch => ({
      id: `run ${seed}`,
      seed,
      factor,
      spread: 0.05,
      operations: {
        'list orders': { latency: 0.01, spans: { 'client:api:pg.query': { duration: 0.001, calls } } },
      },
    });
    const random = seededRandom(4);
    for (let draw = 0; draw < 50; draw += 1) {
      const judged = (calls: number) =>
        compare({
          baseline: measurementOf(sketch(2 * draw, 1, 1)),
          candidate: measurementOf(sketch(2 * draw + 1, calls, Math.exp(random() - 0.5))),
          policy: STANDARD,
          seed: draw,
          createdAt: '',
          tool: 'judge',
          comparability: draw % 2 === 0 ? 'like' : 'unlike',
        });
      expect(
        judged(2)
          .rows.filter((row) => row.outcome === 'fail')
          .map((row) => row.quantity),
      ).toEqual(['calls']);
      expect(judged(1).rows.filter((row) => row.outcome === 'fail')).toEqual([]);
    }
  });
});

describe('the judge against a history of twelve runs', () => {
  const spans = spansOf(recordings[0] ?? { file: '', instances: [] }, 0.0002);
  const design = { runs: 12, instances: 4, confirmation: 'fresh', policy: STANDARD } as const;
  const failures = (factor: number): readonly (readonly [string, readonly (string | undefined)[]])[] => {
    const random = seededRandom(5);
    return Array.from({ length: 4 * spans.length }, (_, draw) => {
      const span = spans[draw % spans.length] ?? '';
      const change: Change = factor === 1 ? same : (instance) => slowed(instance, span, factor);
      const { rows } = gateOfRecordings(recordings, design, { random, change }).comparison;
      return [span, rows.filter((row) => row.outcome === 'fail').map((row) => row.span?.name)];
    });
  };

  test('fails no gate of the same code', () => {
    expect(failures(1).filter(([, failed]) => failed.length > 0)).toEqual([]);
  });

  test('finds a span that got 25 % slower, and blames no other', () => {
    const found = failures(1.25);
    expect(found.filter(([span, failed]) => failed.includes(span)).length / found.length).toBeGreaterThan(
      0.95,
    );
    expect(found.filter(([span, failed]) => failed.some((name) => name !== span))).toEqual([]);
  });
});

describe('the judge on real runs of a machine whose speed varies eightfold', () => {
  const folder = new URL('../../bench/judge/runs/', import.meta.url);
  const same = readRuns(folder, 'same-');

  test('raises no false alarm in 990 gates of the same code', () => {
    const failed = [...storedGates(same, same, defaultPolicy('standard'))].flatMap(({ comparison }) =>
      comparison.rows.filter((row) => row.outcome === 'fail').map((row) => row.id),
    );
    expect(failed).toEqual([]);
  });

  test('finds a function 45 % slower at times, and never blames another span', () => {
    const gates = [...storedGates(same, readRuns(folder, 'slow-function-'), defaultPolicy('standard'))];
    const blamed = gates.map(({ comparison }) =>
      comparison.rows.filter((row) => row.outcome === 'fail').map((row) => row.span?.name),
    );
    expect(new Set(blamed.flat())).toEqual(new Set(['summarize']));
    expect(blamed.filter((names) => names.length > 0).length).toBeGreaterThan(40);
  });
});
