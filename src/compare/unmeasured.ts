/** Comparisons without rows, of scenarios that were not measured. Pure. */
import type { Scenario } from '../config.ts';
import type { Commit, Warning } from '../measurement.ts';
import { COMPARISON_SCHEMA_VERSION, type Comparison, type Side } from './comparison.ts';

export interface Unmeasured {
  readonly scenario: Pick<Scenario, 'name' | 'policy'>;
  readonly verdict: 'pass' | 'skipped' | 'error';
  /** Why. */
  readonly warning: Warning;
  readonly mode: Comparison['mode'];
  /** Base is left out where there is only a stored one. */
  readonly commits: { readonly base?: Commit | null; readonly head: Commit | null };
  /** Empty where it is not known. */
  readonly environment: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly seed: number;
  readonly tool: string;
}

export function unmeasured(parts: Unmeasured): Comparison {
  const { scenario, verdict, warning, mode, commits, environment, createdAt, seed, tool } = parts;
  const { profile, alpha, strict, requireBaseline } = scenario.policy;
  const side = (commit: Commit | null): Side => ({
    ...{ id: '', createdAt, commit, rounds: 0, instances: 0, environment },
  });
  return {
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    tool,
    scenario: scenario.name,
    createdAt,
    mode,
    baseline: commits.base === undefined ? null : side(commits.base),
    candidate: side(commits.head),
    confirmation: null,
    verdict,
    rows: [],
    seed,
    warnings: [warning],
    policy: { profile, alpha, strict, requireBaseline },
  };
}
