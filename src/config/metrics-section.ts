/** The section `metrics`, complete with defaults. */
import type { Limit, MetricDefinition } from '../config.ts';
import type { Report } from './findings.ts';
import type { MetricSection, ScenarioSection } from './grammar/config-file.ts';
import { checkOrder, limitParts } from './limits.ts';
import { nearestWord } from './nearest-word.ts';
import { textMap } from './services.ts';

/** @param usual the limit of a metric that has none of its own */
export function normaliseMetrics(
  section: ScenarioSection,
  usual: Limit,
  report: Report,
): readonly MetricDefinition[] {
  const services = Object.keys(section.services ?? {});
  return Object.entries(section.metrics ?? {}).map(([name, entry]) => {
    const path = ['metrics', name];
    const metric: MetricSection = typeof entry === 'string' ? { limit: entry } : entry;
    const parts = metric.limit === undefined ? {} : limitParts(metric.limit, 'metric', usual);
    checkOrder(parts, usual, typeof entry === 'string' ? path : [...path, 'limit'], report);
    if (metric.service !== undefined) checkService(metric.service, services, [...path, 'service'], report);
    return {
      name,
      metric: metric.metric ?? name,
      service: metric.service ?? null,
      attributes: textMap(metric.attributes),
      value: metric.value ?? 'auto',
      limit: { ...usual, ...parts },
    };
  });
}

/** A service may be called otherwise by its own SDK, so that this is a doubt and no mistake. */
function checkService(
  service: string,
  services: readonly string[],
  path: readonly (string | number)[],
  report: Report,
): void {
  if (services.includes(service)) return;
  const nearest = nearestWord(service, services);
  const meant = nearest === null ? '' : `; did you mean "${nearest}"?`;
  report.doubt(path, 'unknown-metric-service', `there is no service \`${service}\` in this file${meant}`);
}
