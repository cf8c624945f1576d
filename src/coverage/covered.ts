/** The edge where renames and the coverage contract meet a comparison: before it is made, and when it is there. */
import type { Comparison, CoverageRow } from '../compare/comparison.ts';
import { DEFAULT_LEVEL } from '../compare/coverage-levels.ts';
import type { Coverage, Scenario, SpanRename } from '../config.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { type CoverageFinding, type CoverageSides, coverageFindings } from './coverage.ts';
import { listed, quoted } from './listed.ts';
import { type FoundRenames, findRenames, type UnmatchedRename, withNewNames } from './span-renames.ts';

export type Contract = Pick<Scenario, 'renames' | 'coverage'>;

/** Renames as they are for one candidate; to be asked for each measurement that it is compared with. */
export function renamesFor(
  { renames }: Contract,
  baseline: Measurement | null,
  candidate: Measurement,
): FoundRenames {
  if (!renames || baseline === null) return { byOperation: new Map(), unmatched: [] };
  return findRenames(baseline, candidate, renames);
}

/**
 * The comparison with the rows of coverage. Only a state whose level is `fail` changes the verdict, and is a warning as
 * well, which `failedBy` names.
 *
 * @param sides the measurements as they were measured, null where there was no baseline
 */
export function withCoverage(
  comparison: Comparison,
  contract: Contract,
  sides: { readonly baseline: Measurement | null; readonly candidate: Measurement },
): Comparison {
  const { baseline, candidate } = sides;
  if (baseline === null || comparison.mode === 'none' || comparison.verdict === 'error') return comparison;
  const renames = renamesFor(contract, baseline, candidate);
  const findings = [
    ...renamedSpans(contract.renames ?? [], renames),
    ...coverageFindings({ baseline: withNewNames(baseline, renames), candidate } satisfies CoverageSides),
  ];
  const rows = coverageRows(findings, contract.coverage ?? {});
  const failing = rows.filter(({ level }) => level === 'fail').map(warningOf);
  const unmatched = renames.unmatched.map(unmatchedWarning);
  if (rows.length + unmatched.length === 0) return comparison;
  // The row says the same, and where the records were before.
  const isTold = ({ code }: Warning): boolean =>
    code === 'logs-without-trace' && rows.some(({ state }) => state === 'log-without-trace');
  return {
    ...comparison,
    ...(failing.length > 0 && {
      verdict: 'fail' as const,
      failedBy: [...new Set(failing.map(({ code }) => code))],
    }),
    ...(rows.length > 0 && { coverage: rows }),
    // The first warning is what a headline quotes where no row fails.
    warnings: [...failing, ...comparison.warnings.filter((warning) => !isTold(warning)), ...unmatched],
  };
}

/** Those that fail first. */
function coverageRows(findings: readonly CoverageFinding[], levels: Coverage): readonly CoverageRow[] {
  const times = new Map<string, number>();
  const rows = findings.flatMap(({ state, operation = null, service = null, message }): CoverageRow[] => {
    const level = levels[state] ?? DEFAULT_LEVEL;
    if (level === 'off') return [];
    const place = `coverage | ${operation ?? service ?? '-'} | ${state}`;
    const time = (times.get(place) ?? 0) + 1;
    times.set(place, time);
    return [{ id: time === 1 ? place : `${place} ${time}`, state, level, operation, service, message }];
  });
  return [...rows.filter(({ level }) => level === 'fail'), ...rows.filter(({ level }) => level === 'warn')];
}

function warningOf({ state, message }: CoverageRow): Warning {
  return { code: `coverage-${state}`, message };
}

function renamedSpans(renames: readonly SpanRename[], { unmatched }: FoundRenames): CoverageFinding[] {
  const missed = new Set(unmatched.map(({ rename }) => rename));
  const applied = renames.filter((rename) => !missed.has(rename));
  if (applied.length === 0) return [];
  const names = listed(applied.map(({ from, to }) => `${from} -> ${to}`));
  return [
    {
      state: 'renamed',
      message: `Spans are compared under their new names, as "renames" says: ${names}. Once the baseline has these names, the entries can go.`,
    },
  ];
}

const WHY: Readonly<Record<UnmatchedRename['why'], (rename: SpanRename) => string>> = {
  'not-in-baseline': ({ from }) =>
    `no span of the baseline is called ${quoted(from)}; the name has to be the whole one`,
  'in-baseline-already': ({ to }) => `the baseline has ${quoted(to)} already, so the entry can go`,
  'not-in-candidate': ({ to }) => `no span that was measured is called ${quoted(to)}`,
  'not-in-one-place': ({ from, to }) =>
    `${quoted(from)} in the baseline and ${quoted(to)} now are of another operation, service or kind, so they are two spans`,
  'old-name-still-there': ({ from }) =>
    `spans called ${quoted(from)} are still made, so the two names are two spans`,
};

function unmatchedWarning({ rename, why }: UnmatchedRename): Warning {
  const place = rename.service === null ? '' : ` of ${quoted(rename.service)}`;
  return {
    code: 'rename-unmatched',
    message: `The entry ${quoted(rename.from)} under "renames"${place} applies to nothing: ${WHY[why](rename)}.`,
  };
}
