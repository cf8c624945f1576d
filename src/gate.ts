/**
 * The story: measure, fetch the baseline, compare, measure again what looks worse, judge. The doors (`cli.ts`) print
 * what comes back; nothing here writes to a stream.
 */
import { comparability } from './baseline/comparability.ts';
import { readBaseline, writeBaseline } from './baseline/file-store.ts';
import { recordable } from './baseline/recordable.ts';
import { compare, needsConfirmation } from './compare/compare.ts';
import type { Comparison, GateResult, GateVerdict } from './compare/comparison.ts';
import { COMPARISON_SCHEMA_VERSION } from './compare/comparison.ts';
import type { Config, Scenario } from './config.ts';
import { EXIT, type ExitCode, UserError } from './errors.ts';
import type { Measurement, Warning } from './measurement.ts';

/** What a measurement is for. */
export type MeasuringPurpose = 'candidate' | 'confirmation' | 'baseline';

export interface GateWorld {
  /** Measures a scenario with fresh instances; `setUp` is false where its services were set up before. */
  measure(
    scenario: Scenario,
    options: { readonly setUp: boolean; readonly purpose: MeasuringPurpose },
  ): Promise<Measurement>;
  readonly now: () => Date;
  readonly seed: number;
  readonly tool: string;
}

/** @throws UserError when a scenario cannot be measured or its baseline cannot be read */
export async function gate(config: Config, world: GateWorld): Promise<GateResult> {
  const comparisons: Comparison[] = [];
  for (const scenario of config.scenarios) comparisons.push(await gateScenario(scenario, world));
  return gateResult(comparisons);
}

async function gateScenario(scenario: Scenario, world: GateWorld): Promise<Comparison> {
  // Read first: a broken baseline should not cost two minutes of measuring.
  const baseline = await storedBaseline(scenario);
  const candidate = await world.measure(scenario, { setUp: true, purpose: 'candidate' });
  const first = judge({ scenario, baseline, candidate, world });
  const broken = brokenBy(candidate);
  if (first.verdict === 'nothing-compared' && broken) {
    const others = first.warnings.filter((warning) => warning !== broken);
    return { ...first, verdict: 'error', warnings: [broken, ...others] };
  }
  if (!needsConfirmation(first)) return first;
  const confirmation = await world.measure(scenario, {
    setUp: false,
    purpose: 'confirmation',
  });
  return judge({ scenario, baseline, candidate, confirmation, world });
}

/**
 * Against a baseline, a service that answers 500 to everything is a regression. Without one there is nothing that it
 * could be worse than, and what was measured is no state to begin from.
 */
function brokenBy({ warnings }: Measurement): Warning | undefined {
  return warnings.find(({ code }) => code === 'unexpected-answers');
}

/** Null where none was recorded yet: the one fault of a baseline that is a state of its own, not an error. */
async function storedBaseline(scenario: Scenario): Promise<Measurement | null> {
  try {
    return await readBaseline(scenario.baseline);
  } catch (error) {
    if (error instanceof UserError && error.code === 'baseline-absent') return null;
    throw error;
  }
}

function judge(parts: {
  readonly scenario: Scenario;
  readonly baseline: Measurement | null;
  readonly candidate: Measurement;
  readonly confirmation?: Measurement;
  readonly world: GateWorld;
}): Comparison {
  const { scenario, baseline, candidate, confirmation, world } = parts;
  const now = world.now();
  const like = baseline
    ? comparability(baseline, candidate, { now, maxAgeSeconds: scenario.baseline.maxAgeSeconds })
    : { time: 'none' as const, warnings: [] };
  return compare({
    baseline,
    candidate,
    ...(confirmation && { confirmation }),
    policy: scenario.policy,
    seed: world.seed,
    createdAt: now.toISOString(),
    tool: world.tool,
    comparability: like.time,
    warnings: like.warnings,
  });
}

/** Measures every scenario and stores the result as its baseline. @throws UserError also for a degraded run */
export async function recordBaselines(
  config: Config,
  world: GateWorld,
  options: { readonly force: boolean },
): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = [];
  for (const scenario of config.scenarios) {
    const measurement = await world.measure(scenario, { setUp: true, purpose: 'baseline' });
    recordable(measurement, options);
    await writeBaseline(scenario.baseline, measurement);
    measurements.push(measurement);
  }
  return measurements;
}

/** Compares two measurements that are there already; without fresh rounds nothing can be confirmed. */
export function compareMeasurements(
  baseline: Measurement,
  candidate: Measurement,
  context: { readonly scenario: Pick<Scenario, 'policy'>; readonly world: Omit<GateWorld, 'measure'> },
): GateResult {
  const { world, scenario } = context;
  const now = world.now();
  const like = comparability(baseline, candidate, { now, maxAgeSeconds: Number.POSITIVE_INFINITY });
  return gateResult([
    compare({
      baseline,
      candidate,
      policy: scenario.policy,
      seed: world.seed,
      createdAt: now.toISOString(),
      tool: world.tool,
      comparability: like.time,
      warnings: like.warnings,
    }),
  ]);
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
