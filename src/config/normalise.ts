/** From what a user wrote to what the program reads: one complete scenario after another. */
import { resolve } from 'node:path';
import type { BaselineStore, Policy, Scenario } from '../config.ts';
import type { DataPath } from '../schema.ts';
import { normaliseCoverage } from './coverage-section.ts';
import {
  DEFAULT_BASELINE_PATH,
  DEFAULT_BASELINE_REF,
  DEFAULT_HISTORY,
  DEFAULT_MAX_AGE,
  DEFAULT_REMOTE,
  DEFAULT_SCENARIO_BASELINE_PATH,
} from './defaults.ts';
import { type Findings, firstUse, type Report } from './findings.ts';
import type { ConfigFile, ScenarioSection } from './grammar/config-file.ts';
import { normalisePolicy } from './limits.ts';
import { normaliseLoad } from './load-section.ts';
import { normaliseLogs } from './logs-section.ts';
import { normaliseMetrics } from './metrics-section.ts';
import { normaliseReceivers } from './receivers-section.ts';
import { normaliseRenames } from './renames-section.ts';
import { normaliseRounds } from './rounds.ts';
import { type ScenarioSource, scenarioSources } from './scenarios.ts';
import { normaliseDependencies, normaliseServices, positive } from './services.ts';
import { checkResourceRules, normaliseSplit } from './split-section.ts';

export interface NormaliseContext {
  readonly findings: Findings;
  /** Folder of the configuration file. */
  readonly directory: string;
  readonly isDirectory: (path: string) => boolean;
  readonly lineOf: (path: DataPath) => number;
}

/**
 * Never throws: what cannot be is a finding, and gets some value all the same.
 *
 * @param file has been checked against the schema, and values that it refused have been taken out
 */
export function normaliseConfig(file: ConfigFile, context: NormaliseContext): readonly Scenario[] {
  const sources = scenarioSources(file);
  const everywhere = context.findings.report((path) => path);
  if (sources.length === 0) everywhere.mistake(['scenarios'], 'must have at least one entry', 'key');
  const baselines = new Map<string, DataPath>();
  return sources.map((source) => {
    const report = context.findings.report(source.locate);
    const baseline = normaliseBaseline(source, sources.length > 1, report, context.directory);
    const place = source.locate(['baseline', 'path']);
    const first = firstUse(baselines, baseline.path, ['scenarios', source.name]);
    if (first !== null) {
      const message = `is also the baseline of ${first}; write \`\${scenario}\` in it for the scenario's name`;
      everywhere.mistake(place, message);
    }
    return { ...normaliseScenario(source.section, report, context), name: source.name, baseline };
  });
}

function normaliseScenario(
  section: ScenarioSection,
  report: Report,
  context: NormaliseContext,
): Omit<Scenario, 'name' | 'baseline'> {
  const processes = { report, directory: context.directory, isDirectory: context.isDirectory };
  const services = normaliseServices(section, processes);
  const load = normaliseLoad(section, processes);
  const split = normaliseSplit(section, report);
  const policy = withMetrics(normalisePolicy(section, { report, lineOf: context.lineOf }), section, report);
  checkResourceRules(policy, split.splitBy ?? [], report);
  const hasWrites = load.requests.some((request) => request.writes);
  return {
    services,
    dependencies: normaliseDependencies(section, hasWrites, processes),
    ...normaliseReceivers(section, report),
    ...split,
    load,
    rounds: normaliseRounds(section, report),
    policy,
    ...normaliseLogs(section, report),
    ...normaliseRenames(section, report),
    ...normaliseCoverage(section),
    ...(section.paths && { paths: section.paths.map((path) => resolve(context.directory, path)) }),
  };
}

function withMetrics(policy: Policy, section: ScenarioSection, report: Report): Policy {
  const metrics = normaliseMetrics(section, policy.limits.metric, report);
  return metrics.length === 0 ? policy : { ...policy, metrics };
}

function normaliseBaseline(
  { name, section }: ScenarioSource,
  several: boolean,
  report: Report,
  directory: string,
): BaselineStore {
  const baseline = section.baseline ?? {};
  const onRef = baseline.store === 'git-ref';
  const misplaced = onRef ? (['path'] as const) : (['ref', 'remote'] as const);
  for (const key of misplaced) {
    if (baseline[key] === undefined) continue;
    report.mistake(['baseline', key], `is for \`store: ${onRef ? 'file' : 'git-ref'}\``);
  }
  if (onRef && baseline.history === 0) {
    report.mistake(
      ['baseline', 'history'],
      'has to be 1 or more with `store: git-ref`, which keeps runs alone',
    );
  }
  const path = baseline.path ?? (several ? DEFAULT_SCENARIO_BASELINE_PATH : DEFAULT_BASELINE_PATH);
  return {
    kind: baseline.store ?? 'file',
    path: resolve(directory, path.replaceAll(`\${scenario}`, name)),
    maxAgeSeconds: positive(baseline['max-age'] ?? DEFAULT_MAX_AGE, ['baseline', 'max-age'], report),
    history: baseline.history ?? DEFAULT_HISTORY,
    ...(baseline.anchor !== undefined && { anchor: baseline.anchor }),
    ...(onRef && {
      gitRef: { ref: baseline.ref ?? DEFAULT_BASELINE_REF, remote: baseline.remote ?? DEFAULT_REMOTE },
    }),
  };
}
