/**
 * The story: measure, fetch the baseline, compare, measure again what looks worse, judge. The doors (`cli.ts`) print
 * what comes back; nothing here writes to a stream.
 */
import { comparability } from './baseline/comparability.ts';
import { storeBaseline } from './baseline/record.ts';
import { recordable, regressed } from './baseline/recordable.ts';
import {
  type ChosenBaseline,
  type Heritage,
  openBaselines,
  type StoredBaselines,
} from './baseline/stored-baselines.ts';
import { compare, needsConfirmation } from './compare/compare.ts';
import type { Comparison, GateResult, GateVerdict } from './compare/comparison.ts';
import { COMPARISON_SCHEMA_VERSION } from './compare/comparison.ts';
import { unmeasured } from './compare/unmeasured.ts';
import type { Config, Scenario } from './config.ts';
import { renamesFor, withCoverage } from './coverage/covered.ts';
import { type FoundRenames, withNewNames } from './coverage/span-renames.ts';
import { eachScenario, type NotMeasured } from './each-scenario.ts';
import { EXIT, type ExitCode, UserError } from './errors.ts';
import type { Measurement, Warning } from './measurement.ts';

/** What a measurement is for. */
export type MeasuringPurpose = 'candidate' | 'confirmation' | 'baseline' | 'look';

export interface GateWorld {
  /** Measures a scenario with fresh instances; `setUp` is false where its services were set up before. */
  measure(
    scenario: Scenario,
    options: { readonly setUp: boolean; readonly purpose: MeasuringPurpose },
  ): Promise<Measurement>;
  /** How far commits lie behind one of them; null where git cannot tell. Left out: it is not asked. */
  ancestryOf?(name: string): Promise<Heritage['head']>;
  readonly notMeasured?: NotMeasured;
  readonly now: () => Date;
  readonly seed: number;
  readonly tool: string;
}

/** @throws UserError when no scenario can be measured, or a baseline cannot be read */
export async function gate(config: Config, world: GateWorld): Promise<GateResult> {
  const comparisons = await eachScenario(config.scenarios, {
    nameOf: ({ name }) => name,
    gate: (scenario) => gateScenario(scenario, world),
    without: (scenario, warning) =>
      unmeasured({
        ...{ scenario, warning, verdict: 'error', mode: 'stored', commits: { head: null }, environment: '' },
        createdAt: world.now().toISOString(),
        seed: world.seed,
        tool: world.tool,
      }),
    tell: world.notMeasured,
  });
  return gateResult(comparisons);
}

async function gateScenario(scenario: Scenario, world: GateWorld): Promise<Comparison> {
  // Read first: a broken baseline should not cost two minutes of measuring.
  const stored = await openBaselines(scenario.baseline);
  const candidate = await world.measure(scenario, { setUp: true, purpose: 'candidate' });
  const { comparison: first, chosen } = await judgedOnce(scenario, { stored, candidate, world });
  const broken = brokenBy(candidate);
  if (first.verdict === 'nothing-compared' && broken) {
    const others = first.warnings.filter((warning) => warning !== broken);
    return { ...first, verdict: 'error', warnings: [broken, ...others] };
  }
  const comparison = await confirmed(first, { scenario, chosen, candidate, world });
  return withCoverage(comparison, scenario, { baseline: chosen?.baseline ?? null, candidate });
}

interface Judging {
  readonly scenario: Scenario;
  /** Null where nothing is stored. */
  readonly chosen: ChosenBaseline | null;
  readonly candidate: Measurement;
  readonly confirmation?: Measurement;
  readonly world: GateWorld;
}

async function judgedOnce(
  scenario: Scenario,
  parts: { readonly stored: StoredBaselines; readonly candidate: Measurement; readonly world: GateWorld },
): Promise<{ readonly comparison: Comparison; readonly chosen: ChosenBaseline | null }> {
  const { stored, candidate, world } = parts;
  const chosen = stored.choose(candidate, await heritageOf(scenario, world));
  return { comparison: judge({ scenario, chosen, candidate, world }), chosen };
}

async function heritageOf({ baseline }: Scenario, { ancestryOf }: GateWorld): Promise<Heritage> {
  const [head, anchor] = await Promise.all([
    ancestryOf?.('HEAD'),
    baseline.anchor === undefined ? null : ancestryOf?.(baseline.anchor),
  ]);
  return { head: head ?? null, anchor: anchor ?? null };
}

/** Measures again what looks worse. */
async function confirmed(first: Comparison, judging: Judging): Promise<Comparison> {
  if (!needsConfirmation(first)) return first;
  const { scenario, world } = judging;
  const confirmation = await world.measure(scenario, { setUp: false, purpose: 'confirmation' });
  return judge({ ...judging, confirmation });
}

/**
 * Against a baseline, a service that answers 500 to everything is a regression. Without one there is nothing that it
 * could be worse than, and what was measured is no state to begin from.
 */
function brokenBy({ warnings }: Measurement): Warning | undefined {
  return warnings.find(({ code }) => code === 'unexpected-answers');
}

