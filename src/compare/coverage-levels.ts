/** What is done about telemetry that is otherwise than the baseline leads one to expect, and where a change lowers that. */
import type { Coverage, CoverageState, Level } from '../config.ts';
import type { Loosening } from './loosening.ts';

/** Where the configuration says nothing: said, and never a reason to fail. */
export const DEFAULT_LEVEL: Level = 'warn';

const LEVELS: readonly Level[] = ['off', 'warn', 'fail'];

/** The stricter level of each state, and those that head lowered. */
export function stricterCoverage(
  base: Coverage = {},
  head: Coverage = {},
): { readonly coverage: Coverage; readonly loosened: readonly Loosening[] } {
  const coverage: Partial<Record<CoverageState, Level>> = { ...head };
  const loosened: Loosening[] = [];
  const states = new Set([...Object.keys(base), ...Object.keys(head)] as CoverageState[]);
  for (const state of states) {
    const [from, to] = [base[state] ?? DEFAULT_LEVEL, head[state] ?? DEFAULT_LEVEL];
    if (LEVELS.indexOf(to) >= LEVELS.indexOf(from)) continue;
    coverage[state] = from;
    const what = `coverage.${state}`;
    loosened.push({ cause: 'limit-changed', what, from, to, rows: null, line: null, baseLine: null });
  }
  return { coverage, loosened };
}
