/** What a configuration lets pass of the metrics that an earlier one named. */
import type { Level, MetricDefinition, Policy } from '../config.ts';
import type { Loosening } from './loosening.ts';

const LEVELS: readonly Level[] = ['off', 'warn', 'fail'];

export function metricsLoosened(base: Policy, head: Policy): readonly Loosening[] {
  return (base.metrics ?? []).flatMap((before) => {
    const after = head.metrics?.find(({ name }) => name === before.name);
    if (after === undefined)
      return [loosening('metric-removed', `metrics.${before.name}`, before.name, null)];
    if (!isSameFigure(before, after))
      return [loosening('metric-changed', `metrics.${before.name}`, before.name, after.name)];
    return limitLoosened(before, after);
  });
}

/** Another figure under the same name has another limit, whatever the limit says. */
function isSameFigure(before: MetricDefinition, after: MetricDefinition): boolean {
  const figureOf = ({ metric, service, attributes, value }: MetricDefinition) =>
    JSON.stringify([metric, service, value, Object.entries(attributes).sort()]);
  return figureOf(before) === figureOf(after);
}

function limitLoosened(
  { name, limit: before }: MetricDefinition,
  { limit: after }: MetricDefinition,
): Loosening[] {
  const what = `metrics.${name}`;
  if (LEVELS.indexOf(after.level) < LEVELS.indexOf(before.level))
    return [loosening('limit-changed', `${what}.level`, before.level, after.level)];
  if (before.level === 'off') return [];
  const parts = [
    ...(before.level === 'fail' ? (['fail'] as const) : []),
    ...(['warn', 'atLeast'] as const),
  ].filter((part) => after[part] > before[part]);
  return parts.map((part) =>
    loosening(
      'limit-changed',
      `${what}.limit.${part === 'atLeast' ? 'at-least' : part}`,
      before[part],
      after[part],
    ),
  );
}

function loosening(
  cause: Loosening['cause'],
  what: string,
  ...[from, to]: readonly [Loosening['from'], Loosening['to']]
): Loosening {
  return { cause, what, from, to, rows: null, line: null, baseLine: null };
}
