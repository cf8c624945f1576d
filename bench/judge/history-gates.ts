/**
 * Gates against a history of stored runs. A run is one recording, or one recorded run: what two runs differ by must
 * not be made smaller by mixing them. Candidate and confirmation are of runs that the history does not have.
 */
import { compare, needsConfirmation } from '../../src/compare/compare.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import type { Policy } from '../../src/config.ts';
import type { Instance, Measurement, Round } from '../../src/measurement.ts';
import { type Random, shuffled } from '../../src/random.ts';
import type { Change } from './draws.ts';
import { measurementOf, type Recording } from './recordings.ts';

export interface HistoryDesign {
  /** Runs of the history; drawn with replacement where there are not so many. */
  readonly runs: number;
  /** Instances of each recording that make a run. */
  readonly instances: number;
  /** `hour`: both measurements of a gate are of one recording, so that they share its mood; `fresh`: of two. */
  readonly confirmation: 'hour' | 'fresh';
  readonly policy: Policy;
}

export interface HistoryGate {
  readonly comparison: Comparison;
  readonly confirmed: boolean;
}

export function gateOfRecordings(
  recordings: readonly Recording[],
  { runs, instances, confirmation, policy }: HistoryDesign,
  { random, change }: { readonly random: Random; readonly change: Change },
): HistoryGate {
  const [own, other, ...rest] = shuffled(recordings, random);
  if (!own || !other) throw new Error('too few recordings');
  const half = shuffled(own.instances, random);
  const again = confirmation === 'hour' ? half.slice(instances) : shuffled(other.instances, random);
  const past = confirmation === 'hour' ? [other, ...rest] : rest;
  const history = Array.from({ length: runs }, (_, index) => {
    const drawn = runs <= past.length ? past[index] : past[Math.floor(random() * past.length)];
    return run(`run ${index}`, shuffled(drawn?.instances ?? [], random).slice(0, instances));
  });
  return gateOf({
    history,
    candidate: run('candidate', half.slice(0, instances).map(change)),
    confirmation: run('again', again.slice(0, instances).map(change)),
    policy,
  });
}

/** Of whole runs: histories are drawn from those that are neither of the two measurements. */
export function gateOfRuns(
  same: readonly Measurement[],
  candidates: readonly Measurement[],
  { runs, policy, random }: { readonly runs: number; readonly policy: Policy; readonly random: Random },
): HistoryGate {
  const [candidate, confirmation] = shuffled(candidates, random);
  if (!candidate || !confirmation) throw new Error('too few runs');
  const past = shuffled(
    same.filter((each) => each !== candidate && each !== confirmation),
    random,
  );
  const history = Array.from({ length: runs }, (_, index) => {
    const drawn = runs <= past.length ? past[index] : past[Math.floor(random() * past.length)];
    return { ...(drawn as Measurement), id: `run ${index}` };
  });
  return gateOf({ history, candidate, confirmation, policy });
}

function gateOf(parts: {
  readonly history: readonly Measurement[];
  readonly candidate: Measurement;
  readonly confirmation: Measurement;
  readonly policy: Policy;
}): HistoryGate {
  const { history, candidate, confirmation, policy } = parts;
  const input = {
    baseline: history.at(-1) ?? null,
    candidate,
    history: { runs: history, distance: 1, fingerprint: 'recorded' },
    policy,
    seed: 1,
    createdAt: '',
    tool: 'judge',
    comparability: 'like',
  } as const;
  const first = compare(input);
  if (!needsConfirmation(first)) return { comparison: first, confirmed: false };
  return { comparison: compare({ ...input, confirmation }), confirmed: true };
}

function run(id: string, instances: readonly Instance[]): Measurement {
  const rounds: Readonly<Record<Round['id'], readonly Instance[]>> = { [id]: instances };
  return measurementOf(id, rounds);
}
