/** The section `coverage`. */
import type { Coverage, CoverageState, Level } from '../config.ts';
import type { ScenarioSection } from './grammar/config-file.ts';

const STATES: readonly CoverageState[] = [
  'missing',
  'renamed',
  'collapsed',
  'under-sampled',
  'no-server-span',
  'error-without-status',
  'log-without-trace',
  'names-multiply',
];

/** @returns nothing where the file says nothing */
export function normaliseCoverage({ coverage }: ScenarioSection): { readonly coverage?: Coverage } {
  if (coverage === undefined) return {};
  if (typeof coverage === 'string') return { coverage: ofAll(coverage) };
  return { coverage };
}

function ofAll(level: Level): Coverage {
  return Object.fromEntries(STATES.map((state) => [state, level]));
}
