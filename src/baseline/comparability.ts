/** Whether two measurements can be compared, and which of their rows decide. Pure. */
import type { Environment, Measurement, Warning, WorkloadSummary } from '../measurement.ts';
import { likenessOf } from './fingerprint.ts';

export interface Comparability {
  /**
   * `like`: counts and times decide. `unlike`: another machine or other versions, so times are advisory, counts
   * decide. `none`: another scenario or workload, nothing can be compared.
   */
  readonly time: 'like' | 'unlike' | 'none';
  readonly warnings: readonly Warning[];
}

export interface ComparabilityOptions {
  readonly now: Date;
  /** An older baseline is reported as old. */
  readonly maxAgeSeconds: number;
}

export function comparability(
  baseline: Measurement,
  candidate: Measurement,
  options: ComparabilityOptions,
): Comparability {
  const other =
    otherScenario(baseline, candidate) ??
    otherWorkload(baseline.workload, candidate.workload) ??
    otherSplit(baseline, candidate);
  if (other) return { time: 'none', warnings: [other] };
  const unlike = unlikeMachine(baseline.environment, candidate.environment);
  const warnings = [
    unlike,
    environmentNoted(baseline.environment, candidate.environment),
    oldBaseline(baseline, options),
    otherTool(baseline, candidate),
    dirtyBaseline(baseline),
    degradedBaseline(baseline),
  ];
  return { time: unlike ? 'unlike' : 'like', warnings: warnings.filter((warning) => warning !== null) };
}

function otherScenario(baseline: Measurement, candidate: Measurement): Warning | null {
  if (baseline.scenario === candidate.scenario) return null;
  return {
    code: 'other-scenario',
    message: `Nothing was compared: the baseline is of scenario ${baseline.scenario}, this measurement of ${candidate.scenario}. Give each scenario a baseline of its own ("baseline: { path: … }").`,
  };
}

function otherWorkload(baseline: WorkloadSummary, candidate: WorkloadSummary): Warning | null {
  if (baseline.hash === candidate.hash) return null;
  const differences = [
    difference('load model', baseline.model, candidate.model),
    difference('connections', baseline.connections, candidate.connections),
    difference('duration', `${baseline.durationSeconds} s`, `${candidate.durationSeconds} s`),
    difference('seed', baseline.seed, candidate.seed),
    difference('requests', requestsText(baseline), requestsText(candidate)),
  ].filter((text) => text !== null);
  const what = differences.length > 0 ? differences.join('; ') : 'the content of the requests differs';
  return {
    code: 'other-workload',
    message: `Nothing was compared: the baseline was measured with another workload (${what}). Record it anew with this one: spangate baseline record`,
  };
}

/** Whether services are split by the same attributes, so that spans of both go under the same names. */
export function areSplitAlike(
  left: Pick<Measurement, 'splitBy'>,
  right: Pick<Measurement, 'splitBy'>,
): boolean {
  return splitText(left) === splitText(right);
}

function otherSplit(baseline: Measurement, candidate: Measurement): Warning | null {
  if (areSplitAlike(baseline, candidate)) return null;
  return {
    code: 'other-split',
    message: `Nothing was compared: services of the baseline are split by ${splitText(baseline)}, those of this measurement by ${splitText(candidate)} ("telemetry: { split-by: … }"), so their rows have other names. Record it anew: spangate baseline record`,
  };
}

function splitText({ splitBy = [] }: Pick<Measurement, 'splitBy'>): string {
  return splitBy.length === 0 ? 'nothing' : splitBy.join(', ');
}

function requestsText({ requests }: WorkloadSummary): string {
  return requests
    .map(({ name, weight, writes }) => `${name} ×${weight}${writes ? ' (writes)' : ''}`)
    .join(', ');
}

/** What decides how fast the same code runs. A field that is not known on either side is no match. */
function unlikeMachine(baseline: Environment, candidate: Environment): Warning | null {
  const after = likenessOf(candidate);
  const differences = likenessOf(baseline)
    .map(([name, value], index) => mismatch(name, value, after[index]?.[1] ?? null))
    .filter((text) => text !== null);
  if (differences.length === 0) return null;
  return {
    code: 'unlike-machine',
    message: `Times are advisory, counts and errors decide: the baseline is from another machine or other versions (${differences.join('; ')}). Record a baseline on the machines that the gate runs on.`,
  };
}

/** Half a percent of memory comes and goes with the kernel's own needs. */
const SAME_MEMORY = 0.02;

/** Can matter, and changes too often on hosted runners to decide. */
function environmentNoted(baseline: Environment, candidate: Environment): Warning | null {
  const isMemoryAlike =
    Math.abs(baseline.memoryBytes - candidate.memoryBytes) <= SAME_MEMORY * baseline.memoryBytes;
  const differences = [
    difference('kernel', baseline.kernel, candidate.kernel),
    difference('platform', baseline.platform, candidate.platform),
    difference('image', baseline.image ?? 'none', candidate.image ?? 'none'),
    difference('CI', baseline.ci ?? 'none', candidate.ci ?? 'none'),
    isMemoryAlike
      ? null
      : difference('memory', gibibytes(baseline.memoryBytes), gibibytes(candidate.memoryBytes)),
    difference('Node', baseline.serviceRuntime, candidate.serviceRuntime),
    difference('OpenTelemetry', baseline.openTelemetry, candidate.openTelemetry),
  ].filter((text) => text !== null);
  if (differences.length === 0) return null;
  return {
    code: 'environment-differs',
    message: `The baseline was measured in a slightly different environment (${differences.join('; ')}).`,
  };
}

function oldBaseline(baseline: Measurement, { now, maxAgeSeconds }: ComparabilityOptions): Warning | null {
  const ageSeconds = (now.getTime() - Date.parse(baseline.createdAt)) / 1000;
  if (!(ageSeconds > maxAgeSeconds)) return null;
  const days = Math.floor(ageSeconds / 86_400);
  const age = days >= 1 ? `${days} days` : `${Math.floor(ageSeconds / 3600)} hours`;
  return {
    code: 'old-baseline',
    message: `The baseline is ${age} old (${baseline.createdAt.slice(0, 10)}): what was merged since then is compared as well. Record it on every push to the main branch.`,
  };
}

function otherTool(baseline: Measurement, candidate: Measurement): Warning | null {
  if (baseline.tool === candidate.tool) return null;
  return {
    code: 'other-tool-version',
    message: `The baseline was recorded by ${baseline.tool}, this is ${candidate.tool}; what they measure can differ.`,
  };
}

function dirtyBaseline({ commit }: Measurement): Warning | null {
  if (!commit?.dirty) return null;
  return {
    code: 'dirty-baseline',
    message: `The baseline was recorded with changes that were not committed, on top of ${commit.sha.slice(0, 10)}.`,
  };
}

function degradedBaseline({ status }: Measurement): Warning | null {
  if (status === 'complete') return null;
  return {
    code: 'degraded-baseline',
    message: `The baseline was recorded by force although its run was ${status}; what it misses cannot be compared.`,
  };
}

type Known = string | number;

function difference(name: string, baseline: Known | null, candidate: Known | null): string | null {
  if (baseline === null || candidate === null || baseline === candidate) return null;
  return `${name} ${baseline} there, ${candidate} here`;
}

function mismatch(name: string, baseline: Known | null, candidate: Known | null): string | null {
  if (baseline !== null && baseline === candidate) return null;
  return `${name} ${baseline ?? 'unknown'} there, ${candidate ?? 'unknown'} here`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
