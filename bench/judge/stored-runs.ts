/**
 * Gates against a stored baseline, out of whole measurements of the example: every run is the baseline, the
 * candidate and the confirming measurement in turn.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { compare, needsConfirmation } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Policy } from '../../src/config.ts';
import type { Measurement } from '../../src/measurement.ts';

/** @param prefix of the file names, e.g. `same-` */
export function readRuns(folder: URL, prefix: string): Measurement[] {
  const files = readdirSync(folder).filter((file) => file.startsWith(prefix) && file.endsWith('.json.gz'));
  return files
    .sort()
    .map(
      (file) => JSON.parse(gunzipSync(readFileSync(new URL(file, folder))).toString('utf8')) as Measurement,
    );
}

export interface StoredGate {
  readonly comparison: Comparison;
  readonly confirmed: boolean;
}

/** Every gate of one of `baselines`, one of `candidates`, and another of `candidates` to confirm with. */
export function* storedGates(
  baselines: readonly Measurement[],
  candidates: readonly Measurement[],
  policy: Policy,
): Generator<StoredGate> {
  const input = { policy, seed: 1, createdAt: '', tool: 'judge', comparability: 'like' } as const;
  for (const baseline of baselines) {
    for (const candidate of candidates) {
      if (candidate === baseline) continue;
      const first = compare({ ...input, baseline, candidate });
      const suspicious = needsConfirmation(first);
      for (const confirmation of candidates) {
        if (confirmation === baseline || confirmation === candidate) continue;
        yield {
          comparison: suspicious ? compare({ ...input, baseline, candidate, confirmation }) : first,
          confirmed: suspicious,
        };
      }
    }
  }
}
