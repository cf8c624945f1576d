import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ancestry } from '../../src/baseline/baseline-choice.ts';
import { storeBaseline } from '../../src/baseline/record.ts';
import { storedRuns } from '../../src/baseline/run-history.ts';
import { type BaselineStore, openBaselines } from '../../src/baseline/stored-baselines.ts';
import type { Measurement } from '../../src/measurement.ts';
import { fullMeasurement } from './full-measurement.ts';

const BASE = {
  ...fullMeasurement({ rounds: 1, instances: 2, operations: 1, spans: 1, requests: 20 }),
  warnings: [],
};
const OTHER_MACHINE = { ...BASE.environment, cores: 2 };

let directory: string;
let store: BaselineStore;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spangate-test-'));
  store = { path: join(directory, 'baseline.json'), history: 50 };
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** The nth commit of main, recorded on that day. */
const sha = (day: number): string => day.toString(16).padStart(40, '0');

function runOf(day: number, parts: Partial<Measurement> = {}): Measurement {
  return {
    ...BASE,
    id: `day ${day}`,
    createdAt: `2026-11-${String(day).padStart(2, '0')}T08:00:00.000Z`,
    commit: { sha: sha(day), branch: 'main', dirty: false },
    ...parts,
  };
}

async function record(day: number, parts: Partial<Measurement> = {}, accepted = false): Promise<void> {
  await storeBaseline(store, runOf(day, parts), { accepted, anchor: null });
}

/** HEAD is the commit of `day`; main is a line. */
function headAt(day: number, parts: Partial<Ancestry> = {}): Ancestry {
  const distances = new Map(Array.from({ length: day }, (_, index) => [sha(day - index), index]));
  return { sha: sha(day), distances, isShallow: false, ...parts };
}

async function chosen(head: Ancestry | null, candidate = runOf(30), anchor: Ancestry | null = null) {
  const found = (await openBaselines(store)).choose(candidate, { head, anchor });
  if (found === null) return null;
  return {
    baseline: found.baseline.id,
    distance: found.distance,
    runs: found.runs.map((run) => run.id),
    anchor: found.anchor?.measurement.id,
    warnings: found.warnings.map((warning) => warning.code),
  };
}

describe('the baseline', () => {
  test('is the nearest ancestor that was recorded on this machine, and the distance is known', async () => {
    for (const day of [2, 5, 9]) await record(day);
    await record(6, { environment: OTHER_MACHINE });
    expect(await chosen(headAt(7))).toEqual({
      baseline: 'day 5',
      distance: 2,
      runs: ['day 2', 'day 5'],
      anchor: undefined,
      warnings: [],
    });
  });

  test('is the newest where git cannot tell', async () => {
    for (const day of [5, 2]) await record(day);
    expect(await chosen(null)).toMatchObject({ baseline: 'day 5', distance: null, warnings: [] });
  });

  test('is the newest of this machine where none is an ancestor, with a note', async () => {
    for (const day of [8, 9]) await record(day);
    expect(await chosen(headAt(7))).toMatchObject({
      baseline: 'day 9',
      distance: null,
      runs: ['day 8', 'day 9'],
      warnings: ['baseline-not-an-ancestor'],
    });
  });

  test('says in a shallow clone why nothing is an ancestor', async () => {
    await record(2);
    const shallow = headAt(7, { distances: new Map([[sha(7), 0]]), isShallow: true });
    expect(await chosen(shallow)).toMatchObject({ baseline: 'day 2', warnings: ['shallow-clone'] });
  });

  test('is of another machine where this one has none, and then there is no history', async () => {
    for (const day of [2, 5]) await record(day, { environment: OTHER_MACHINE });
    expect(await chosen(headAt(7))).toMatchObject({ baseline: 'day 5', distance: 2, runs: [] });
  });

  test('is of this workload where one is', async () => {
    await record(2);
    await record(5, { workload: { ...BASE.workload, hash: 'b'.repeat(64) } });
    expect(await chosen(headAt(7))).toMatchObject({ baseline: 'day 2', runs: ['day 2'] });
  });

  test('is a run that cannot be compared where there is no other, so that the gate can say why', async () => {
    await record(5, { workload: { ...BASE.workload, hash: 'b'.repeat(64) } });
    expect(await chosen(headAt(7))).toMatchObject({ baseline: 'day 5', runs: [] });
  });

  test('is none where nothing is stored', async () => {
    expect(await chosen(headAt(7))).toBeNull();
  });

  test('is the file alone in a repository that keeps no more', async () => {
    store = { ...store, history: 0 };
    await record(5);
    expect(storedRuns(store)).toEqual([]);
    expect(await chosen(headAt(7))).toMatchObject({ baseline: 'day 5', distance: 2, runs: ['day 5'] });
  });
});

