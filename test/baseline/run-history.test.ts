import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/baseline/fingerprint.ts';
import { appendRun, historyFolder, readRun, storedRuns } from '../../src/baseline/run-history.ts';
import { summarize } from '../../src/baseline/summarize.ts';
import type { Measurement } from '../../src/measurement.ts';
import { fullMeasurement } from './full-measurement.ts';

const BASE = fullMeasurement({ rounds: 2, instances: 2, operations: 1, spans: 2, requests: 30 });
const FINGERPRINT = fingerprintOf(BASE.environment);

let directory: string;
let store: { path: string; history: number };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spangate-test-'));
  store = { path: join(directory, '.spangate', 'baseline.json'), history: 3 };
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** The run of a day in November. */
function runOf(day: number, parts: Partial<Measurement> = {}): Measurement {
  return {
    ...BASE,
    id: `day ${day}`,
    createdAt: `2026-11-${String(day).padStart(2, '0')}T08:00:00.000Z`,
    ...parts,
  };
}

describe('a history', () => {
  test('gives back what was stored, oldest first, and says what each run is of', () => {
    appendRun(store, runOf(2), { accepted: true });
    appendRun(store, runOf(1, { commit: null }), { accepted: false });
    const runs = storedRuns(store);
    expect(runs.map(({ path: _, ...rest }) => rest)).toEqual([
      { fingerprint: FINGERPRINT, createdAt: '2026-11-01T08:00:00.000Z', sha: null, accepted: false },
      {
        fingerprint: FINGERPRINT,
        createdAt: '2026-11-02T08:00:00.000Z',
        sha: BASE.commit?.sha,
        accepted: true,
      },
    ]);
    expect(runs.map(readRun)).toStrictEqual([summarize(runOf(1, { commit: null })), summarize(runOf(2))]);
  });

  test('lies beside the baseline file, a folder a machine', () => {
    appendRun(store, runOf(1), { accepted: false });
    appendRun(store, runOf(2, { environment: { ...BASE.environment, cores: 2 } }), { accepted: false });
    expect(historyFolder(store)).toBe(join(directory, '.spangate', 'baseline.history'));
    expect(historyFolder({ path: '/a/shop.baseline.json.gz' })).toBe('/a/shop.baseline.history');
    expect(readdirSync(historyFolder(store))).toHaveLength(2);
  });

  test('keeps the newest of each machine', () => {
    const other = { ...BASE.environment, cores: 2 };
    appendRun(store, runOf(1, { environment: other }), { accepted: false });
    for (const day of [5, 2, 4, 3]) appendRun(store, runOf(day), { accepted: false });
    expect(storedRuns(store).map((run) => run.createdAt.slice(8, 10))).toEqual(['01', '03', '04', '05']);
  });

  test('keeps a run that is to be kept, however old', () => {
    appendRun(store, runOf(1), { accepted: false });
    const [anchor] = storedRuns(store);
    const keep = new Set([anchor?.path ?? '']);
    for (const day of [2, 3, 4, 5]) appendRun(store, runOf(day), { accepted: false, keep });
    expect(storedRuns(store).map((run) => run.createdAt.slice(8, 10))).toEqual(['01', '03', '04', '05']);
  });

  test('of none keeps none, and makes no folder', () => {
    appendRun({ ...store, history: 0 }, runOf(1), { accepted: false });
    expect(existsSync(dirname(store.path))).toBe(false);
  });

  test('is the same to the byte for the same run', () => {
    appendRun(store, runOf(1), { accepted: false });
    const [run] = storedRuns(store);
    const before = readFileSync(run?.path ?? '');
    appendRun(store, runOf(1), { accepted: false });
    expect(storedRuns(store)).toHaveLength(1);
    expect(readFileSync(run?.path ?? '').equals(before)).toBe(true);
  });

  test('has small files', () => {
    const large = fullMeasurement({ rounds: 4, instances: 2, operations: 5, spans: 30, requests: 200 });
    appendRun(store, large, { accepted: false });
    expect(statSync(storedRuns(store)[0]?.path ?? '').size).toBeLessThan(40_000);
  });

  test('does not mind files of others', () => {
    appendRun(store, runOf(1), { accepted: false });
    const folder = join(historyFolder(store), FINGERPRINT);
    writeFileSync(join(folder, 'notes.txt'), '');
    writeFileSync(join(historyFolder(store), '.gitattributes'), '');
    mkdirSync(join(historyFolder(store), 'empty'));
    expect(storedRuns(store)).toHaveLength(1);
    for (const day of [2, 3, 4, 5]) appendRun(store, runOf(day), { accepted: false });
    expect(readdirSync(folder)).toContain('notes.txt');
  });
});

test('two processes that record at the same time lose no run and tear none', async () => {
  const program = join(import.meta.dirname, 'programs', 'append.mjs');
  const writers = ['a', 'b'].map((name) =>
    spawn('node', [program, store.path, name, '20'], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const codes = await Promise.all(writers.map(async (writer) => (await once(writer, 'exit'))[0]));
  expect(codes).toEqual([0, 0]);
  const runs = storedRuns(store);
  // Both pruned to twelve all the time.
  expect(runs).toHaveLength(12);
  expect(runs.map((run) => readRun(run).id).filter((id) => /^[ab]-\d+$/.test(id))).toHaveLength(12);
  expect(readdirSync(dirname(runs[0]?.path ?? '')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
