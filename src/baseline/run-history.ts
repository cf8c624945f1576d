/**
 * The runs that were stored before, in a folder beside the baseline file: `baseline.history/<fingerprint>/<run>`. One
 * file a run, written whole and never changed again, so that any number of writers get along. What a run is of can be
 * read off its name.
 */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Measurement } from '../measurement.ts';
import { fingerprintOf } from './fingerprint.ts';
import { readMeasurementFile, writeRecord } from './measurement-file.ts';
import { toStored } from './stored-form.ts';
import { summarize } from './summarize.ts';

/** What the history needs of the configuration's `BaselineStore`. */
export interface HistoryStore {
  /** Of the baseline file; absolute. */
  readonly path: string;
  /** Runs that are kept of each fingerprint; 0: none are. */
  readonly history: number;
}

export interface StoredRun {
  readonly path: string;
  readonly fingerprint: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly sha: string | null;
  /** It was worse than those before and stored all the same, by `--force`: what came before no longer counts. */
  readonly accepted: boolean;
}

export function historyFolder({ path }: Pick<HistoryStore, 'path'>): string {
  return `${path.replace(/\.json(\.gz)?$/, '')}.history`;
}

/** All of them, oldest first; files that are none of ours are left out. Never throws: no folder, no runs. */
export function storedRuns(store: Pick<HistoryStore, 'path'>): readonly StoredRun[] {
  const folder = historyFolder(store);
  return entriesOf(folder)
    .flatMap((fingerprint) =>
      entriesOf(join(folder, fingerprint)).flatMap((name) => storedRun(folder, fingerprint, name) ?? []),
    )
    .sort(byTime);
}

/** @throws UserError as `readBaseline` does: the file is torn, or of another version */
export function readRun(run: StoredRun): Measurement {
  return readMeasurementFile(run.path, 'baseline');
}

/**
 * Adds the summary of a run, and removes the oldest of its fingerprint beyond `history`.
 *
 * @param options.keep paths of runs that are never removed, such as that of the anchor
 * @throws UserError `baseline-disk-full`, `baseline-not-writable`; no other run is touched then
 */
export function appendRun(
  store: HistoryStore,
  measurement: Measurement,
  options: { readonly accepted: boolean; readonly keep?: ReadonlySet<string> },
): void {
  if (store.history === 0) return;
  const fingerprint = fingerprintOf(measurement.environment);
  const path = join(historyFolder(store), fingerprint, nameOf(measurement, options.accepted));
  writeRecord(path, toStored(summarize(measurement)), 'baseline');
  prune(store, fingerprint, options.keep ?? new Set());
}

function prune(store: HistoryStore, fingerprint: string, keep: ReadonlySet<string>): void {
  const own = storedRuns(store).filter((run) => run.fingerprint === fingerprint);
  for (const { path } of own.slice(0, Math.max(0, own.length - store.history))) {
    // Another writer may have removed it.
    if (!keep.has(path)) rmSync(path, { force: true });
  }
}

/** `20261122T184512345Z-<sha or none>-<of the id>[-accepted].json.gz`: sorts by time, and two runs never share one. */
function nameOf({ createdAt, commit, id }: Measurement, accepted: boolean): string {
  const time = new Date(createdAt).toISOString().replaceAll(/[-:.]/g, '');
  const unique = createHash('sha256').update(id).digest('hex').slice(0, 8);
  return `${time}-${commit?.sha ?? 'none'}-${unique}${accepted ? '-accepted' : ''}.json.gz`;
}

const NAME =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z-([0-9a-f]{7,64}|none)-[0-9a-f]{8}(-accepted)?\.json\.gz$/;

function storedRun(folder: string, fingerprint: string, name: string): StoredRun | null {
  const match = NAME.exec(name);
  if (!match) return null;
  const [, year, month, day, hour, minute, second, milli, sha = 'none', accepted] = match;
  return {
    path: join(folder, fingerprint, name),
    fingerprint,
    createdAt: `${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`,
    sha: sha === 'none' ? null : sha,
    accepted: accepted !== undefined,
  };
}

function byTime(left: StoredRun, right: StoredRun): number {
  if (left.createdAt !== right.createdAt) return left.createdAt < right.createdAt ? -1 : 1;
  return left.path < right.path ? -1 : 1;
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
