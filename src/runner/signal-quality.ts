/** What every report has to say about the logs and metrics of a round. */
import type { MetricDefinition, Scenario } from '../config.ts';
import type { LogQuality, Warning } from '../measurement.ts';
import { isMeant } from '../telemetry/metrics/named-metrics.ts';
import type { RoundResult } from './round.ts';

export function logWarnings(scenario: Scenario, { round }: Pick<RoundResult, 'round'>): readonly Warning[] {
  const sum = (pick: (logs: LogQuality) => number) =>
    round.instances.reduce((all, { quality }) => all + (quality.logs ? pick(quality.logs) : 0), 0);
  const withoutTrace = sum((logs) => logs.withoutTrace);
  const dropped = sum((logs) => logs.dropped);
  const belowWarn = sum((logs) => logs.droppedBelowWarn ?? 0);
  const warnings: Warning[] = [];
  if (withoutTrace > 0) {
    warnings.push({
      code: 'logs-without-trace',
      message: `${scenario.name}: ${withoutTrace} WARN or ERROR log records of a round name no trace, so they count for no request. Let the logger write trace_id and span_id (docs/telemetry.md, "Logs"), or leave them be if they belong to none.`,
    });
  }
  if (dropped > 0) {
    warnings.push({
      code: 'logs-dropped',
      message: `${scenario.name}: ${dropped} log records or lines of a round could not be read, or were too many or too long, so there may be more WARN and ERROR records than were counted. Let the service log less while it is gated.`,
    });
  }
  if (belowWarn > 0) {
    warnings.push({
      code: 'logs-cut',
      message: `${scenario.name}: ${belowWarn} log records below WARN of a round were left out since there were too many, or were cut since they were too long. WARN and ERROR records were counted all the same; lines in reports may be missing.`,
    });
  }
  return warnings;
}

/** A metric that the configuration names and nobody reports: most often a name that is written otherwise. */
export function metricWarnings(
  scenario: Scenario,
  { round, recordings }: Pick<RoundResult, 'round' | 'recordings'>,
): readonly Warning[] {
  const shared = recordings.length === 1 ? [] : (recordings[0]?.sharedMetrics ?? []);
  const named = scenario.policy.metrics ?? [];
  const ofAll = named.filter((definition) => shared.some((point) => isMeant(point, definition)));
  const missing = named.filter((definition) => {
    if (ofAll.includes(definition)) return false;
    const { name } = definition;
    const found = round.instances.map(({ namedMetrics }) => namedMetrics?.[name]);
    const isNothing = found.every((metric) => !metric || metric.count === 0);
    return isNothing || found.some((metric) => metric?.value === null);
  });
  const names = missing.map(metricText);
  const dropped = recordings.reduce((sum, recording) => sum + recording.droppedPoints, 0);
  return [
    ...(missing.length === 0 ? [] : [metricMissing(scenario, names)]),
    ...(ofAll.length === 0 ? [] : [metricShared(scenario, ofAll.map(metricText))]),
    ...(dropped === 0 ? [] : [metricsDropped(scenario, dropped)]),
  ];
}

function metricText({ name, metric }: MetricDefinition): string {
  return name === metric ? metric : `${name} (${metric})`;
}

function metricShared(scenario: Scenario, names: readonly string[]): Warning {
  return {
    code: 'metric-shared',
    message: `${scenario.name}: ${names.join(', ')} came from a service that all instances of a round share, so nobody knows for which of them it counted, and its row stays open. It has a value where a round has one instance ("rounds: { instances: 1 }") of one build.`,
  };
}

function metricMissing(scenario: Scenario, names: readonly string[]): Warning {
  return {
    code: 'metric-missing',
    message: `${scenario.name}: named metrics that did not arrive, did not have the value asked for or, counters, never counted: ${names.join(', ')}. Where no build has one, its row stays open. Is the name as OpenTelemetry has it, is it the kind of metric that has this value, and do its data points have the attributes?`,
  };
}

function metricsDropped(scenario: Scenario, dropped: number): Warning {
  return {
    code: 'metrics-dropped',
    message: `${scenario.name}: ${dropped} requests or data points of metrics in a round could not be read, or were too many, so named metrics have no value there, and their rows stay open. Has a metric an attribute with ids in it?`,
  };
}
