/** What every report has to say about the logs and metrics of a round. */
import type { Scenario } from '../config.ts';
import type { LogQuality, Warning } from '../measurement.ts';
import type { RoundResult } from './round.ts';

export function logWarnings(scenario: Scenario, { round }: Pick<RoundResult, 'round'>): readonly Warning[] {
  const sum = (pick: (logs: LogQuality) => number) =>
    round.instances.reduce((all, { quality }) => all + (quality.logs ? pick(quality.logs) : 0), 0);
  const withoutTrace = sum((logs) => logs.withoutTrace);
  const dropped = sum((logs) => logs.dropped);
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
  return warnings;
}

/** A metric that the configuration names and nobody reports: most often a name that is written otherwise. */
export function metricWarnings(
  scenario: Scenario,
  { round }: Pick<RoundResult, 'round'>,
): readonly Warning[] {
  const missing = (scenario.policy.metrics ?? []).filter(({ name }) => {
    const found = round.instances.map(({ namedMetrics }) => namedMetrics?.[name]);
    return (
      found.some((metric) => metric?.value === null) || found.every((metric) => !metric || metric.count === 0)
    );
  });
  if (missing.length === 0) return [];
  const names = missing.map(({ name, metric }) => (name === metric ? metric : `${name} (${metric})`));
  const several = missing.length > 1;
  return [
    {
      code: 'metric-missing',
      message: `${scenario.name}: ${several ? 'metrics' : 'a metric'} of the configuration did not arrive with the value asked for: ${names.join(', ')}. ${several ? 'Their rows stay' : 'Its row stays'} open. Is the name as OpenTelemetry has it, is it the kind of metric that has this value, and do its data points have the attributes?`,
    },
  ];
}
