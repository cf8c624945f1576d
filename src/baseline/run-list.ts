/** What is stored, for a reader: every run with what it is of, and whether it can be read. */
import { UserError } from '../errors.ts';
import type { Measurement } from '../measurement.ts';
import { type Ancestry, distanceOf } from './baseline-choice.ts';
import { readBaseline } from './file-store.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type HistoryStore, readRun, storedRuns } from './run-history.ts';

export interface ListedRun {
  /** Null for the baseline file where the history does not have that run. */
  readonly path: string | null;
  readonly createdAt: string;
  readonly sha: string | null;
  readonly fingerprint: string;
  /** Stored by force although it was worse: runs before it no longer count. */
  readonly accepted: boolean;
  /** Commits behind HEAD; null where it is no ancestor, or git could not tell. */
  readonly distance: number | null;
  readonly content:
    | {
        readonly state: 'read';
        readonly status: Measurement['status'];
        readonly rounds: number;
        readonly instances: number;
        readonly workload: string;
        readonly machine: string;
      }
    | { readonly state: 'damaged'; readonly problem: string };
}

/** Newest first. Never throws for what is wrong with a file: that is what the list is for. */
export async function listRuns(
  store: HistoryStore,
  ancestry: Ancestry | null,
): Promise<readonly ListedRun[]> {
  const listed = storedRuns(store).map(
    (run): ListedRun => ({
      ...run,
      distance: distanceOf(run, ancestry),
      content: contentOf(() => readRun(run)),
    }),
  );
  const file = await baselineFile(store, ancestry);
  const isNew = file && !listed.some((run) => run.createdAt === file.createdAt && run.sha === file.sha);
  const all = isNew ? [...listed, file] : listed;
  return all.toSorted((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
}

async function baselineFile(store: HistoryStore, ancestry: Ancestry | null): Promise<ListedRun | null> {
  try {
    const measurement = await readBaseline(store);
    const sha = measurement.commit?.sha ?? null;
    return {
      path: null,
      createdAt: measurement.createdAt,
      sha,
      fingerprint: fingerprintOf(measurement.environment),
      accepted: false,
      distance: distanceOf({ sha }, ancestry),
      content: contentOf(() => measurement),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    if (error.code === 'baseline-absent') return null;
    const content = { state: 'damaged', problem: error.message } as const;
    return {
      path: null,
      createdAt: '',
      sha: null,
      fingerprint: '',
      accepted: false,
      distance: null,
      content,
    };
  }
}

function contentOf(read: () => Measurement): ListedRun['content'] {
  try {
    const { status, rounds, workload, environment } = read();
    const valid = rounds.filter((round) => !round.invalid);
    return {
      state: 'read',
      status,
      rounds: valid.length,
      instances: valid.reduce((sum, round) => sum + round.instances.length, 0),
      workload: workload.hash,
      machine: `${environment.cpuModel}, ${environment.cores} cores, ${environment.serviceRuntime ?? 'unknown runtime'}`,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { state: 'damaged', problem: error.message };
  }
}
