/** Gates drawn at random from recorded rounds, and what the judge says of them. */
import { compare, needsConfirmation } from '../../src/compare/compare.ts';
import type { Comparison, Row } from '../../src/compare/comparison.ts';
import type { Limit, Policy } from '../../src/config.ts';
import type { Instance, Measurement } from '../../src/measurement.ts';
import { type Random, shuffled } from '../../src/random.ts';
import { measurementOf, type Recording } from './recordings.ts';

/** Changes the candidate's instances: a known slowdown, or nothing. */
export type Change = (instance: Instance) => Instance;

export interface Outcome {
  /** The comparison that decided. */
  readonly comparison: Comparison;
  readonly failed: readonly Row[];
  readonly roundsUsed: number;
}

const limit = (share: number, level: Limit['level'] = 'fail'): Limit => ({
  level,
  warn: share,
  fail: share,
  atLeast: 0,
});

/** The limits of the trial on record: the floors decide, and no shift is too small in absolute terms. */
export const TRIAL_POLICY: Policy = {
  profile: 'standard',
  limits: {
    p50: limit(0.03),
    p90: limit(0.06),
    p95: limit(0.06, 'off'),
    p99: limit(0.2, 'off'),
    self: limit(0.03, 'off'),
    throughput: limit(0.1, 'off'),
    calls: limit(0.1, 'off'),
    'error-rate': limit(0, 'off'),
    'error-logs': limit(0, 'off'),
    'warn-logs': limit(0, 'off'),
    metric: limit(0.1, 'off'),
  },
  rules: [],
  alpha: { screen: 0.3, confirm: 0.01 },
  added: 'warn',
  removed: 'warn',
  collapsed: 'warn',
  strict: false,
  requireBaseline: false,
};

export interface TogetherDesign {
  readonly screenRounds: number;
  readonly confirmRounds: number;
  readonly policy: Policy;
}

/** A gate of rounds measured together: the eight instances of each recording are split into fours at random. */
export function gateTogether(
  recordings: readonly Recording[],
  { screenRounds, confirmRounds, policy }: TogetherDesign,
  { random, change, seed }: { random: Random; change: Change; seed: number },
): Outcome {
  const chosen = shuffled(recordings, random).slice(0, screenRounds + confirmRounds);
  const first = armsOf(chosen.slice(0, screenRounds), random, change);
  const input = { policy, seed, createdAt: '', tool: 'judge', comparability: 'like' } as const;
  const screened = compare({ ...input, ...first });
  if (!needsConfirmation(screened)) return outcomeOf(screened, screenRounds);
  const second = armsOf(chosen.slice(screenRounds), random, change);
  const confirmed = compare({
    ...input,
    ...first,
    confirmation: second.candidate,
    baselineConfirmation: second.baseline,
  });
  return outcomeOf(confirmed, screenRounds + confirmRounds);
}

export interface StoredDesign {
  readonly rounds: number;
  /** Instances a round. */
  readonly instances: number;
  readonly policy: Policy;
}

/** A gate against a stored baseline: baseline, candidate and confirmation are of different recordings. */
export function gateStored(
  recordings: readonly Recording[],
  { rounds, instances, policy }: StoredDesign,
  { random, change, seed }: { random: Random; change: Change; seed: number },
): Outcome {
  const chosen = shuffled(recordings, random);
  const take = (index: number): readonly Recording[] => chosen.slice(index * rounds, (index + 1) * rounds);
  const measure = (name: string, files: readonly Recording[], changed: Change): Measurement =>
    measurementOf(
      name,
      Object.fromEntries(
        files.map(({ file, instances: all }) => [
          `${name} ${file}`,
          shuffled(all, random).slice(0, instances).map(changed),
        ]),
      ),
    );
  const baseline = measure('baseline', take(0), (instance) => instance);
  const candidate = measure('candidate', take(1), change);
  const input = {
    baseline,
    candidate,
    policy,
    seed,
    createdAt: '',
    tool: 'judge',
    comparability: 'like',
  } as const;
  const screened = compare(input);
  if (!needsConfirmation(screened)) return outcomeOf(screened, rounds);
  return outcomeOf(compare({ ...input, confirmation: measure('again', take(2), change) }), 2 * rounds);
}

function armsOf(
  recordings: readonly Recording[],
  random: Random,
  change: Change,
): { readonly baseline: Measurement; readonly candidate: Measurement } {
  const baseline: Record<string, readonly Instance[]> = {};
  const candidate: Record<string, readonly Instance[]> = {};
  for (const { file, instances } of recordings) {
    const order = shuffled(instances, random);
    baseline[file] = order.slice(0, order.length / 2);
    candidate[file] = order.slice(order.length / 2).map(change);
  }
  return { baseline: measurementOf('baseline', baseline), candidate: measurementOf('candidate', candidate) };
}

function outcomeOf(comparison: Comparison, roundsUsed: number): Outcome {
  return { comparison, failed: comparison.rows.filter((row) => row.outcome === 'fail'), roundsUsed };
}
