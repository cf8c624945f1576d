/** Removes stored runs that nobody needs any more. */
import { rmSync } from 'node:fs';
import { type HistoryStore, type StoredRun, storedRuns } from './run-history.ts';

export interface PruneOptions {
  /** Newest runs of each machine that stay; at least one. */
  readonly keep: number;
  /** Runs from before are removed, but for the newest of each machine; null: age is no reason. */
  readonly before: Date | null;
  /** Paths that stay whatever their age, such as that of the anchor. */
  readonly fixed: ReadonlySet<string>;
}

/** @returns the runs that were removed, oldest first */
export function pruneRuns(store: Pick<HistoryStore, 'path'>, options: PruneOptions): readonly StoredRun[] {
  const runs = prunable(storedRuns(store), options);
  // Another writer may have removed it.
  for (const { path } of runs) rmSync(path, { force: true });
  return runs;
}

/** @param runs oldest first */
export function prunable(runs: readonly StoredRun[], options: PruneOptions): readonly StoredRun[] {
  const { keep, before, fixed } = options;
  const limit = before?.toISOString() ?? '';
  const newer = new Map<string, number>();
  return runs
    .toReversed()
    .filter((run) => {
      const rank = newer.get(run.fingerprint) ?? 0;
      newer.set(run.fingerprint, rank + 1);
      const isOld = limit !== '' && run.createdAt < limit;
      return rank > 0 && (rank >= keep || isOld) && !fixed.has(run.path);
    })
    .toReversed();
}