describe('the history', () => {
  test('begins anew where a change was accepted by force, on whatever machine', async () => {
    for (const day of [1, 2, 4]) await record(day);
    await record(3, { environment: OTHER_MACHINE }, true);
    expect(await chosen(headAt(7))).toMatchObject({ runs: ['day 4'] });
    expect(await chosen(headAt(2))).toMatchObject({ runs: ['day 1', 'day 2'] });
  });

  test('has no degraded runs', async () => {
    await record(1);
    await record(2, { status: 'degraded' });
    expect(await chosen(headAt(7))).toMatchObject({ baseline: 'day 2', runs: ['day 1'] });
  });

  test('leaves a torn run out and names its file', async () => {
    for (const day of [1, 2, 3]) await record(day);
    const [, torn] = storedRuns(store);
    truncateSync(torn?.path ?? '', 100);
    expect(await chosen(headAt(7))).toMatchObject({
      baseline: 'day 3',
      runs: ['day 1', 'day 3'],
      warnings: ['stored-run-damaged'],
    });
    const found = (await openBaselines(store)).choose(runOf(30), { head: headAt(7), anchor: null });
    expect(found?.warnings[0]?.message).toContain(torn?.path);
  });

  test('whose every run is torn is an error, never no baseline', async () => {
    await record(1);
    rmSync(store.path);
    for (const run of storedRuns(store)) writeFileSync(run.path, '');
    await expect(chosen(headAt(7))).rejects.toMatchObject({ code: 'baseline-corrupt', exitCode: 2 });
  });
});

describe('the anchor', () => {
  test.each([
    ['2026-11-03', 'day 2'],
    ['2026-11-04', 'day 4'],
    ['2026-11-04T07:00:00Z', 'day 2'],
  ])('of the date %s is the last run until then: %s', async (anchor, expected) => {
    store = { ...store, anchor };
    for (const day of [2, 4, 6]) await record(day);
    expect(await chosen(headAt(7))).toMatchObject({ baseline: 'day 6', anchor: expected, warnings: [] });
  });

  test('of a tag is the nearest run behind its commit', async () => {
    store = { ...store, anchor: 'v1.0.0' };
    for (const day of [2, 4, 6]) await record(day);
    expect(await chosen(headAt(7), runOf(30), headAt(5))).toMatchObject({ anchor: 'day 4' });
  });

  test('survives when older runs are removed', async () => {
    store = { ...store, history: 2, anchor: '2026-11-02' };
    for (const day of [1, 2, 3, 4, 5]) await record(day);
    expect(storedRuns(store).map((run) => run.createdAt.slice(8, 10))).toEqual(['02', '04', '05']);
  });

  test('that git does not know is said to be unknown', async () => {
    store = { ...store, anchor: 'v9' };
    await record(2);
    expect(await chosen(headAt(7))).toMatchObject({ anchor: undefined, warnings: ['anchor-unknown'] });
  });

  test('of which no run of this machine is stored says so', async () => {
    store = { ...store, anchor: '2026-10-01' };
    await record(2);
    expect(await chosen(headAt(7))).toMatchObject({ anchor: undefined, warnings: ['anchor-without-run'] });
  });
});
