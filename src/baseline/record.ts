/** Stores a run: as the baseline, and in the history of its machine. */
import type { Measurement } from '../measurement.ts';
import { type Ancestry, anchorRun } from './baseline-choice.ts';
import { writeBaseline } from './file-store.ts';
import { fingerprintOf } from './fingerprint.ts';
import { appendRun, storedRuns } from './run-history.ts';
import type { BaselineStore } from './stored-baselines.ts';

export interface RecordOptions {
  /** It is worse than the runs before, and stored by force. */
  readonly accepted: boolean;
  /** Of the anchor, as git tells it; null where there is none, or it is a date. */
  readonly anchor: Ancestry | null;
}

/** @throws UserError `baseline-disk-full`, `baseline-not-writable`; no other run is touched then */
export async function storeBaseline(
  store: BaselineStore,
  measurement: Measurement,
  { accepted, anchor }: RecordOptions,
): Promise<void> {
  await writeBaseline(store, measurement);
  const fingerprint = fingerprintOf(measurement.environment);
  const fixed =
    store.anchor === undefined
      ? null
      : anchorRun(storedRuns(store), fingerprint, { name: store.anchor, ancestry: anchor });
  appendRun(store, measurement, { accepted, keep: new Set(fixed ? [fixed.path] : []) });
}