function judge({ scenario, chosen: given, candidate, confirmation, world }: Judging): Comparison {
  const now = world.now();
  const chosen = given && underNewNames(given, renamesFor(scenario, given.baseline, candidate));
  const like = chosen
    ? comparability(chosen.baseline, candidate, { now, maxAgeSeconds: scenario.baseline.maxAgeSeconds })
    : { time: 'none' as const, warnings: [] };
  return compare({
    baseline: chosen?.baseline ?? null,
    candidate,
    ...(confirmation && { confirmation }),
    ...(chosen && { history: chosen }),
    policy: scenario.policy,
    seed: world.seed,
    createdAt: now.toISOString(),
    tool: world.tool,
    comparability: like.time,
    warnings: [...like.warnings, ...(chosen?.warnings ?? [])],
  });
}

/** All that is stored, as if its spans had had the names that they have now. */
function underNewNames(chosen: ChosenBaseline, renames: FoundRenames): ChosenBaseline {
  const { baseline, runs, anchor } = chosen;
  return {
    ...chosen,
    baseline: withNewNames(baseline, renames),
    runs: runs.map((run) => withNewNames(run, renames)),
    ...(anchor && { anchor: { ...anchor, measurement: withNewNames(anchor.measurement, renames) } }),
  };
}

/**
 * Measures every scenario and stores the result as its baseline.
 *
 * @throws UserError also for a run that is degraded, or worse than those before it, unless forced
 */
export async function recordBaselines(
  config: Config,
  world: GateWorld,
  options: { readonly force: boolean },
): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const scenario of config.scenarios) {
    const stored = await openForRecording(scenario);
    const measurement = await world.measure(scenario, { setUp: true, purpose: 'baseline' });
    recordable(measurement, options);
    const worse = await worseRows(scenario, { stored, candidate: measurement, world });
    if (worse.length > 0 && !options.force) throw regressed(scenario.name, worse);
    const { anchor } = await heritageOf(scenario, world);
    await storeBaseline(scenario.baseline, measurement, { accepted: worse.length > 0, anchor });
    measurements.push(measurement);
  }
  return measurements;
}

/** Null where what is stored cannot be read: it is about to be replaced. */
async function openForRecording({ baseline }: Scenario): Promise<StoredBaselines | null> {
  try {
    return await openBaselines(baseline);
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** The rows in which a run is worse than those before it: whoever takes it for the baseline does not see them again. */
async function worseRows(
  scenario: Scenario,
  parts: {
    readonly stored: StoredBaselines | null;
    readonly candidate: Measurement;
    readonly world: GateWorld;
  },
): Promise<readonly string[]> {
  const { stored, candidate, world } = parts;
  if (stored === null || candidate.status !== 'complete') return [];
  const { comparison: first, chosen } = await judgedOnce(scenario, { stored, candidate, world });
  const { rows } = await confirmed(first, { scenario, chosen, candidate, world });
  return rows.filter((row) => row.outcome === 'fail').map((row) => row.id);
}

/** Compares two measurements that are there already; without fresh rounds nothing can be confirmed. */
export function compareMeasurements(
  baseline: Measurement,
  candidate: Measurement,
  context: {
    readonly scenario: Pick<Scenario, 'policy' | 'renames' | 'coverage'>;
    readonly world: Omit<GateWorld, 'measure'>;
  },
): GateResult {
  const { world, scenario } = context;
  const now = world.now();
  const like = comparability(baseline, candidate, { now, maxAgeSeconds: Number.POSITIVE_INFINITY });
  const comparison = compare({
    baseline: withNewNames(baseline, renamesFor(scenario, baseline, candidate)),
    candidate,
    policy: scenario.policy,
    seed: world.seed,
    createdAt: now.toISOString(),
    tool: world.tool,
    comparability: like.time,
    warnings: like.warnings,
  });
  return gateResult([withCoverage(comparison, scenario, { baseline, candidate })]);
}

/** From the mildest to the worst: the verdict over several scenarios is that of the worst. */
const SEVERITY: readonly GateVerdict[] = [
  'skipped',
  'pass',
  'nothing-compared',
  'inconclusive',
  'error',
  'fail',
];

/** Of all scenarios. */
export function gateResult(comparisons: readonly Comparison[]): GateResult {
  const worst = Math.max(0, ...comparisons.map(({ verdict }) => SEVERITY.indexOf(verdict)));
  return {
    schemaVersion: COMPARISON_SCHEMA_VERSION,
    verdict: SEVERITY[worst] ?? 'error',
    comparisons,
  };
}

/** A pass, or a verdict that the policy is lenient about, is 0. */
export function exitCodeOf(result: GateResult): ExitCode {
  const codes = result.comparisons.map(comparisonExitCode);
  return (
    ([EXIT.regression, EXIT.couldNotMeasure, EXIT.inconclusive] as const).find((code) =>
      codes.includes(code),
    ) ?? EXIT.pass
  );
}

function comparisonExitCode({ verdict, policy }: Comparison): ExitCode {
  if (verdict === 'fail') return EXIT.regression;
  if (verdict === 'error') return EXIT.couldNotMeasure;
  if (verdict === 'inconclusive' && policy.strict) return EXIT.inconclusive;
  if (verdict === 'nothing-compared' && policy.requireBaseline) return EXIT.inconclusive;
  return EXIT.pass;
}
