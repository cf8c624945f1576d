/** Sums up the metrics of a recording over a stretch of time. */
import type { MetricRecord } from '../measurement.ts';
import type { MetricPoint } from './metric-point.ts';

/**
 * One record for each service, name and set of attributes, over all its processes. Increases of an interval that lies
 * partly in the window count by the part that does.
 *
 * @param window seconds since 1970
 */
export function metricRecords(
  points: readonly MetricPoint[],
  window: { readonly from: number; readonly to: number },
): readonly MetricRecord[] {
  const series = new Map<string, MetricPoint[]>();
  for (const point of points) {
    if (!(point.to > window.from && point.from < window.to)) continue;
    const key = JSON.stringify([point.service, point.name, point.kind, point.attributes ?? {}]);
    const known = series.get(key);
    if (known === undefined) series.set(key, [point]);
    else known.push(point);
  }
  return [...series.values()].flatMap((members) => recordOf(members, window));
}

function recordOf(
  points: readonly MetricPoint[],
  window: { readonly from: number; readonly to: number },
): readonly MetricRecord[] {
  const first = points[0];
  if (first === undefined) return [];
  const { service, name, unit, kind, attributes } = first;
  const base = { service, name, unit, kind, ...(attributes && { attributes }) };
  const max = Math.max(...points.map((point) => point.max ?? (kind === 'gauge' ? point.value : Number.NaN)));
  const shown = Number.isFinite(max) ? { max } : {};
  if (kind === 'sum')
    return [{ ...base, value: total(points, (point) => point.value * share(point, window)) }];
  if (kind === 'gauge')
    return [{ ...base, value: total(points, (point) => point.value) / points.length, ...shown }];
  const count = total(points, (point) => point.count ?? 0);
  return count === 0
    ? []
    : [{ ...base, value: total(points, (point) => point.value) / count, count, ...shown }];
}

/** Which part of the point's interval lies in the window. */
function share(point: MetricPoint, window: { readonly from: number; readonly to: number }): number {
  const length = point.to - point.from;
  if (length <= 0) return 1;
  return (Math.min(point.to, window.to) - Math.max(point.from, window.from)) / length;
}

function total(points: readonly MetricPoint[], read: (point: MetricPoint) => number): number {
  return points.reduce((sum, point) => sum + read(point), 0);
}
