/** The baseline as a file, by default `.spangate/baseline.json` in the repository. */
import type { Measurement } from '../measurement.ts';
import { readMeasurementFile, writeRecord } from './measurement-file.ts';
import { toStored } from './stored-form.ts';
import { summarize } from './summarize.ts';

/** What this store needs of the configuration's `BaselineStore`. */
export interface BaselineFile {
  /** Absolute. */
  readonly path: string;
}

/**
 * @throws UserError `baseline-absent` (exit code 4: whether that is an error is the policy's to say), or with exit
 *   code 2 `baseline-unreadable`, `baseline-corrupt`, `baseline-merge-conflict`, `baseline-newer`, `baseline-older`,
 *   `baseline-invalid`: a broken baseline is never taken for none
 */
export async function readBaseline(store: BaselineFile): Promise<Measurement> {
  return readMeasurementFile(store.path, 'baseline');
}

/**
 * Stores the summary of a measurement.
 *
 * @throws UserError `baseline-disk-full`, `baseline-not-writable`; the baseline that was there is untouched then
 */
export async function writeBaseline(store: BaselineFile, measurement: Measurement): Promise<void> {
  writeRecord(store.path, toStored(summarize(measurement)), 'baseline');
}
