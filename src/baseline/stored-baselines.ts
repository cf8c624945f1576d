/** What is stored of a scenario, and what a measurement of it is to be compared with. */
import { UserError } from '../errors.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { type Ancestry, anchorRun, byPreference, distanceOf, historyOf, isDate } from './baseline-choice.ts';
import { areSplitAlike } from './comparability.ts';
import { readBaseline } from './file-store.ts';
import { fingerprintOf } from './fingerprint.ts';
import { type HistoryStore, readRun, type StoredRun, storedRuns } from './run-history.ts';

export interface BaselineStore extends HistoryStore {
  /** A commit, a tag or a date. */
  readonly anchor?: string;
}

/** What git tells of the commits that matter; null where it cannot tell. */
export interface Heritage {
  /** Of the commit that is measured. */
  readonly head: Ancestry | null;
  readonly anchor: Ancestry | null;
}

export interface ChosenBaseline {
  readonly baseline: Measurement;
  /** Commits between it and the one that is measured; null where git could not tell. */
  readonly distance: number | null;
  /** Of the machine that is measured on. */
  readonly fingerprint: string;
  /** Complete runs of this machine and workload, oldest first. */
  readonly runs: readonly Measurement[];
  readonly anchor?: { readonly name: string; readonly measurement: Measurement };
  readonly warnings: readonly Warning[];
}

export interface StoredBaselines {
  /** @throws UserError where runs are stored and none of them can be read */
  choose(candidate: Measurement, heritage: Heritage): ChosenBaseline | null;
}

/**
 * Reads the baseline file at once, so that a broken one does not cost minutes of measuring; of the other runs only
 * those that are needed, and not before it is known on which machine.
 *
 * @throws UserError as `readBaseline`, but for `baseline-absent`
 */
export async function openBaselines(store: BaselineStore): Promise<StoredBaselines> {
  const file = await baselineFile(store);
  const runs = store.history === 0 ? [] : storedRuns(store);
  return {
    choose(candidate, heritage) {
      if (file === null && runs.length === 0) return null;
      return new Choice({ store, file, runs, candidate, heritage }).made();
    },
  };
}

/** Null where there is none: the one fault of a baseline that is a state of its own, not an error. */
async function baselineFile(store: BaselineStore): Promise<Measurement | null> {
  try {
    return await readBaseline(store);
  } catch (error) {
    if (error instanceof UserError && error.code === 'baseline-absent') return null;
    throw error;
  }
}

interface Parts {
  readonly store: BaselineStore;
  readonly file: Measurement | null;
  readonly runs: readonly StoredRun[];
  readonly candidate: Measurement;
  readonly heritage: Heritage;
}

/** A run, read where that was needed already. */
interface Run extends Omit<StoredRun, 'path'> {
  /** Undefined for the baseline file. */
  readonly path?: string;
  readonly measurement?: Measurement;
}

