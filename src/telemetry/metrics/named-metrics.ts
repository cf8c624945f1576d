/** The metrics that the configuration names: one number each for the measured stretch of an instance. */
import type { MetricDefinition, MetricValueOf } from '../../config.ts';
import type { NamedMetric } from '../../measurement.ts';
import type { MetricPoint } from '../metric-point.ts';
import { type Cell, cellQuantile, cellsOf } from './metric-buckets.ts';
import { largestExemplars } from './metric-exemplar.ts';

export interface NamedMetricsOptions {
  /** Seconds since 1970. */
  readonly window: { readonly from: number; readonly to: number };
  /** Requests that were answered in it. */
  readonly requests: number;
  /** Services that sent any metric: of those, a counter that sent nothing did not count. */
  readonly services: ReadonlySet<string>;
  /** Points of services that other instances of the round use as well; of `points`, where there is no other. */
  readonly shared?: readonly MetricPoint[];
  /** Whether the instance is the only one of its round, so that what is shared is its own. */
  readonly isAlone?: boolean;
  /** Data points, or requests of them, that were lost: nobody knows whose, so no metric has a value then. */
  readonly dropped: number;
}

export function namedMetrics(
  points: readonly MetricPoint[],
  definitions: readonly MetricDefinition[],
  options: NamedMetricsOptions,
): Readonly<Record<string, NamedMetric>> {
  return Object.fromEntries(
    definitions.map((definition) => {
      const found = points.filter((point) => isMeant(point, definition));
      const metric = namedMetric(found, definition, options);
      const shared = (options.shared ?? []).filter((point) => isMeant(point, definition));
      const isKnown = options.dropped === 0 && isOwn(shared, metric, options);
      return [definition.name, isKnown ? metric : { ...metric, value: null, count: 0 }];
    }),
  );
}

/**
 * What several instances share says nothing of one of them, and the same value for each would pass for as many
 * observations. Alone, a rate is known where what was sent reaches over the whole stretch: nobody starts or ends the
 * service with the round.
 */
function isOwn(
  shared: readonly MetricPoint[],
  { figure }: NamedMetric,
  { isAlone = false, window }: NamedMetricsOptions,
): boolean {
  if (shared.length === 0) return true;
  if (!isAlone) return false;
  if (figure !== 'per-request' && figure !== 'per-second') return true;
  const counted = shared.filter(({ kind }) => kind !== 'gauge');
  return counted.some(({ from }) => from <= window.from) && counted.some(({ to }) => to >= window.to);
}

/** Whether the point is one of those that the definition is about. */
export function isMeant(point: MetricPoint, { metric, service, attributes }: MetricDefinition): boolean {
  return (
    point.name === metric &&
    (service === null || point.service === service) &&
    Object.entries(attributes).every(([key, value]) => point.attributes?.[key] === value)
  );
}

/** A point, and the part of its interval that lies in the measured stretch. */
interface Weighted {
  readonly point: MetricPoint;
  readonly share: number;
}

function namedMetric(
  points: readonly MetricPoint[],
  { value: asked, service }: MetricDefinition,
  { window, requests, services }: NamedMetricsOptions,
): NamedMetric {
  const [first] = points;
  const unit = first?.unit ?? '';
  const figure = asked !== 'auto' ? asked : first ? usualOf(first.kind) : null;
  // Whether nothing is none is for who sees the other instances to say: a gauge that did not arrive is missing.
  const value = figure ?? 'per-request';
  const inside = points.flatMap((point): Weighted[] => {
    const share = shareOf(point, window);
    return share > 0 ? [{ point, share }] : [];
  });
  const isRate = value === 'per-request' || value === 'per-second';
  const isAlive = service === null ? services.size > 0 : services.has(service);
  if (isRate && inside.length === 0 && isAlive) return { value: 0, unit, count: 0, figure };
  const divisor = value === 'per-request' ? requests : window.to - window.from;
  const found = isRate ? rateOf(inside, divisor) : distributed(inside, value);
  const traces = largestExemplars(
    inside.flatMap(({ point }) => point.exemplars ?? []),
    window,
  );
  return {
    ...{ value: found, unit, count: found === null ? 0 : countOf(inside), figure },
    ...(traces.length > 0 && {
      exemplars: traces.map(({ value: recorded, traceId }) => ({ value: recorded, traceId })),
    }),
  };
}

