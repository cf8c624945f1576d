/** Rows of the metrics that the policy names, whether they arrived or not. */
import type { Policy } from '../config.ts';
import type { NamedMetric } from '../measurement.ts';
import { type Judgement, judgement, type Pair } from './judgement.ts';
import { type PlacedInstance, type Series, type Source, seriesOf } from './series.ts';
import { strictestMetricLimit } from './stricter-policy.ts';

export function metricPairs(
  before: readonly PlacedInstance[],
  after: readonly PlacedInstance[],
  policy: Policy,
): readonly Pair[] {
  return (policy.metrics ?? []).map(({ name, service }): Pair => {
    const source = { operation: null, spanId: null, quantity: 'metric', metric: { name } } as const;
    const isRate = ![...before, ...after].some(({ instance }) => isOfValues(instance.namedMetrics?.[name]));
    const baseline = wholeSeries(before, { source, isRate });
    const candidate = wholeSeries(after, { source, isRate });
    const limit = strictestMetricLimit(policy, name);
    const offset = offsetOf([...baseline, ...candidate], limit.atLeast);
    return {
      ...{ operation: null, spanId: null, span: null, quantity: 'metric', limit, baseline, candidate },
      id: `- | metric:${name} | metric`,
      metric: { name, unit: unitIn([...after, ...before], name) },
      ...(service !== null && { service }),
      ...(offset > 0 && { offset }),
    };
  });
}

/** Whether it is a figure of values, such as a mean, and not of how often something was counted. */
function isOfValues(metric: NamedMetric | undefined): boolean {
  const figure = metric?.figure ?? null;
  return figure !== null && figure !== 'per-request' && figure !== 'per-second';
}

/**
 * Empty where an instance lacks its value: what is missing is not missing at random. A counter that was not sent
 * did not count, if the same build sent it elsewhere; where no instance did, it may as well be gone.
 */
function wholeSeries(
  instances: readonly PlacedInstance[],
  { source, isRate }: { readonly source: Source; readonly isRate: boolean },
): Series {
  const series = seriesOf(instances, source);
  const arrived = series.filter(({ count }) => count > 0);
  const known = isRate && arrived.length > 0 ? series : arrived;
  return known.length === instances.length ? known : [];
}

/**
 * Zero has no logarithm. What is added is what does not matter to the user, or half of the smallest value there is.
 * Where no value is zero, nothing is.
 */
function offsetOf(series: Series, atLeast: number): number {
  const values = series.map(({ value }) => value);
  if (!values.includes(0)) return 0;
  const smallest = Math.min(...values.filter((value) => value > 0));
  if (atLeast > 0) return atLeast;
  return Number.isFinite(smallest) ? smallest / 2 : 1;
}

function unitIn(instances: readonly PlacedInstance[], name: string): string {
  for (const { instance } of instances) {
    const unit = instance.namedMetrics?.[name]?.unit;
    if (unit) return unit;
  }
  return '';
}

/**
 * Metrics of which no side, or one side only, has values: nobody can compare them. Never a pass, unless the baseline
 * was recorded before the configuration named the metric.
 */
export function judgeMissingMetrics(
  pairs: readonly Pair[],
  { isNamedBefore }: { readonly isNamedBefore: (metric: string) => boolean },
): ReadonlyMap<string, Judgement> {
  return new Map(
    pairs.flatMap((pair): [string, Judgement][] => {
      const { metric, baseline, candidate } = pair;
      if (metric === undefined) return [];
      const isSeen = [...baseline, ...candidate].some(({ count }) => count > 0);
      if (isSeen && baseline.length > 0 && candidate.length > 0) return [];
      const isNew = isSeen && candidate.length > 0 && !isNamedBefore(metric.name);
      return [
        [pair.id, isNew ? judgement('added', 'no-baseline') : judgement('inconclusive', 'metric-missing')],
      ];
    }),
  );
}