class Choice {
  readonly #parts: Parts;
  readonly #fingerprint: string;
  readonly #read = new Map<string, Measurement | null>();
  readonly #damaged: UserError[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#fingerprint = fingerprintOf(parts.candidate.environment);
  }

  made(): ChosenBaseline {
    const { file, heritage, store } = this.#parts;
    const listed = this.#listed();
    const ordered = byPreference(listed, this.#fingerprint, heritage.head);
    const chosen =
      ordered.find((run) => this.#isOfThisWorkload(run)) ?? ordered.find((run) => this.#measurement(run));
    const baseline = (chosen && this.#measurement(chosen)) ?? file;
    if (baseline === null || chosen === undefined) throw this.#damaged[0] ?? new Error('no stored run');
    const history = historyOf(listed, this.#fingerprint, heritage.head, Math.max(1, store.history));
    const runs = history.flatMap((run) => this.#complete(run)).reverse();
    const anchor = this.#anchor(listed);
    const distance = distanceOf(chosen, heritage.head);
    return {
      baseline,
      distance,
      fingerprint: this.#fingerprint,
      runs,
      ...(anchor.measurement &&
        store.anchor && { anchor: { name: store.anchor, measurement: anchor.measurement } }),
      warnings: [
        ...placeWarnings(chosen, distance, heritage.head),
        ...anchor.warnings,
        ...this.#damaged.map(damagedRun),
      ],
    };
  }

  /** The baseline file is one of the runs in most cases, and a run of its own in a repository that keeps it alone. */
  #listed(): readonly Run[] {
    const { file, runs } = this.#parts;
    if (file === null) return runs;
    const own: Run = {
      fingerprint: fingerprintOf(file.environment),
      createdAt: file.createdAt,
      sha: file.commit?.sha ?? null,
      accepted: false,
      measurement: file,
    };
    const isListed = runs.some((run) => run.createdAt === own.createdAt && run.sha === own.sha);
    return isListed ? runs : [...runs, own];
  }

  #measurement(run: Run): Measurement | null {
    if (run.measurement) return run.measurement;
    const { path = '' } = run;
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    const found = this.#readOnce({ ...run, path });
    this.#read.set(path, found);
    return found;
  }

  #readOnce(run: StoredRun): Measurement | null {
    try {
      return readRun(run);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // Another writer has removed it in the meantime.
      if (error.code !== 'baseline-absent') this.#damaged.push(error);
      return null;
    }
  }

  #isOfThisWorkload(run: Run): boolean {
    const { candidate } = this.#parts;
    const measurement = this.#measurement(run);
    return (
      measurement !== null &&
      measurement.scenario === candidate.scenario &&
      measurement.workload.hash === candidate.workload.hash &&
      areSplitAlike(measurement, candidate)
    );
  }

  #complete(run: Run): readonly Measurement[] {
    const measurement = this.#measurement(run);
    if (measurement?.status !== 'complete' || !this.#isOfThisWorkload(run)) return [];
    // Of fifty runs, the histograms would be most of what is held in memory, and nothing reads them.
    return [{ ...measurement, merged: {} }];
  }

  #anchor(listed: readonly Run[]): {
    readonly measurement: Measurement | null;
    readonly warnings: readonly Warning[];
  } {
    const { store, heritage } = this.#parts;
    const { anchor: name } = store;
    if (name === undefined) return { measurement: null, warnings: [] };
    if (!isDate(name) && heritage.anchor === null) {
      return { measurement: null, warnings: [unknownAnchor(name)] };
    }
    const usable = listed.filter(
      (run) => run.fingerprint === this.#fingerprint && this.#isOfThisWorkload(run),
    );
    const run = anchorRun(usable, this.#fingerprint, { name, ancestry: heritage.anchor });
    const measurement = run && this.#measurement(run);
    return { measurement, warnings: measurement ? [] : [anchorWithoutRun(name)] };
  }
}

function placeWarnings(run: Run, distance: number | null, head: Ancestry | null): readonly Warning[] {
  if (head === null || run.sha === null || distance !== null) return [];
  const why = head.isShallow
    ? '; this clone is shallow, so git cannot tell whether it is an ancestor. Fetch the history: git fetch --unshallow'
    : ', which is no ancestor of the commit that was measured, and none that is was recorded for this machine.';
  return [
    {
      code: head.isShallow ? 'shallow-clone' : 'baseline-not-an-ancestor',
      message: `The baseline is of ${run.sha.slice(0, 10)}${why}`,
    },
  ];
}

function unknownAnchor(name: string): Warning {
  return {
    code: 'anchor-unknown',
    message: `git does not know the anchor ${name}, so nothing was compared with it. In CI, fetch tags and history (fetch-depth: 0).`,
  };
}

function anchorWithoutRun(name: string): Warning {
  return {
    code: 'anchor-without-run',
    message: `No run of this machine and workload is stored for the anchor ${name}, so nothing was compared with it.`,
  };
}

function damagedRun({ message, where }: UserError): Warning {
  const file = typeof where === 'object' ? where.file : (where ?? '');
  return {
    code: 'stored-run-damaged',
    message: `A stored run was left out: ${message} Remove the file, or restore it: ${file}`,
  };
}