function usualOf(kind: MetricPoint['kind']): Exclude<MetricValueOf, 'auto'> {
  return kind === 'sum' ? 'per-request' : 'mean';
}

/** A reading lies in the stretch or not; an increase is taken to be even over its interval. */
function shareOf({ from, to }: MetricPoint, window: NamedMetricsOptions['window']): number {
  const length = to - from;
  if (length <= 0) return to >= window.from && to <= window.to ? 1 : 0;
  return Math.max(0, Math.min(to, window.to) - Math.max(from, window.from)) / length;
}

/** What a counter grew by, or how much a histogram recorded, by `divisor`; a gauge grows by nothing. */
function rateOf(weighted: readonly Weighted[], divisor: number): number | null {
  const counted = weighted.filter(({ point }) => point.kind !== 'gauge');
  if (counted.length === 0 || !(divisor > 0)) return null;
  const increase = sumOf(counted, ({ kind, value, count = 0 }) => (kind === 'histogram' ? count : value));
  return increase / divisor;
}

const QUANTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

/** Of gauges what they read, of histograms what they recorded; a counter has no values of its own. */
function distributed(
  weighted: readonly Weighted[],
  value: Exclude<MetricValueOf, 'auto' | 'per-request' | 'per-second'>,
): number | null {
  const gauges = weighted.filter(({ point }) => point.kind === 'gauge');
  const histograms = weighted.filter(({ point }) => point.kind === 'histogram');
  const [first] = histograms.length > 0 ? histograms : gauges;
  if (first === undefined) return null;
  const isHistogram = first.point.kind === 'histogram';
  if (value === 'mean') return isHistogram ? meanRecorded(histograms) : meanRead(gauges);
  const cells = isHistogram
    ? histograms.flatMap(cellsOfPoint)
    : gauges.map(({ point }): Cell => ({ lower: point.value, upper: point.value, count: 1 }));
  if (value !== 'max') return cellQuantile(cells, QUANTILES[value]);
  const known = isHistogram ? histograms.flatMap(({ point }) => point.max ?? []) : [];
  const largest = [
    ...known,
    ...(known.length === histograms.length && isHistogram ? [] : cells.map(({ upper }) => upper)),
  ];
  return largest.length === 0 ? null : largest.reduce((most, each) => Math.max(most, each));
}

function cellsOfPoint({ point, share }: Weighted): readonly Cell[] {
  if (!point.buckets) return [];
  return cellsOf(point.buckets, point).map((cell) => ({ ...cell, count: cell.count * share }));
}

function meanRecorded(histograms: readonly Weighted[]): number | null {
  if (histograms.some(({ point }) => point.isWithoutSum)) return null;
  const count = sumOf(histograms, (point) => point.count ?? 0);
  return count > 0 ? sumOf(histograms, ({ value }) => value) / count : null;
}

function meanRead(gauges: readonly Weighted[]): number {
  return sumOf(gauges, ({ value }) => value) / gauges.length;
}

function countOf(weighted: readonly Weighted[]): number {
  return Math.round(
    weighted.reduce(
      (sum, { point, share }) => sum + (point.kind === 'histogram' ? (point.count ?? 0) * share : 1),
      0,
    ),
  );
}

function sumOf(weighted: readonly Weighted[], read: (point: MetricPoint) => number): number {
  return weighted.reduce((sum, { point, share }) => sum + read(point) * share, 0);
}
