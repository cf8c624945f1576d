/** The edge where renames and the coverage contract meet a comparison: before it is made, and when it is there. */
import type { Comparison } from '../compare/comparison.ts';
import type { CoverageState, Level, Scenario, SpanRename } from '../config.ts';
import type { Measurement, Warning } from '../measurement.ts';
import { type CoverageFinding, type CoverageSides, coverageFindings } from './coverage.ts';
import { listed, quoted } from './listed.ts';
import { type FoundRenames, findRenames, type UnmatchedRename, withNewNames } from './span-renames.ts';

export type Contract = Pick<Scenario, 'renames' | 'coverage'>;

/** Where the configuration says nothing: said, and never a reason to fail. */
const DEFAULT_LEVEL: Level = 'warn';

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
 * The comparison with what is to be said of coverage among its warnings. Only a state whose level is `fail` changes the
 * verdict.
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
  const levelOf = ({ state }: CoverageFinding): Level => contract.coverage?.[state] ?? DEFAULT_LEVEL;
  const failing = findings.filter((finding) => levelOf(finding) === 'fail').map(warningOf);
  const warned = findings.filter((finding) => levelOf(finding) === 'warn').map(warningOf);
  const unmatched = renames.unmatched.map(unmatchedWarning);
  if (failing.length + warned.length + unmatched.length === 0) return comparison;
  const isTold = ({ code }: Warning): boolean =>
    code === 'logs-without-trace' && warned.some((each) => each.code === codeOf('log-without-trace'));
  return {
    ...comparison,
    ...(failing.length > 0 && {
      verdict: 'fail' as const,
      failedBy: [...new Set(failing.map(({ code }) => code))],
    }),
    // The first warning is what a headline quotes where no row fails.
    warnings: [
      ...failing,
      ...comparison.warnings.filter((warning) => !isTold(warning)),
      ...warned,
      ...unmatched,
    ],
  };
}

function codeOf(state: CoverageState): string {
  return `coverage-${state}`;
}

function warningOf({ state, message }: CoverageFinding): Warning {
  return { code: codeOf(state), message };
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
